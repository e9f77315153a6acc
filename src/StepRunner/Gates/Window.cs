using Stepper.Cluster;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Gates;

/// <summary>When the chain may touch nodes, by the operator's settings and by his time zone's clock, daylight saving included.</summary>
internal sealed class Window(WindowSettings settings, Wait wait)
{
    // A window that does not open in all that time opens never, whatever is frozen.
    private const int LooksAheadDays = 800;

    /// <summary>Null while it is open; else when it opens next. <see cref="DateTimeOffset.MaxValue"/> where it never does.</summary>
    public DateTimeOffset? ShutUntil => IsOpen(wait.Now) ? null : NextOpening(wait.Now);

    /// <summary>Why it is shut, as the end of a sentence.</summary>
    public string WhyShut(DateTimeOffset until)
    {
        var frozen = settings.Freeze.FirstOrDefault(days => Covers(days, DateOf(wait.Now)));
        var why = frozen is null ? "by setting window.open" : frozen.First == frozen.Last ? $"{frozen.First:yyyy-MM-dd} is frozen" : $"{frozen.First:yyyy-MM-dd} to {frozen.Last:yyyy-MM-dd} are frozen";
        return until == DateTimeOffset.MaxValue ? $"the window is shut and does not open again ({why})" : $"the window is shut until {until.UtcDateTime:yyyy-MM-dd HH:mm} UTC ({why})";
    }

    private bool IsOpen(DateTimeOffset time)
    {
        var (date, clock) = (DateOf(time), TimeOnly.FromDateTime(Local(time)));
        return !settings.Freeze.Any(days => Covers(days, date)) && (settings.Open.Count == 0 || settings.Open.Any(open => open.Covers(date, clock)));
    }

    // It opens where a time of the week begins or where frozen days end: at midnight.
    private DateTimeOffset NextOpening(DateTimeOffset now)
    {
        var openings = settings.Open.Select(open => open.From).Append(TimeOnly.MinValue).Distinct().Order().ToList();
        return Enumerable.Range(0, LooksAheadDays)
            .SelectMany(day => openings.Select(clock => Instant(DateOf(now).AddDays(day), clock)))
            .Where(time => time > now && IsOpen(time))
            .Order()
            .FirstOrDefault(DateTimeOffset.MaxValue);
    }

    private DateTimeOffset Instant(DateOnly date, TimeOnly clock)
    {
        var local = date.ToDateTime(clock);
        // An hour that the clock jumps over begins when it has jumped.
        while (settings.TimeZone.IsInvalidTime(local))
        {
            local = local.AddMinutes(1);
        }

        return new DateTimeOffset(local, settings.TimeZone.IsAmbiguousTime(local) ? settings.TimeZone.GetAmbiguousTimeOffsets(local).Max() : settings.TimeZone.GetUtcOffset(local)).ToUniversalTime();
    }

    private DateTime Local(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, settings.TimeZone).DateTime;

    private DateOnly DateOf(DateTimeOffset time) => DateOnly.FromDateTime(Local(time));

    private static bool Covers(FrozenDays days, DateOnly date) => days.First <= date && date <= days.Last;
}
