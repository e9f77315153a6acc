using System.Globalization;

namespace Stepper.StepRunner.Settings;

/// <summary>When the chain may go on.</summary>
internal sealed record WindowSettings
{
    /// <summary>Empty: always.</summary>
    public IReadOnlyList<OpenTimes> Open { get; init; } = [];

    /// <summary>What the clock times and the dates of the window are in.</summary>
    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>Days on which it is shut all the same.</summary>
    public IReadOnlyList<FrozenDays> Freeze { get; init; } = [];
}

/// <summary>Times of the week: <c>Sat,Sun 02:00-06:00</c>, <c>Mon-Fri 22:00-04:00</c>, or <c>02:00-06:00</c> for each day.</summary>
/// <param name="Days">The days on which it opens.</param>
/// <param name="Until">On the next day where it is not after <paramref name="From"/>; the same time is a whole day.</param>
internal sealed record OpenTimes(IReadOnlyList<DayOfWeek> Days, TimeOnly From, TimeOnly Until)
{
    private static readonly string[] DayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

    /// <summary>Whether this moment, by the window's own clock, is in it.</summary>
    public bool Covers(DateOnly date, TimeOnly clock)
    {
        var (beganToday, beganYesterday) = (Days.Contains(date.DayOfWeek), Days.Contains(date.AddDays(-1).DayOfWeek));
        return From < Until
            ? beganToday && clock >= From && clock < Until
            : (beganToday && clock >= From) || (beganYesterday && clock < Until);
    }

    public static bool TryParse(string text, out OpenTimes times)
    {
        times = null!;
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        IReadOnlyList<DayOfWeek>? days = words.Length == 2 ? ReadDays(words[0]) : Enum.GetValues<DayOfWeek>();
        if (words.Length is not (1 or 2) || days is null || words[^1].Split('-') is not [var from, var until] || !Clock(from, out var start) || !Clock(until, out var end))
        {
            return false;
        }

        times = new OpenTimes(days, start, end);
        return true;
    }

    private static bool Clock(string text, out TimeOnly time) =>
        TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out time);

    // Mon,Wed-Fri; null when a word of it is no day.
    private static List<DayOfWeek>? ReadDays(string text)
    {
        SortedSet<DayOfWeek> days = [];
        foreach (var part in text.Split(','))
        {
            var ends = part.Split('-').Select(name => Array.FindIndex(DayNames, day => day.Equals(name, StringComparison.OrdinalIgnoreCase))).ToList();
            if (ends.Count > 2 || ends.Contains(-1))
            {
                return null;
            }

            // From Friday to Monday goes through Saturday and Sunday.
            var length = (ends[^1] - ends[0] + 7) % 7;
            days.UnionWith(Enumerable.Range(ends[0], length + 1).Select(day => (DayOfWeek)(day % 7)));
        }

        return [.. days];
    }
}

/// <summary>Dates, both ends included: <c>2026-12-20..2027-01-03</c>, or one day, <c>2026-12-24</c>.</summary>
internal sealed record FrozenDays(DateOnly First, DateOnly Last)
{
    public static bool TryParse(string text, out FrozenDays days)
    {
        days = null!;
        var ends = text.Split("..");
        if (ends.Length > 2 || !Day(ends[0], out var first) || !Day(ends[^1], out var last) || last < first)
        {
            return false;
        }

        days = new FrozenDays(first, last);
        return true;
    }

    private static bool Day(string text, out DateOnly day) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);
}
