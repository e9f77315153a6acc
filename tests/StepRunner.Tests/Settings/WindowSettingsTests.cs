using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Tests.Settings;

public sealed class WindowSettingsTests
{
    [Fact]
    public void TimesOfTheWeekAreRead()
    {
        OpenTimes.TryParse("Fri-Sun 22:00-04:00", out var times).ShouldBeTrue();

        times.Days.ShouldBe([DayOfWeek.Sunday, DayOfWeek.Friday, DayOfWeek.Saturday]);
        times.From.ShouldBe(new TimeOnly(22, 0));
        times.Until.ShouldBe(new TimeOnly(4, 0));
    }

    [Fact]
    public void DaysAreReadWithBothEnds()
    {
        FrozenDays.TryParse("2026-12-20..2027-01-03", out var days).ShouldBeTrue();

        days.ShouldBe(new FrozenDays(new DateOnly(2026, 12, 20), new DateOnly(2027, 1, 3)));
    }
}
