using System.Security.Authentication;
using System.Text.RegularExpressions;

namespace Stepper.Cluster;

/// <summary>One request and its whole answer, under a time limit. For every service outside that is asked rarely and answers shortly.</summary>
/// <param name="http">Its own time-out must be infinite: limits are counted by the clock of <paramref name="wait"/>.</param>
public sealed partial class TimedHttp(HttpClient http, Wait wait)
{
    /// <summary>Far more than any real answer, so that a wrong server can't fill the memory.</summary>
    public const int MostBytes = 32 << 20;

    /// <summary>Any answer is given back, whatever its status.</summary>
    /// <param name="shown">How the request is named in an error: no secret may stand in it.</param>
    /// <param name="atMost">For all of it: one that drips is given up too.</param>
    /// <exception cref="SourceException">Nothing came back, not all of it, too much, or not in time.</exception>
    public async Task<HttpAnswer> SendAsync(HttpRequestMessage request, string shown, TimeSpan atMost, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(atMost, wait.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
            var body = await ReadAsync(response.Content, shown, both.Token);
            return new HttpAnswer(shown, response.StatusCode, response.Headers.Location, response.Content.Headers.LastModified, body)
            {
                Date = response.Headers.Date,
                RetryAfter = response.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - wait.Now : null,
            };
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new SourceException($"{shown}: no answer within {atMost.TotalSeconds:0} s", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException)
        {
            // A proxy's address, with its password, stands in some of these.
            throw new SourceException($"{shown}: {Login().Replace(e.GetBaseException().Message, "://")}{(IsOfCertificate(e.GetBaseException()) ? " (setting caFile names more authorities to believe)" : "")}", e);
        }
    }

    private static bool IsOfCertificate(Exception cause) => cause is AuthenticationException && cause.Message.Contains("certificate chain", StringComparison.Ordinal);

    private static async Task<byte[]> ReadAsync(HttpContent content, string shown, CancellationToken ct)
    {
        await using var stream = await content.ReadAsStreamAsync(ct);
        using var body = new MemoryStream();
        var part = new byte[16 << 10];
        while (await stream.ReadAsync(part, ct) is var length and > 0)
        {
            body.Write(part, 0, length);
            if (body.Length > MostBytes)
            {
                throw new SourceException($"{shown} answered with more than {MostBytes >> 20} MiB");
            }
        }

        return body.ToArray();
    }

    [GeneratedRegex("://[^/@ ]*@", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Login();
}
