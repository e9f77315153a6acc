using System.Text.Json.Nodes;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.StepRunner.Phases.Parts;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Tests.Phases.Parts;

public sealed class NodesAwayTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void WhereAllOthersAreThereANodeMayGo() => _cluster.Run(Away(1).MustAllowAsync("k8s-node3", default));

    [Fact]
    public void ANodeThatIsNotReadyCountsWhateverTheReason()
    {
        Die("k8s-node2");

        _cluster.AbortOf(Away(1).MustAllowAsync("k8s-node3", default)).ShouldBe(
            "k8s-node3 was not begun: k8s-node2 is not Ready since 2026-11-22 12:00 UTC (see: kubectl describe node k8s-node2), and workers.maxUnavailable is 1");
    }

    [Fact]
    public void ANodeThatTheChainHoldsCounts()
    {
        _cluster.Run(_cluster.Cordons.TakeAsync(_cluster.Node("k8s-node4"), Given.Run, default));

        _cluster.AbortOf(Away(1).MustAllowAsync("k8s-node3", default)).ShouldBe(
            "k8s-node3 was not begun: k8s-node4 is held by the run 1.34.7/2026-11-22T12:00:00Z since 2026-11-22 12:00 UTC, by hand (where no step is at work on it any more, first: "
            + "stepper --phase worker --node k8s-node4), and workers.maxUnavailable is 1");
    }

    [Fact]
    public void ANodeThatTheChainWorksOnUnderAPersonsCordonCounts()
    {
        Cordon("k8s-node4");
        _cluster.Run(_cluster.Cordons.TakeAsync(_cluster.Node("k8s-node4"), Given.Run, default)).ShouldBe(CordonTaken.BeforeTheChain);

        _cluster.AbortOf(Away(1).MustAllowAsync("k8s-node3", default)).ShouldContain("k8s-node4 is held by the run");
    }

    [Fact]
    public void ANodeThatGoesAwayBetweenTheCountAndTheCordonIsSeenAndTheCordonIsGivenBack()
    {
        _cluster.Before(call => call is { Verb: "patch", Resource: "nodes" }, () => _cluster.Sim.Registry.Change(Kinds.Node, null, "k8s-node2", NotReady));

        _cluster.AbortOf(Away(1).CordonAsync("k8s-node3", Given.Run, [], default)).ShouldContain("k8s-node2 is not Ready");

        _cluster.Node("k8s-node3").IsCordoned.ShouldBeFalse();
        _cluster.Writes.Count(write => write == "patch nodes k8s-node3").ShouldBe(2, "the cordon, and its end");
    }

    [Fact]
    public void ANodeThatChangesBetweenTheCountAndTheCordonIsCountedAnew()
    {
        _cluster.Before(call => call is { Verb: "patch", Resource: "nodes" }, () =>
        {
            _cluster.Annotate(Kinds.Node, null, "k8s-node3", ("example.com/note", "mine"));
            _cluster.Sim.Registry.Change(Kinds.Node, null, "k8s-node2", NotReady);
        });

        _cluster.AbortOf(Away(1).CordonAsync("k8s-node3", Given.Run, [], default)).ShouldContain("k8s-node2 is not Ready");

        _cluster.Writes.Count(write => write == "patch nodes k8s-node3").ShouldBe(1, "what was refused");
    }

    [Fact]
    public void TheCordonOfAnEarlierTryIsKeptWhileOthersAreWaitedFor()
    {
        _cluster.Run(_cluster.Cordons.TakeAsync(_cluster.Node("k8s-node3"), Given.Run, default));
        _cluster.Before(call => call is { Verb: "patch", Resource: "nodes" }, () => _cluster.Sim.Registry.Change(Kinds.Node, null, "k8s-node2", NotReady));

        _cluster.AbortOf(Away(1).CordonAsync("k8s-node3", Given.Run, [], default)).ShouldContain("k8s-node2 is not Ready");

        _cluster.Node("k8s-node3").IsCordoned.ShouldBeTrue();
    }

    [Fact]
    public void AllWaitsOfAStepTogetherHaveOneLimit()
    {
        var away = Away(1);
        Die("k8s-node2");
        var began = _cluster.Wait.Now;
        _cluster.AbortOf(away.MustAllowAsync("k8s-node3", default));

        _cluster.AbortOf(away.CordonAsync("k8s-node3", Given.Run, [], default));

        (_cluster.Wait.Now - began).ShouldBeInRange(TimeSpan.FromMinutes(29), TimeSpan.FromMinutes(31));
    }

    [Fact]
    public void APersonsCordonDoesNotCount()
    {
        Cordon("k8s-node4");

        _cluster.Run(Away(1).MustAllowAsync("k8s-node3", default));
    }

    [Fact]
    public void TheNodeItselfDoesNotCount()
    {
        Die("k8s-node3");

        _cluster.Run(Away(1).MustAllowAsync("k8s-node3", default));
    }

    [Fact]
    public void AsManyMayBeAwayAsTheSettingSays()
    {
        Die("k8s-node2");

        _cluster.Run(Away(2).MustAllowAsync("k8s-node3", default));
    }

    [Fact]
    public void OneThatComesBackIsWaitedFor()
    {
        Die("k8s-node2");
        _cluster.Sim.Time.After(TimeSpan.FromMinutes(10), () => _cluster.Sim.Boot("k8s-node2"));

        _cluster.Run(Away(1).MustAllowAsync("k8s-node3", default));

        _cluster.Said.ShouldHaveSingleItem().ShouldStartWith("k8s-node3 waits for its turn: k8s-node2 is not Ready since");
    }

    private void Die(string node)
    {
        _cluster.Sim.KillNode(node);
        _cluster.Sim.Time.Pass(TimeSpan.FromMinutes(2));
    }

    private void Cordon(string node) => _cluster.Sim.Registry.Change(Kinds.Node, null, node, body => body["spec"]!["unschedulable"] = true);

    // Nobody mends it: its kubelet is not asked.
    private static void NotReady(JsonObject node) => node.SetCondition("Ready", "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.", Given.Noon);

    private NodesAway Away(int maxUnavailable) => new(_cluster.Nodes, _cluster.Cordons, _cluster.Marks, _cluster.Wait, maxUnavailable, TimeSpan.FromMinutes(30), _cluster.Said.Add);
}
