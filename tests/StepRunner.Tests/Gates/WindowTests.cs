using System.Globalization;
using Stepper.Cluster;
using Stepper.Simulation;
using Stepper.StepRunner.Gates;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Tests.Gates;

public sealed class WindowTests
{
    // 22 November 2026 is a Sunday.
    [Theory]
    [InlineData("Sun 02:00-06:00", "2026-11-22T01:59", "2026-11-22T02:00")]
    [InlineData("Sun 02:00-06:00", "2026-11-22T02:00", null)]
    [InlineData("Sun 02:00-06:00", "2026-11-22T05:59", null)]
    [InlineData("Sun 02:00-06:00", "2026-11-22T06:00", "2026-11-29T02:00")]
    [InlineData("02:00-06:00", "2026-11-22T07:00", "2026-11-23T02:00")]
    [InlineData("Sat 22:00-04:00", "2026-11-22T03:59", null)]
    [InlineData("Sat 22:00-04:00", "2026-11-22T04:00", "2026-11-28T22:00")]
    [InlineData("Sat 22:00-04:00", "2026-11-21T21:59", "2026-11-21T22:00")]
    [InlineData("Sat 00:00-00:00", "2026-11-21T23:59", null)]
    [InlineData("Sat 00:00-00:00", "2026-11-22T00:00", "2026-11-28T00:00")]
    public void ItOpensAndShutsAtItsTimes(string open, string now, string? until) => ShutUntil(now, open: [open]).ShouldBe(until);

    [Theory]
    [InlineData("2026-12-19T23:59", null)]
    [InlineData("2026-12-20T00:00", "2027-01-04T00:00")]
    [InlineData("2027-01-03T23:59", "2027-01-04T00:00")]
    public void FrozenDaysAreShutFromMidnightToMidnight(string now, string? until) => ShutUntil(now, freeze: ["2026-12-20..2027-01-03"]).ShouldBe(until);

    [Fact]
    public void WhatIsOpenOvernightShutsWhereTheFrozenDayBegins()
    {
        ShutUntil("2026-12-19T23:30", ["Sat 22:00-04:00"], ["2026-12-20"]).ShouldBeNull();
        ShutUntil("2026-12-20T00:00", ["Sat 22:00-04:00"], ["2026-12-20"]).ShouldBe("2026-12-26T22:00");
    }

    // Sofia: UTC+2, in summer UTC+3; on 28 March 2027 the clock jumps from 03:00 to 04:00, on 25 October 2026 it goes from 04:00 back to 03:00.
    [Theory]
    [InlineData("02:00-06:00", "2026-11-22T00:00", null)]
    [InlineData("02:00-06:00", "2026-11-21T23:59", "2026-11-22T00:00")]
    [InlineData("02:00-06:00", "2026-07-01T22:00", "2026-07-01T23:00")]
    [InlineData("03:30-06:00", "2027-03-28T00:30", "2027-03-28T01:00")]
    [InlineData("03:30-06:00", "2026-10-25T00:00", "2026-10-25T00:30")]
    public void ItGoesByTheOperatorsClock(string open, string now, string? until) => ShutUntil(now, [open], zone: "Europe/Sofia").ShouldBe(until);

    [Fact]
    public void OneThatIsFrozenForYearsSaysSo()
    {
        var window = Of("2026-11-22T12:00", [], ["2026-01-01..2036-01-01"]);

        window.WhyShut(window.ShutUntil!.Value).ShouldBe("the window is shut and does not open again (2026-01-01 to 2036-01-01 are frozen)");
    }

    [Fact]
    public async Task WhileItIsShutThePreflightRefusesAndSaysUntilWhen() =>
        (await new WindowGate(Of("2026-11-22T12:00", ["Sat,Sun 02:00-06:00"], []), "k8s-upgrade").CheckAsync(new GateFacts(Given.Step(PhaseName.Preflight), [], []), default))
            .ShouldRefuseForNow("the window is shut until 2026-11-28 02:00 UTC (by setting window.open)");

    private static string? ShutUntil(string now, string[]? open = null, string[]? freeze = null, string zone = "UTC") =>
        Of(now, open ?? [], freeze ?? [], zone).ShutUntil?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture);

    private static Window Of(string now, string[] open, string[] freeze, string zone = "UTC") => new(
        new WindowSettings
        {
            Open = [.. open.Select(text => OpenTimes.TryParse(text, out var times) ? times : throw new FormatException(text))],
            Freeze = [.. freeze.Select(text => FrozenDays.TryParse(text, out var days) ? days : throw new FormatException(text))],
            TimeZone = TimeZoneInfo.FindSystemTimeZoneById(zone),
        },
        new Wait(new VirtualTime(DateTimeOffset.Parse(now + "Z", CultureInfo.InvariantCulture))));
}
