namespace Stepper.EndToEnd.Tests;

/// <summary>A worker whose sshd is gone when its step begins; later it is back, and the next detection comes.</summary>
public sealed class UnreachableNode : UpgradedCluster
{
    internal Sight Stopped { get; private set; } = null!;

    internal Sight Ended { get; private set; } = null!;

    protected override async Task PlayAsync()
    {
        When("k8s-master", "k8s-master uncordoned", () => Lab.FaultAsync("k8s-node1", "ssh-down"));
        await DetectAsync();
        Stopped = await Sight.OfAsync(this);
        await Lab.MendAsync("k8s-node1");
        TenMinutesPass();
        await DetectAsync();
        Ended = await Sight.OfAsync(this);
    }
}

public sealed class UnreachableNodeTests(UnreachableNode cluster) : UpgradeTests<UnreachableNode>(cluster)
{
    [Fact]
    public void ItsStepIsTriedOnceMoreAndThenTheChainStops()
    {
        Cluster.Stopped.Exits.ShouldBe(["detect 0", "preflight 0", "master k8s-master 0", "worker k8s-node1 1", "worker k8s-node1 1"], Cluster.Story);
        Cluster.Stopped.Jobs.ShouldContain("k8s-upgrade-worker-1-34-7-k8s-node1 Failed", Cluster.Story);
    }

    [Fact]
    public void TheNodeIsAsItWas()
    {
        Cluster.Stopped.Nodes.ShouldBe(["k8s-master v1.34.7 Ready", "k8s-node1 v1.34.2 Ready"], Cluster.Story);
        Cluster.Stopped.Packages[1].ShouldBe($"k8s-node1: {Sight.AllAt("1.34.2")}", Cluster.Story);
    }

    [Fact]
    public void TheMessageNamesTheNodeAndWhy()
    {
        var message = Cluster.Stopped.Messages[^1];

        message.ShouldStartWith($"[k8s-upgrade-worker:k8s-node1] ABORT: the connection to k8s-node1 ({Cluster.Lab.Address("k8s-node1")}, port 22) failed: ", customMessage: Cluster.Story);
        message.ShouldContain("Connection refused");
        message.ShouldContain("then go on: stepper --phase worker --node k8s-node1");
    }

    [Fact]
    public void TheGaugesSayThatARunIsInFlight() => Cluster.Stopped.Gauges["in_flight"].ShouldBe("1", Cluster.Story);

    [Fact]
    public void TheNextDetectionTakesTheRunUpAgainAndFinishesIt() => Cluster.Ended.ShouldBeComplete("1.34.7", Cluster.Story);
}
