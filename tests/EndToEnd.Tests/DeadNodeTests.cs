using Stepper.Simulation.Shapes;

namespace Stepper.EndToEnd.Tests;

/// <summary>A worker is off when the chain would begin.</summary>
public sealed class DeadNode : UpgradedCluster
{
    internal Sight Stopped { get; private set; } = null!;

    internal override ClusterShape Change(ClusterShape shape) => shape.Change("k8s-node1", node => node with { IsDead = true });

    protected override async Task PlayAsync()
    {
        await Lab.FaultAsync("k8s-node1", "power-off");
        await DetectAsync();
        Stopped = await Sight.OfAsync(this);
    }
}

public sealed class DeadNodeTests(DeadNode cluster) : UpgradeTests<DeadNode>(cluster)
{
    [Fact]
    public void PreflightAbortsAtBothOfItsTries()
    {
        Cluster.Stopped.Exits.ShouldBe(["detect 0", "preflight 1", "preflight 1"], Cluster.Story);
        Cluster.Stopped.Jobs.ShouldBe(["k8s-upgrade-preflight-1-34-7 Failed"], Cluster.Story);
    }

    [Fact]
    public void TheMessageNamesTheNode()
    {
        Cluster.Stopped.Messages[^1].ShouldStartWith("[k8s-upgrade-preflight] ABORT: Nothing was changed. act now:", customMessage: Cluster.Story);
        Cluster.Stopped.Messages[^1].ShouldContain("k8s-node1 is not Ready");
        Cluster.Stopped.Messages[^1].ShouldContain("stepper start --target 1.34.7; or leave it to the next detection");
    }

    [Fact]
    public void NothingWasChanged()
    {
        Cluster.Stopped.Nodes.ShouldBe(["k8s-master v1.34.2 Ready", "k8s-node1 v1.34.2 NotReady"], Cluster.Story);
        Cluster.Stopped.Packages.ShouldBe([$"k8s-master: {Sight.AllAt("1.34.2")}", $"k8s-node1: {Sight.AllAt("1.34.2")}"], Cluster.Story);
        Cluster.Stopped.Gauges["in_flight"].ShouldBe("0", Cluster.Story);
    }
}
