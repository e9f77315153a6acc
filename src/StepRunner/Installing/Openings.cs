using System.Globalization;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Installing;

/// <summary>A time at which the window opens, by the window's own time zone.</summary>
/// <param name="IsFirst">The first of the day of those that there are.</param>
/// <param name="Schedule">As a CronJob has it.</param>
internal sealed record Opening(TimeOnly At, bool IsFirst, string Schedule);

/// <summary>When a run that has parked is to be taken up again: at each opening of the window.</summary>
internal static class Openings
{
    private static readonly DayOfWeek[] EachDay = Enum.GetValues<DayOfWeek>();

    /// <summary>One for each time of the day; empty where the window is always open.</summary>
    public static IReadOnlyList<Opening> Of(WindowSettings window)
    {
        // Frozen days end at midnight.
        var times = window.Open.Concat(window.Freeze.Count > 0 ? [new OpenTimes(EachDay, TimeOnly.MinValue, TimeOnly.MinValue)] : []);
        return [.. times.GroupBy(open => open.From, open => open.Days).OrderBy(there => there.Key).Select((there, index) => new Opening(there.Key, index == 0, Schedule(there.Key, there.SelectMany(days => days))))];
    }

    /// <summary>Whether the window is shut whenever detection runs, on Sundays at 12:00 UTC: then nothing would ever begin.</summary>
    public static bool NeverAtDetection(WindowSettings window) =>
        window.Open.Count > 0 && !new[] { (Month: 1, Day: 4), (Month: 7, Day: 5) }.Any(sunday => IsOpen(window, new DateTimeOffset(2026, sunday.Month, sunday.Day, 12, 0, 0, TimeSpan.Zero)));

    // In winter or in summer: clocks differ by an hour.
    private static bool IsOpen(WindowSettings window, DateTimeOffset time)
    {
        var local = TimeZoneInfo.ConvertTime(time, window.TimeZone).DateTime;
        return window.Open.Any(open => open.Covers(DateOnly.FromDateTime(local), TimeOnly.FromDateTime(local)));
    }

    private static string Schedule(TimeOnly at, IEnumerable<DayOfWeek> days)
    {
        var on = days.Distinct().Order().ToList();
        var week = on.Count == EachDay.Length ? "*" : string.Join(',', on.Select(day => ((int)day).ToString(CultureInfo.InvariantCulture)));
        return string.Create(CultureInfo.InvariantCulture, $"{at.Minute} {at.Hour} * * {week}");
    }
}
