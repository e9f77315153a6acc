using System.Text.Json.Nodes;

namespace Stepper.Cluster.Messages;

/// <summary>An address that takes JSON. It may hold a token, and so may what answers: neither is in an error.</summary>
public sealed class Webhook(HttpClient http, Uri address, Wait wait)
{
    private readonly Delivery _delivery = new(http, address, "webhook", wait);

    /// <exception cref="SourceException">It was not taken.</exception>
    public async Task PostAsync(JsonObject message, CancellationToken ct)
    {
        var answer = await _delivery.PostAsync(message, ct);
        if (!answer.IsGood)
        {
            throw new SourceException($"{answer.Shown} answered {(int)answer.Code}");
        }
    }
}
