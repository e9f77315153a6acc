using System.Text;
using System.Text.Json.Nodes;

namespace Stepper.Cluster.Messages;

/// <summary>Slack's form for a message with a title and parts. Slack refuses a block that is too long, and the whole message with it.</summary>
internal static class SlackBlocks
{
    /// <summary>Of a header's text.</summary>
    internal const int MostOfTitle = 150;

    /// <summary>Of a section's text.</summary>
    internal const int MostOfPart = 3000;

    // Room for what says how much is not shown.
    private const int Rest = 60;

    public static JsonArray Of(Letter letter) => new(
    [
        new JsonObject { ["type"] = "header", ["text"] = new JsonObject { ["type"] = "plain_text", ["text"] = Fitting(letter.Title, MostOfTitle) } },
        .. letter.Parts.Select(part => new JsonObject { ["type"] = "section", ["text"] = new JsonObject { ["type"] = "mrkdwn", ["text"] = Section(part) } }),
    ]);

    private static string Section(LetterPart part)
    {
        var text = new StringBuilder(part.Heading.Length == 0 ? "" : $"*{Slack.Escaped(part.Heading)}*\n");
        var mark = part.Lines.Count > 1 ? "• " : "";
        for (var index = 0; index < part.Lines.Count; index++)
        {
            var line = Slack.Escaped(part.Lines[index]);
            var room = MostOfPart - Rest - text.Length - mark.Length;
            if (line.Length > room)
            {
                return text.Append(mark).Append(Fitting(part.Lines[index], room)).Append("…\n(the rest is shown by: stepper report)").ToString();
            }

            text.Append(mark).Append(line).Append(index < part.Lines.Count - 1 ? "\n" : "");
        }

        return text.ToString();
    }

    // As much of a text's beginning as fits, escaped.
    private static string Fitting(string text, int room)
    {
        var escaped = Slack.Escaped(text);
        room = Math.Max(room, 0);
        while (escaped.Length > room)
        {
            var length = (int)((long)text.Length * room / escaped.Length);
            text = text[..(length > 0 && char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
            escaped = Slack.Escaped(text);
        }

        return escaped;
    }
}
