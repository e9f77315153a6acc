using Stepper.StepRunner.Phases.Parts;

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
            "k8s-node3 was not begun: k8s-node2 away already, and workers.maxUnavailable is 1");
    }

    [Fact]
    public void ANodeThatTheChainHoldsCounts()
    {
        _cluster.Run(_cluster.Cordons.TakeAsync(_cluster.Node("k8s-node4"), Given.Run, default));

        _cluster.AbortOf(Away(1).MustAllowAsync("k8s-node3", default)).ShouldContain("k8s-node4 away already");
    }

    [Fact]
    public void APersonsCordonDoesNotCount()
    {
        _cluster.Sim.Registry.Change(Simulation.Api.Kinds.Node, null, "k8s-node4", node => node["spec"]!["unschedulable"] = true);

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
    }

    private void Die(string node)
    {
        _cluster.Sim.KillNode(node);
        _cluster.Sim.Time.Pass(TimeSpan.FromMinutes(2));
    }

    private NodesAway Away(int maxUnavailable) => new(_cluster.Nodes, _cluster.Cordons, _cluster.Wait, maxUnavailable, TimeSpan.FromMinutes(30));
}
