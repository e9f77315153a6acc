using Stepper.StepRunner.Gates;
using Stepper.StepRunner.Spawning;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Tests.Gates;

public sealed class OneRunGateTests
{
    private static readonly Run Next = new(Given.Target, Given.Noon.AddHours(5));
    private static readonly DateTimeOffset Now = Given.Noon.AddHours(5);

    [Fact]
    public void WhereNoRunIsInFlightAnyMayBegin() => OneRunGate.WhyNot(null, Next, [], Now).ShouldBeNull();

    [Fact]
    public void ARunMayGoOn() => OneRunGate.WhyNot(Flight(progress: Now), Given.Run, [], Now).ShouldBeNull();

    [Fact]
    public void AnotherTargetWaitsEvenWhereTheRunHasStopped() =>
        OneRunGate.WhyNot(Flight(progress: Given.Noon), Next with { Target = new(1, 35, 0) }, [], Now).ShouldBe(
            "the run 1.34.7/2026-11-22T12:00:00Z is in flight; its target goes first, and 1.35.0 after it");

    [Fact]
    public void ARunWithAnActiveJobIsNotTakenOver() =>
        OneRunGate.WhyNot(Flight(progress: Given.Noon), Next, [Given.Job(Given.Step(PhaseName.Worker, "node3"))], Now).ShouldBe(
            "the run 1.34.7/2026-11-22T12:00:00Z is in flight, and its Job k8s-upgrade-worker-1-34-7-node3 is active");

    [Theory]
    [InlineData("Complete")]
    [InlineData("Failed")]
    public void ARunThatStoodStillForTenMinutesIsTakenOver(string job) =>
        OneRunGate.WhyNot(Flight(progress: Now.AddMinutes(-10)), Next, [Given.Job(Given.Step(PhaseName.Worker, "node3"), Enum.Parse<JobState>(job))], Now).ShouldBeNull();

    [Fact]
    public void ARunThatMovedAMomentAgoIsNotTakenOver() =>
        OneRunGate.WhyNot(Flight(progress: Now.AddMinutes(-9)), Next, [], Now).ShouldBe("the run 1.34.7/2026-11-22T12:00:00Z is in flight, and moved at 2026-11-22 16:51:00Z; without an active Job it counts as stopped from 2026-11-22 17:01:00Z on");

    [Theory]
    [InlineData(0, true)]
    [InlineData(30, true)]
    [InlineData(-1, false)]
    public void ARunIsTakenOverAtOnceWhereAJobOfItFailedAfterItsLastMilestone(int secondsLater, bool isTaken)
    {
        var moved = Now.AddMinutes(-1);
        var failed = Given.Job(Given.Step(PhaseName.Worker, "node3"), JobState.Failed, failedAt: moved.AddSeconds(secondsLater));

        (OneRunGate.WhyNot(Flight(progress: moved), Next, [failed], Now) is null).ShouldBe(isTaken);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(-1, false)]
    public void ThePreflightThatTakesItsPlaceIsBelievedWhileItHasNotMovedSince(int secondsLater, bool isTaken)
    {
        var moved = Now.AddMinutes(-1);
        var next = Given.Job(Given.Step(PhaseName.Preflight), run: Next) with { TakesOver = Given.Run, Made = moved.AddSeconds(secondsLater) };

        (OneRunGate.WhyNot(Flight(progress: moved), Next, [next], Now) is null).ShouldBe(isTaken);
    }

    [Fact]
    public void WithoutAMilestoneItsBeginningCounts()
    {
        OneRunGate.WhyNot(Flight(progress: null), Next, [], Given.Noon.AddMinutes(9)).ShouldNotBeNull();
        OneRunGate.WhyNot(Flight(progress: null), Next, [], Given.Noon.AddMinutes(10)).ShouldBeNull();
    }

    [Fact]
    public void AnActiveJobOfAnotherRunDoesNotKeepAStoppedOneAlive() =>
        OneRunGate.WhyNot(Flight(progress: Given.Noon), Next, [Given.Job(Given.Step(PhaseName.Preflight), run: Next)], Now).ShouldBeNull();

    [Fact]
    public void ItIsAskedOfTheLiveCluster()
    {
        var cluster = new TestCluster();
        cluster.Run(cluster.State.TryTakeAsync(new Run(new(1, 35, 0), Given.Noon.AddHours(-1)), cluster.Run(cluster.State.ReadAsync(default)), default));

        cluster.Ask(new OneRunGate(cluster.State, cluster.Jobs, cluster.Wait)).ShouldRefuseForNow("the run 1.35.0/2026-11-22T11:00:00Z is in flight; its target goes first, and 1.34.7 after it");
    }

    private static InFlight Flight(DateTimeOffset? progress) => new(Given.Run, null, progress, null);
}
