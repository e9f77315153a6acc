using System.Text.RegularExpressions;

namespace Stepper.Repository.Tests.Monitoring;

/// <summary>
/// Small wrongs in a rule, one at a time: a time or a threshold one step off, a severity that is another, a condition or a label's matcher left out.
/// </summary>
internal static partial class RuleMutants
{
    public static IEnumerable<(string What, string Text)> Of(AlertRule rule)
    {
        var lines = rule.Text.Split('\n');
        for (var at = 0; at < Array.IndexOf(lines, "    annotations:"); at++)
        {
            foreach (var line in Wrong(lines[at], StepOf(rule)).Distinct(StringComparer.Ordinal))
            {
                yield return ($"{lines[at].Trim()} as {line.Trim()}", string.Join('\n', [.. lines[..at], line, .. lines[(at + 1)..]]));
            }
        }
    }

    private static IEnumerable<string> Wrong(string line, int step)
    {
        if (line.TrimStart() is ['#', ..])
        {
            return [];
        }

        return
        [
            .. Minutes().Matches(line).SelectMany(match => new[] { -1, 1 }.Select(by => Replaced(line, match.Groups["number"], $"{Number(match) + by}"))),
            .. Threshold().Matches(line).SelectMany(match => (Number(match) < step ? [1] : new[] { -step, step }).Select(by => Replaced(line, match.Groups["number"], $"{Number(match) + by}"))),
            .. Severity().Matches(line).Select(match => Replaced(line, match.Groups["severity"], "none")),
            .. Condition().Matches(line).Select(_ => ""),
            .. Matcher().Matches(line).Select(match => Replaced(line, match, "")),
        ];
    }

    // What a rule's tests can tell apart, in seconds.
    private static int StepOf(AlertRule rule) => 60 * Number(Interval().Match(WorkTree.Read(rule.TestFile)));

    private static int Number(Match match) => int.Parse(match.Groups["number"].Value);

    private static string Replaced(string line, Capture part, string by) => line[..part.Index] + by + line[(part.Index + part.Length)..];

    [GeneratedRegex(@"(for: |\[)(?<number>\d+)m", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Minutes();

    [GeneratedRegex(@"(==|>|<) (?<number>\d+)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Threshold();

    [GeneratedRegex(@"severity: (?<severity>\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Severity();

    [GeneratedRegex(@"^ +(or|and|unless) ", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Condition();

    [GeneratedRegex(@"\w+=~?""[^""]*""(, )?", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Matcher();

    [GeneratedRegex(@"^evaluation_interval: (?<number>\d+)m$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Interval();
}
