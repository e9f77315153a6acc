namespace Stepper.EndToEnd.Tests;

/// <summary>kubeadm fails on a worker when its packages are changed already; later it is mended, and the next detection comes.</summary>
public sealed class FailingScript : UpgradedCluster
{
    internal Sight Stopped { get; private set; } = null!;

    internal Sight Ended { get; private set; } = null!;

    protected override async Task PlayAsync()
    {
        await Lab.FaultAsync("k8s-node1", "fail-node");
        await DetectAsync();
        Stopped = await Sight.OfAsync(this);
        await Lab.MendAsync("k8s-node1");
        TenMinutesPass();
        await DetectAsync();
        Ended = await Sight.OfAsync(this);
    }
}

public sealed class FailingScriptTests(FailingScript cluster) : UpgradeTests<FailingScript>(cluster)
{
    [Fact]
    public void TheStepIsTriedOnceMoreAndThenTheChainStops()
    {
        Cluster.Stopped.Exits.ShouldBe(["detect 0", "preflight 0", "master k8s-master 0", "worker k8s-node1 1", "worker k8s-node1 1"], Cluster.Story);
        Cluster.Stopped.Jobs.ShouldContain("k8s-upgrade-worker-1-34-7-k8s-node1 Failed", Cluster.Story);
    }

    [Fact]
    public void TheNodeStaysCordonedOnPurpose() =>
        Cluster.Stopped.Nodes.ShouldBe(["k8s-master v1.34.7 Ready", "k8s-node1 v1.34.2 Ready,SchedulingDisabled"], Cluster.Story);

    [Fact]
    public void ItsPackagesAreHeldAsTheyAre() =>
        Cluster.Stopped.Packages[1].ShouldBe("k8s-node1: kubeadm 1.34.7-1.1 held, kubectl 1.34.2-1.1 held, kubelet 1.34.2-1.1 held", Cluster.Story);

    [Fact]
    public void TheMessageSaysWhatHappenedWhatIsLeftAndHowToGoOn()
    {
        var message = Cluster.Stopped.Messages[^1];

        message.ShouldStartWith("[k8s-upgrade-worker:k8s-node1] ABORT: The node script on k8s-node1 ended with 1", customMessage: Cluster.Story);
        message.ShouldContain("kubeadm upgrade node failed");
        message.ShouldContain("k8s-node1 stays cordoned on purpose: its packages were changed (kubeadm 1.34.7-1.1, kubelet 1.34.2-1.1, kubectl 1.34.2-1.1)");
        message.ShouldContain("then: stepper --phase worker --node k8s-node1; or leave it to the next detection");
        message.ShouldContain("kubelet=1.34.2-* kubectl=1.34.2-* &amp;&amp; sudo apt-mark hold kubeadm kubelet kubectl &amp;&amp; sudo systemctl restart kubelet'; kubectl uncordon k8s-node1; kubectl annotate node k8s-node1 viktorbarzin.me/k8s-upgrade-cordoned-");
        message.ShouldContain("To give up: kubectl -n k8s-upgrade create configmap k8s-upgrade-killswitch");
    }

    [Fact]
    public void TheGaugesSayThatARunIsInFlight()
    {
        Cluster.Stopped.Gauges["in_flight"].ShouldBe("1", Cluster.Story);
        Cluster.Stopped.Gauges["snapshot_taken"].ShouldBe("1");
    }

    [Fact]
    public void TheNextDetectionTakesTheRunUpAgainAndFinishesIt()
    {
        Cluster.Ended.ShouldBeComplete("1.34.7", Cluster.Story);
        Cluster.Ended.Exits.Skip(Cluster.Stopped.Exits.Count).ShouldBe(["detect 0", "preflight 0", "master k8s-master 0", "worker k8s-node1 0", "postflight 0"], Cluster.Story);
    }
}
