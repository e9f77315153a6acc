using System.Net;
using System.Text;

namespace Stepper.Cluster;

/// <summary>One request and its whole answer, under a time limit. For every service outside that is asked rarely and answers shortly.</summary>
/// <param name="http">Its own time-out must be infinite: limits are counted by the clock of <paramref name="wait"/>.</param>
public sealed class TimedHttp(HttpClient http, Wait wait)
{
    /// <summary>Any answer is given back, whatever its status.</summary>
    /// <param name="shown">How the request is named in an error: no secret may stand in it.</param>
    /// <exception cref="SourceException">Nothing came back, or not in time.</exception>
    public async Task<HttpAnswer> SendAsync(HttpRequestMessage request, string shown, TimeSpan atMost, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(atMost, wait.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            using var response = await http.SendAsync(request, both.Token);
            var body = await response.Content.ReadAsByteArrayAsync(both.Token);
            return new HttpAnswer(shown, response.StatusCode, response.Headers.Location, response.Content.Headers.LastModified, body);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new SourceException($"{shown}: no answer within {atMost.TotalSeconds:0} s", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new SourceException($"{shown}: {e.GetBaseException().Message}", e);
        }
    }
}

/// <param name="Shown">What was asked, for an error's text.</param>
/// <param name="Location">Where a redirect leads to.</param>
/// <param name="LastModified">Null where the answer does not say.</param>
public sealed record HttpAnswer(string Shown, HttpStatusCode Code, Uri? Location, DateTimeOffset? LastModified, byte[] Body)
{
    private const int StartLength = 200;

    public bool IsGood => (int)Code is >= 200 and < 300;

    /// <summary>The beginning of the answer on one line, as it is shown in an error.</summary>
    public string Start
    {
        get
        {
            var text = string.Join(' ', Encoding.UTF8.GetString(Body).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            return text.Length <= StartLength ? text : text[..StartLength] + "…";
        }
    }

    public SourceException Refused() => new($"{Shown} answered {(int)Code}: {Start}");

    public SourceException IsNo(string wanted, Exception? cause = null) => new($"{Shown} answered {(int)Code} with what is no {wanted}: {Start}", cause);
}
