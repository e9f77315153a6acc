using Stepper.StepRunner.Spawning;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Tests.State;

public sealed class ClaimTests
{
    private static readonly InFlight Own = new(Given.Run, null, null, null);
    private static readonly InFlight Other = new(new Run(Given.Target, Given.Noon.AddDays(-7)), null, null, null);
    private static readonly Step Worker = Given.Step(PhaseName.Worker, "node3");

    [Fact]
    public async Task AStepOfTheRunInFlightMayWork() => (await Check(Worker, Own)).ShouldBeNull();

    [Fact]
    public async Task APreflightMayWorkSinceItTakesTheRunItself()
    {
        (await Check(Given.Step(PhaseName.Preflight), Other)).ShouldBeNull();
        (await Check(Given.Step(PhaseName.Preflight), null)).ShouldBeNull();
    }

    [Fact]
    public async Task AStepOfAnotherRunAborts() =>
        (await Should.ThrowAsync<AbortException>(() => Check(Worker, Other))).Message.ShouldBe(
            "Nothing was changed. This step is of the run 1.34.7/2026-11-22T12:00:00Z, and the run 1.34.7/2026-11-15T12:00:00Z is in flight");

    [Fact]
    public async Task AStepOfNoRunAborts() =>
        (await Should.ThrowAsync<AbortException>(() => Check(Worker, null))).Message.ShouldEndWith("and no run is in flight");

    [Fact]
    public async Task ByHandAStepMayWorkWhereNoRunIsInFlight() => (await Check(Worker, null, isByHand: true)).ShouldBeNull();

    [Fact]
    public async Task ByHandAStepOfAnotherRunAbortsToo() => await Should.ThrowAsync<AbortException>(() => Check(Worker, Other, isByHand: true));

    [Fact]
    public async Task AStepThatComesBackAfterItsChainsEndHasNothingLeftToDo()
    {
        var end = await Check(Worker, null, false, Given.Job(Given.Step(PhaseName.Postflight), JobState.Complete, EndKind.Done));

        end!.Kind.ShouldBe(EndKind.Done);
    }

    [Fact]
    public async Task AChainWhosePostflightFailedHasNotGoneOn() =>
        await Should.ThrowAsync<AbortException>(() => Check(Worker, null, false, Given.Job(Given.Step(PhaseName.Postflight), JobState.Failed)));

    [Fact]
    public async Task ThePostflightOfAnotherRunProvesNothing() => await Should.ThrowAsync<AbortException>(
        () => Check(Worker, null, false, Given.Job(Given.Step(PhaseName.Postflight), JobState.Complete, EndKind.Done, run: Other.Run)));

    [Fact]
    public async Task APostflightThatWasKilledAfterItClearedTheRecordMayEnd() => (await Check(Given.Step(PhaseName.Postflight), null)).ShouldBeNull();

    private static Task<StepEnd?> Check(Step step, InFlight? flight, bool isByHand = false, params IReadOnlyList<ChainJob> jobs) =>
        Claim.CheckAsync(step, isByHand, flight, () => Task.FromResult(jobs));
}
