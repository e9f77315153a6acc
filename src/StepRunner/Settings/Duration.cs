using System.Globalization;
using System.Text.RegularExpressions;

namespace Stepper.StepRunner.Settings;

/// <summary>A length of time as people write it: <c>30m</c>, <c>24h</c>, <c>90s</c>, <c>1h30m</c>; and <c>0</c>.</summary>
internal static partial class Duration
{
    // No timer of .NET waits longer than 49 days.
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1000);

    public static bool TryParse(string text, out TimeSpan length)
    {
        length = TimeSpan.Zero;
        var match = Parts().Match(text);
        if (!match.Success || text.Length == 0)
        {
            return text == "0";
        }

        length = TimeSpan.FromHours(Number(match, "h")) + TimeSpan.FromMinutes(Number(match, "m")) + TimeSpan.FromSeconds(Number(match, "s"));
        return length <= Longest;
    }

    private static int Number(Match match, string unit) =>
        match.Groups[unit] is { Success: true } group ? int.Parse(group.Value, NumberStyles.None, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"\A((?<h>[0-9]{1,6})h)?((?<m>[0-9]{1,6})m)?((?<s>[0-9]{1,6})s)?\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Parts();
}
