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
        (await Check(last: Verdict.Holds, Verdict.Holds, Verdict.Warns("node2 is cordoned by someone"))).ShouldBeNull();

        _asked.ShouldBe(["gate 0", "gate 1", "last"]);
        _said.ShouldBe(["gate: gate 0: holds", "gate: gate 1: warns, node2 is cordoned by someone", "gate: last: holds"]);
    }

    [Fact]
    public async Task AllAreAskedWhateverTheFirstSaysAndTheLastOnlyWhereNoOtherBlocks()
    {
        await Check(last: Verdict.Aborts("no plan"), Verdict.RefusesAsDecided("brake"), Verdict.Holds, Verdict.RefusesForNow("restless"));

        _asked.ShouldBe(["gate 0", "gate 1", "gate 2"]);
    }

    [Fact]
    public async Task AllBlockersAreShownSorted() =>
        (await Should.ThrowAsync<AbortException>(() => Check(
            last: Verdict.Holds, Verdict.RefusesAsDecided("brake"), Verdict.RefusesForNow("restless"), Verdict.Aborts("node2 is not Ready"), Verdict.RefusesForNow("busy"), Verdict.Aborts("skew"))))
            .Message.ShouldBe("Nothing was changed. act now: node2 is not Ready; act now: skew; wait: restless; wait: busy; decided by you: brake");

    [Fact]
    public async Task WhereNoneAbortsItIsARefusal()
    {
        var end = await Check(last: Verdict.Holds, Verdict.RefusesAsDecided("brake"), Verdict.RefusesForNow("restless"));

        end.ShouldBe(StepEnd.Refused("not begun. wait: restless; decided by you: brake"));
    }

    [Fact]
    public async Task TheLastBlocksLikeAnyOther() =>
        (await Should.ThrowAsync<AbortException>(() => Check(last: Verdict.Aborts("no plan")))).Message.ShouldBe("Nothing was changed. act now: no plan");

    [Fact]
    public async Task WhatCannotBeAskedIsANo()
    {
        var gates = new GateList([new Fixed("prices to fall", () => throw new SourceException("the market is shut"))], new Fixed("last", () => Verdict.Holds), _said.Add);

        (await Should.ThrowAsync<AbortException>(() => gates.CheckAsync(Facts, default))).Message.ShouldBe(
            "Nothing was changed. act now: can't tell (waiting for prices to fall): the market is shut");
    }

    private Task<StepEnd?> Check(Verdict last, params IReadOnlyList<Verdict> verdicts) =>
        new GateList([.. verdicts.Select((verdict, index) => Gate($"gate {index}", verdict))], Gate("last", last), _said.Add).CheckAsync(Facts, default);

    private Fixed Gate(string name, Verdict verdict) => new(name, () =>
    {
        _asked.Add(name);
        return verdict;
    });

    private sealed class Fixed(string condition, Func<Verdict> verdict) : IGate
    {
        public string Condition => condition;

        public Task<Verdict> CheckAsync(GateFacts facts, CancellationToken ct) => Task.FromResult(verdict());
    }
}
