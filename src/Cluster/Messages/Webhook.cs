using System.Text;
using System.Text.Json.Nodes;

namespace Stepper.Cluster.Messages;

/// <summary>An address that takes JSON. It may hold a token, and so may what answers: neither is in an error.</summary>
public sealed class Webhook(HttpClient http, Uri address, Wait wait)
{
    private static readonly TimeSpan OneTry = TimeSpan.FromSeconds(10);

    private readonly TimedHttp _http = new(http, wait);

    /// <exception cref="SourceException">It was not taken.</exception>
    public async Task PostAsync(JsonObject message, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Content = new StringContent(message.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        var answer = await _http.SendAsync(request, $"webhook ({address.Host})", OneTry, ct);
        if (!answer.IsGood)
        {
            throw new SourceException($"{answer.Shown} answered {(int)answer.Code}");
        }
    }
}
