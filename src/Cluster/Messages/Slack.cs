using System.Text;
using System.Text.Json.Nodes;

namespace Stepper.Cluster.Messages;

/// <summary>A Slack incoming webhook. Its address is a secret, and is in no error.</summary>
public sealed class Slack(HttpClient http, Uri webhook, Wait wait)
{
    private static readonly TimeSpan OneTry = TimeSpan.FromSeconds(10);

    private readonly TimedHttp _http = new(http, wait);

    /// <exception cref="SourceException">It was not sent.</exception>
    public async Task SayAsync(string text, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, webhook)
        {
            Content = new StringContent(new JsonObject { ["text"] = Escaped(text) }.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        var answer = await _http.SendAsync(request, $"Slack ({webhook.Host})", OneTry, ct);
        if (!answer.IsGood)
        {
            throw new SourceException($"{answer.Shown} answered {(int)answer.Code}{Reason(answer.Start)}");
        }
    }

    // Slack's own escapes: no text from the cluster may become a link, or call a whole channel.
    private static string Escaped(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    // Slack says one word, such as no_service. Anything else may be a page that repeats the address.
    private static string Reason(string answer) => answer.Length is > 0 and <= 40 && answer.All(c => char.IsAsciiLetterLower(c) || c == '_') ? $": {answer}" : "";
}
