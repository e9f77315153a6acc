using System.Globalization;
using System.Net;
using System.Text;
using Stepper.Cluster.Kubernetes;
using Stepper.Simulation;

namespace Stepper.Cluster.Tests.Kubernetes;

/// <summary>An API server whose answers are written down, one after the other, in virtual time. The last one is given for ever.</summary>
internal sealed class ScriptedApi : HttpMessageHandler
{
    public const string Busy = """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"too busy","reason":"TooManyRequests","code":429}""";

    private static readonly DateTimeOffset Start = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private readonly VirtualTime _time = new(Start);
    private readonly Queue<Func<CancellationToken, Task<HttpResponseMessage>>> _answers = new();
    private KubeApi? _api;

    /// <summary>Each request with the second at which it came: <c>12 GET /api/v1/nodes</c>.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>What was said to people, with the second.</summary>
    public List<string> Said { get; } = [];

    public KubeApi Api => _api ??= new KubeApi(
        new HttpClient(this, disposeHandler: false) { BaseAddress = new Uri("https://scripted/"), Timeout = Timeout.InfiniteTimeSpan }, new Wait(_time), line => Said.Add($"{Second} {line}"));

    private string Second => Math.Floor((_time.GetUtcNow() - Start).TotalSeconds).ToString(CultureInfo.InvariantCulture);

    public static string Refusal(int code, string reason, string name = "a", string kind = "configmaps") =>
        $$$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"no: {{{reason}}}","reason":"{{{reason}}}","details":{"name":"{{{name}}}","kind":"{{{kind}}}"},"code":{{{code}}}}""";

    public static string Map(string version, string data = "{}") =>
        $$$"""{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","uid":"u","resourceVersion":"{{{version}}}","creationTimestamp":"2026-11-22T12:00:00Z"},"data":{{{data}}}}""";

    public ScriptedApi Answers(int code, string body, string? retryAfter = null, int times = 1) => Then(
        _ =>
        {
            var response = new HttpResponseMessage((HttpStatusCode)code) { Content = new StringContent(body, Encoding.UTF8) };
            if (retryAfter is not null)
            {
                response.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
            }

            return Task.FromResult(response);
        },
        times);

    public ScriptedApi Refuses(int times = 1) => Then(_ => throw new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused"), times);

    public ScriptedApi NeverAnswers(int times = 1) => Then(
        async ct =>
        {
            await new Wait(_time).ForAsync(TimeSpan.FromDays(1), ct);
            throw new InvalidOperationException();
        },
        times);

    /// <summary>A watch that tells what is given, after one another, and then ends; where the last is null, it never says anything again.</summary>
    public ScriptedApi Streams(params string?[] chunks) =>
        Then(_ => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new ScriptedStream(chunks, new Wait(_time))) }), 1);

    public T Run<T>(Func<KubeApi, Task<T>> work) => _time.RunUntil(work(Api));

    /// <summary>How a call fails, in its own words; null when it does not.</summary>
    public string? Failure<T>(Func<KubeApi, Task<T>> work)
    {
        return _time.RunUntil(TryAsync());

        async Task<string?> TryAsync()
        {
            try
            {
                await work(Api);
                return null;
            }
            catch (SourceException e)
            {
                return e.Message;
            }
        }
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Asked.Add($"{Second} {request.Method} {request.RequestUri!.PathAndQuery}");
        return (_answers.Count > 1 ? _answers.Dequeue() : _answers.Peek())(cancellationToken);
    }

    private ScriptedApi Then(Func<CancellationToken, Task<HttpResponseMessage>> answer, int times)
    {
        for (var i = 0; i < times; i++)
        {
            _answers.Enqueue(answer);
        }

        return this;
    }

    private sealed class ScriptedStream(string?[] chunks, Wait wait) : MemoryStream
    {
        private int _next;
        private int _at;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_next == chunks.Length)
            {
                return 0;
            }

            if (chunks[_next] is not { } chunk)
            {
                await wait.ForAsync(TimeSpan.FromDays(1), cancellationToken);
                return 0;
            }

            var part = Math.Min(buffer.Length, chunk.Length - _at);
            Encoding.ASCII.GetBytes(chunk.AsSpan(_at, part), buffer.Span);
            _at += part;
            if (_at == chunk.Length)
            {
                (_next, _at) = (_next + 1, 0);
            }

            return part;
        }
    }
}
