using System.Globalization;
using System.Text.RegularExpressions;

namespace Stepper.StepRunner.Gates.Compatibility;

/// <summary>A version of anything, ordered number by number: <c>1.16</c>, <c>v3.30.3</c>, <c>2.14.1-debian</c>. Numbers that are left out are 0.</summary>
internal sealed partial record DottedVersion(IReadOnlyList<int> Numbers) : IComparable<DottedVersion>
{
    /// <summary>Reads a version or the beginning of one, as the file has it: <c>1.16</c>, <c>1</c>.</summary>
    public static bool TryParse(string text, out DottedVersion version) => TryRead(Plain().Match(text), out version);

    /// <summary>
    /// Reads what a program or an image's tag says. A word after the numbers (<c>-debian</c>, <c>+build.3</c>) is another build of the same, but a pre-release
    /// is not the release; a number alone may be a date, and anything else is no version.
    /// </summary>
    public static DottedVersion? OfTag(string tag) => TryRead(Tag().Match(tag), out var version) ? version : null;

    /// <summary>The release that a pre-release goes before: <c>2.2.0</c> of <c>2.2.0-rc.1</c>. Null for all else.</summary>
    public static DottedVersion? OfPreRelease(string tag) => TryRead(PreRelease().Match(tag), out var version) ? version : null;

    public int CompareTo(DottedVersion? other)
    {
        for (var index = 0; index < Math.Max(Numbers.Count, other?.Numbers.Count ?? 0); index++)
        {
            if (At(Numbers, index).CompareTo(At(other?.Numbers ?? [], index)) is not 0 and var order)
            {
                return order;
            }
        }

        return 0;
    }

    public static bool operator <(DottedVersion left, DottedVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(DottedVersion left, DottedVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(DottedVersion left, DottedVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(DottedVersion left, DottedVersion right) => left.CompareTo(right) >= 0;

    /// <summary>Whether it is a later version of the same line: <c>1.16.3</c> of <c>1.16</c>.</summary>
    public bool IsOfLine(DottedVersion line) => line.Numbers.Select((number, index) => At(Numbers, index) == number).All(same => same);

    public bool Equals(DottedVersion? other) => other is not null && CompareTo(other) == 0;

    public override int GetHashCode() => Numbers.Where(number => number != 0).Aggregate(17, HashCode.Combine);

    public override string ToString() => string.Join('.', Numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)));

    private static int At(IReadOnlyList<int> numbers, int index) => index < numbers.Count ? numbers[index] : 0;

    private static bool TryRead(Match match, out DottedVersion version)
    {
        version = new DottedVersion(match.Success
            ? [.. match.Groups["numbers"].Value.Split('.').Select(number => int.Parse(number, NumberStyles.None, CultureInfo.InvariantCulture))]
            : []);
        return match.Success;
    }

    private const string PreReleaseWord = @"(alpha|beta|rc|pre|preview|dev|nightly|snapshot|next|canary)([^a-z]|\z)";

    [GeneratedRegex(@"\A(?<numbers>[0-9]{1,6}(\.[0-9]{1,6}){0,3})\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Plain();

    [GeneratedRegex(@"\Av?(?<numbers>[0-9]{1,6}(\.[0-9]{1,6}){1,3})([-+_~](?!" + PreReleaseWord + @")[A-Za-z0-9._+~-]+)?\z", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Tag();

    [GeneratedRegex(@"\Av?(?<numbers>[0-9]{1,6}(\.[0-9]{1,6}){1,3})[-+_~]" + PreReleaseWord, RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PreRelease();
}
