using System.Text;
using System.Text.Json.Nodes;

namespace Stepper.Cluster.Messages;

/// <summary>A Slack incoming webhook, or one that speaks as Slack's do. Its address is a secret, and is in no error.</summary>
public sealed class Slack(HttpClient http, Uri webhook, Wait wait)
{
    /// <summary>Slack cuts off what is over 40,000 characters, its escapes among them.</summary>
    internal const int MostCharacters = 39_000;

    private readonly Delivery _delivery = new(http, webhook, "Slack", wait);

    /// <exception cref="SourceException">It was not sent.</exception>
    public Task SayAsync(string text, CancellationToken ct) => PostAsync(new JsonObject { ["text"] = Escaped(text) }, ct);

    /// <param name="from">Who speaks: in the text, which stands for the blocks where those are not shown.</param>
    /// <exception cref="SourceException">It was not sent.</exception>
    public Task SendAsync(string from, Letter letter, CancellationToken ct) =>
        PostAsync(new JsonObject { ["text"] = Escaped($"[{from}] {letter.Text}"), ["blocks"] = SlackBlocks.Of(letter) }, ct);

    private async Task PostAsync(JsonObject message, CancellationToken ct)
    {
        var answer = await _delivery.PostAsync(message, ct);
        if (!answer.IsGood || answer.IsPage)
        {
            throw new SourceException($"{answer.Shown} answered {(int)answer.Code}{Reason(answer)}");
        }
    }

    // Slack's own escapes: no text from the cluster may become a link, or call a whole channel.
    internal static string Escaped(string text)
    {
        var escaped = new StringBuilder(text.Length);
        var (at, step) = (0, 0);
        for (; at < text.Length && escaped.Length < MostCharacters; at += step)
        {
            step = char.IsSurrogatePair(text, at) ? 2 : 1;
            escaped.Append(text[at] switch { '&' => "&amp;", '<' => "&lt;", '>' => "&gt;", _ => text.AsSpan(at, step) });
        }

        return at == text.Length ? escaped.ToString() : escaped.Append($"… ({text.Length - at} more characters are in the log)").ToString();
    }

    // Slack says one word, such as no_service. Anything else may be a page that repeats the address.
    private static string Reason(HttpAnswer answer) => answer switch
    {
        { IsPage: true } => " with a page: that is not Slack",
        { Start: var word } when word.Length is > 0 and <= 40 && word.All(c => char.IsAsciiLetterLower(c) || c == '_') => $": {word}",
        { RetryAfter: { } after } => $": it asks to be left alone for {after.TotalSeconds:0} s",
        _ => "",
    };
}
