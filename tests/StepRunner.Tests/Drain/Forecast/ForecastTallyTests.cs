using Stepper.Cluster.Kubernetes.Objects;
using Stepper.StepRunner.Drain;
using Stepper.StepRunner.Drain.Forecast;

namespace Stepper.StepRunner.Tests.Drain.Forecast;

public sealed class ForecastTallyTests
{
    private static readonly IReadOnlyList<SchedulablePod> TwoPods = [Foreseen.Pod("a", asks: """{"cpu":"1"}"""), Foreseen.Pod("b", asks: """{"cpu":"1"}""")];

    [Fact]
    public void WhatCameAsToldIsCounted() => Tally(Forecast("4", TwoPods), [], 0).ShouldBe(new ForecastTally(2, 2, 0));

    [Fact]
    public void APodThatWasHeldUpThoughItWasNotToldIsNoHit() => Tally(Forecast("4", TwoPods), ["default/a"], 0).ShouldBe(new ForecastTally(1, 2, 0));

    [Fact]
    public void OfPodsUnderOneBudgetItIsToldHowManyAndNotWhich() =>
        Tally(Forecast("4", TwoPods, Foreseen.Budget(3, 3, 2, 1)), ["default/a"], 0).ShouldBe(new ForecastTally(2, 2, 0));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    public void ABudgetThatHeldUpMoreOrFewerIsNoHit(int held, int right) =>
        Tally(Forecast("4", TwoPods, Foreseen.Budget(1, 1, 1, 0)), [.. new[] { "default/a", "default/b" }.Take(held)], 0).ShouldBe(new ForecastTally(right, 2, 0));

    [Theory]
    [InlineData("4", 1, 1)]
    [InlineData("4", 2, 0)]
    [InlineData("1", 1, 2)]
    [InlineData("1", 0, 1)]
    [InlineData("0", 2, 2)]
    public void SuccessorsWithoutANodeAreComparedByTheirNumber(string cpu, int unscheduled, int right) => Tally(Forecast(cpu, TwoPods), [], unscheduled).ShouldBe(new ForecastTally(right, 2, 0));

    [Fact]
    public void OfAStatefulSetOnlyTheFirstThatFindsNoRoomIsTried()
    {
        var forecast = Forecast("0", [Foreseen.Pod("web-0", owner: "StatefulSet/web", asks: """{"cpu":"1"}"""), Foreseen.Pod("web-1", owner: "StatefulSet/web", asks: """{"cpu":"1"}""")]);

        Tally(forecast, [], 1).ShouldBe(new ForecastTally(2, 2, 0));
        Tally(forecast, [], 0).AsForecast.ShouldBe(1);
    }

    [Fact]
    public void WhatHadNoNodeBeforeDoesNotCount()
    {
        var forecast = Forecast("4", [.. TwoPods, Foreseen.Pod("c", node: "", phase: "Pending", isReady: false)]);

        Tally(forecast, [], 1).ShouldBe(new ForecastTally(2, 2, 0));
    }

    [Fact]
    public void WhatCouldNotBeToldIsNeitherHitNorMiss()
    {
        var forecast = Forecast("4", [Foreseen.Pod("a", owner: "Job/a"), .. TwoPods.Skip(1)]);

        Tally(forecast, ["default/a"], 0).ShouldBe(new ForecastTally(1, 1, 1));
    }

    [Fact]
    public void ItIsKeptWithItsRunAndAddedUp()
    {
        var text = new ForecastTally(41, 42, 3).Text($"{Given.Run}");

        text.ShouldBe("1.34.7/2026-11-22T12:00:00Z 41 42 3");
        ForecastTally.Read(text, $"{Given.Run}").ShouldBe(new ForecastTally(41, 42, 3));
        ForecastTally.Read(text, "1.34.7/2026-11-29T12:00:00Z").ShouldBeNull();
        ForecastTally.Sum([new ForecastTally(41, 42, 3), new ForecastTally(1, 1, 0)]).ShouldBe(new ForecastTally(42, 43, 3));
        ForecastTally.Sum([]).ShouldBeNull();
        new ForecastTally(41, 42, 3).InWords().ShouldBe("41 of 42 pods as forecast, 3 could not be told");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1.34.7/2026-11-22T12:00:00Z 41 42")]
    [InlineData("1.34.7/2026-11-22T12:00:00Z 41 many 3")]
    public void WhatIsNoFigureIsLeftOut(string? text) => ForecastTally.Read(text, $"{Given.Run}").ShouldBeNull();

    private static DrainForecast Forecast(string cpu, IReadOnlyList<SchedulablePod> pods, params IReadOnlyList<PodDisruptionBudget> budgets) =>
        DrainForecast.Of(Foreseen.Picture([Foreseen.Node("node1"), Foreseen.Node("node2", cpu: cpu)], pods, budgets), "node1");

    private static ForecastTally Tally(DrainForecast forecast, IReadOnlyList<string> blocked, int unscheduled) => ForecastTally.Of(
        forecast,
        new DrainReport("node1", TimeSpan.Zero, []) { WereBlocked = blocked.ToHashSet(StringComparer.Ordinal) },
        new Dictionary<string, int>(StringComparer.Ordinal) { ["uid-web"] = unscheduled });
}
