using Stepper.StepRunner.Phases.Parts;

namespace Stepper.StepRunner.Tests.Phases.Parts;

public sealed class OwnHostTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void AStepElsewhereMayDrainTheNode() => _cluster.Run(Host("k8s-node1").MustBeElsewhereAsync("k8s-node3", default));

    [Fact]
    public void AStepByHandHasNoPod() => _cluster.Run(Host(null).MustBeElsewhereAsync("k8s-node3", default));

    [Fact]
    public void AStepDoesNotDrainTheNodeThatItRunsOn() =>
        _cluster.AbortOf(Host("k8s-node3").MustBeElsewhereAsync("k8s-node3", default)).ShouldBe(
            "This step's own pod is on k8s-node3, the node that it is to drain, and would evict itself");

    [Fact]
    public void AnotherPodOfTheChainIsWaitedFor()
    {
        _cluster.AddChainPod("before", "k8s-node3", endsByItself: true);
        var began = _cluster.Wait.Now;

        _cluster.Run(Host("k8s-node1").MustBeElsewhereAsync("k8s-node3", default));

        (_cluster.Wait.Now - began).ShouldBeGreaterThan(TimeSpan.FromSeconds(15));
    }

    [Fact]
    public void OneThatStaysIsNamedAfterTwoMinutes()
    {
        _cluster.AddChainPod("stays", "k8s-node3", endsByItself: false);
        var began = _cluster.Wait.Now;

        _cluster.AbortOf(Host("k8s-node1").MustBeElsewhereAsync("k8s-node3", default)).ShouldBe(
            "After 2 min an unfinished pod of the chain is still on k8s-node3, which is to be drained: stays");

        (_cluster.Wait.Now - began).ShouldBe(TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void AFinishedPodIsEvidenceAndNoHindrance()
    {
        _cluster.AddChainPod("before", "k8s-node3", endsByItself: true);
        _cluster.Sim.Time.Pass(TimeSpan.FromMinutes(1));
        var began = _cluster.Wait.Now;

        _cluster.Run(Host("k8s-node1").MustBeElsewhereAsync("k8s-node3", default));

        (_cluster.Wait.Now - began).ShouldBeLessThan(TimeSpan.FromSeconds(1));
    }

    private OwnHost Host(string? ownNode) => new(_cluster.Api, "k8s-upgrade", ownNode);
}
