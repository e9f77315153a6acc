using Stepper.Cluster;
using Stepper.StepRunner.Gates;

namespace Stepper.StepRunner.Tests.Gates;

public sealed class GateListTests
{
    private static readonly GateFacts Facts = new(Given.Step(PhaseName.Preflight), [], []);

    private readonly List<string> _asked = [];
    private readonly List<string> _said = [];

    [Fact]
    public async Task WhereAllHoldNothingBlocks()
    {
        (await Check(last: Verdict.Holds, Verdict.Holds, Verdict.Of(Finding.Warns("node2 is cordoned by someone", "look")))).ShouldBeNull();

        _asked.ShouldBe(["gate 0", "gate 1", "last"]);
        _said.ShouldBe(["gate: gate 0: holds", "gate: gate 1: warns, node2 is cordoned by someone (see: look)", "gate: last: holds"]);
    }

    [Fact]
    public async Task AllAreAskedWhateverTheFirstSaysAndTheLastOnlyWhereNoOtherBlocks()
    {
        await Check(last: Verdict.Aborts("no plan", "look"), Brake, Verdict.Holds, Restless);

        _asked.ShouldBe(["gate 0", "gate 1", "gate 2"]);
        _said[^1].ShouldBe("gate: last: not asked, since others block");
    }

    [Fact]
    public async Task AllBlockersOfAllGatesAreShownSortedByWhatTheyAskOfThePerson()
    {
        var noon = new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
        var two = Verdict.Of(Finding.Aborts("node2 is not Ready", "kubectl describe node node2", noon), Finding.RefusesForNow("node3 restarts", "look"), Finding.Warns("node4 is slow", "look"));

        (await Should.ThrowAsync<AbortException>(() => Check(last: Verdict.Holds, Brake, Restless, two, Verdict.Aborts("skew", "kubectl get nodes")))).Message.ShouldBe(
            """
            Nothing was changed. act now:
            - node2 is not Ready, since 2026-11-22 12:00 UTC (see: kubectl describe node node2)
            - skew (see: kubectl get nodes)
            wait:
            - restless (see: look)
            - node3 restarts (see: look)
            decided by you:
            - brake (see: look)
            """);
    }

    [Fact]
    public async Task WhereNoneAbortsItIsARefusal()
    {
        var end = await Check(last: Verdict.Holds, Brake, Restless);

        end.ShouldBe(StepEnd.Refused("not begun. wait: restless (see: look); decided by you: brake (see: look)"));
    }

    [Fact]
    public async Task TheLastBlocksLikeAnyOther() =>
        (await Should.ThrowAsync<AbortException>(() => Check(last: Verdict.Aborts("no plan", "look")))).Message.ShouldBe("Nothing was changed. act now: no plan (see: look)");

    [Fact]
    public async Task WhatCannotBeAskedIsANo()
    {
        var gates = new GateList([new Fixed("prices to fall", () => throw new SourceException("the market is shut"))], [], _said.Add);

        (await Should.ThrowAsync<AbortException>(async () => GateList.OutcomeOf(await gates.AskAllAsync(Facts, default)))).Message.ShouldBe(
            "Nothing was changed. act now: can't tell (waiting for prices to fall): the market is shut (see: ask for it)");
    }

    [Fact]
    public async Task OfWarningsThoseAreToldThatSaySo()
    {
        var lost = Finding.Warns("a flag is lost", "look") with { IsTold = true };

        var outcome = await Outcome(last: Verdict.Of(lost), Verdict.Of(Finding.Warns("node2 is cordoned by someone", "look")));

        outcome.End.ShouldBeNull();
        outcome.Told.ShouldBe([lost]);
    }

    private static Verdict Brake { get; } = Verdict.Of(Finding.RefusesAsDecided("brake", "look"));

    private static Verdict Restless { get; } = Verdict.Of(Finding.RefusesForNow("restless", "look"));

    private async Task<StepEnd?> Check(Verdict last, params IReadOnlyList<Verdict> verdicts) => (await Outcome(last, verdicts)).End;

    private async Task<GateOutcome> Outcome(Verdict last, params IReadOnlyList<Verdict> verdicts) =>
        GateList.OutcomeOf(await new GateList([.. verdicts.Select((verdict, index) => Gate($"gate {index}", verdict))], [Gate("last", last)], _said.Add).AskAllAsync(Facts, default));

    private Fixed Gate(string name, Verdict verdict) => new(name, () =>
    {
        _asked.Add(name);
        return verdict;
    });

    private sealed class Fixed(string condition, Func<Verdict> verdict) : IGate
    {
        public string Condition => condition;

        public string Show => "ask for it";

        public Task<Verdict> CheckAsync(GateFacts facts, CancellationToken ct) => Task.FromResult(verdict());
    }
}
