using System.Net;
using System.Text;

namespace Stepper.Cluster.Tests;

/// <summary>A network with an answer written down for each address, and a note of what was asked. What is not written down is 404.</summary>
public sealed class CannedWeb : HttpMessageHandler
{
    private readonly Dictionary<string, Func<CancellationToken, Task<HttpResponseMessage>>> _answers = new(StringComparer.Ordinal);

    /// <summary>Method and address of each request, such as <c>GET http://prometheus/api/v1/alerts</c>.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>The body of the last request that had one.</summary>
    public string Body { get; private set; } = "";

    /// <summary>How the last request proved who asks; empty for not at all.</summary>
    public string Login { get; private set; } = "";

    public CannedWeb Answer(string request, string body, HttpStatusCode code = HttpStatusCode.OK, DateTimeOffset? lastModified = null) =>
        Answer(request, Encoding.UTF8.GetBytes(body), code, lastModified);

    public CannedWeb Answer(string request, byte[] body, HttpStatusCode code = HttpStatusCode.OK, DateTimeOffset? lastModified = null) =>
        On(request, () =>
        {
            var response = new HttpResponseMessage(code) { Content = new ByteArrayContent(body) };
            response.Content.Headers.LastModified = lastModified;
            return response;
        });

    public CannedWeb Redirect(string request, string to) => On(request, () =>
    {
        var response = new HttpResponseMessage(HttpStatusCode.Found) { Content = new ByteArrayContent([]) };
        response.Headers.Location = new Uri(to, UriKind.RelativeOrAbsolute);
        return response;
    });

    public CannedWeb Refuse(string request, string words = "Connection refused") => On(request, () => throw new HttpRequestException(words));

    /// <summary>Answers one after the other, and then the last again and again.</summary>
    public CannedWeb AnswerInTurn(string request, params IReadOnlyList<Func<HttpResponseMessage>> answers)
    {
        var next = 0;
        return On(request, () => answers[Math.Min(next++, answers.Count - 1)]());
    }

    public CannedWeb NeverAnswer(string request)
    {
        _answers[request] = async ct =>
        {
            var never = new TaskCompletionSource<HttpResponseMessage>();
            using var stop = ct.UnsafeRegister((_, token) => never.TrySetCanceled(token), null);
            return await never.Task;
        };
        return this;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var asked = $"{request.Method} {request.RequestUri!.AbsoluteUri}";
        Asked.Add(asked);
        Login = $"{request.Headers.Authorization}";
        if (request.Content is { } content)
        {
            Body = await content.ReadAsStringAsync(cancellationToken);
        }

        return _answers.TryGetValue(asked, out var answer)
            ? await answer(cancellationToken)
            : new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new StringContent("404 page not found\n") };
    }

    private CannedWeb On(string request, Func<HttpResponseMessage> respond)
    {
        _answers[request] = _ => Task.FromResult(respond());
        return this;
    }
}
