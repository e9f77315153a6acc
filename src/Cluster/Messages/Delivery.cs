using System.Text;
using System.Text.Json.Nodes;

namespace Stepper.Cluster.Messages;

/// <summary>
/// Posts JSON to a receiver of messages, and again when that may help: a few times within half a minute. One whose answer is lost may so get a message twice,
/// which is better than not at all. The address may be a secret: only its host is shown.
/// </summary>
internal sealed class Delivery(HttpClient http, Uri address, string receiver, Wait wait)
{
    private const int Tries = 3;
    private static readonly TimeSpan OneTry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MostToWait = TimeSpan.FromSeconds(10);

    private readonly TimedHttp _http = new(http, wait);
    private readonly ServiceAddress _address = new(address);

    /// <returns>The last answer, good or not.</returns>
    /// <exception cref="SourceException">None came.</exception>
    public async Task<HttpAnswer> PostAsync(JsonObject message, CancellationToken ct)
    {
        for (var left = Tries - 1; ; left--)
        {
            var pause = BetweenTries;
            try
            {
                var answer = await OnceAsync(message, ct);
                pause = answer.RetryAfter is { } asked && asked > pause ? asked : pause;
                if (!answer.MayPass || left == 0 || pause > MostToWait)
                {
                    return answer;
                }
            }
            catch (SourceException) when (left > 0)
            {
                // Asked again below.
            }

            await wait.ForAsync(pause, ct);
        }
    }

    private async Task<HttpAnswer> OnceAsync(JsonObject message, CancellationToken ct)
    {
        using var request = _address.Request(HttpMethod.Post);
        request.Content = new StringContent(message.ToJsonString(), Encoding.UTF8, "application/json");
        return await _http.SendAsync(request, $"{receiver} ({_address.Host})", OneTry, ct);
    }
}
