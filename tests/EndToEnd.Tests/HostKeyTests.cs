namespace Stepper.EndToEnd.Tests;

/// <summary>
/// Machines that show another host key than the one in the Secret: the control plane at detection; then, in the middle of a chain, the worker. Both times the
/// former key comes back, and the next detection after it.
/// </summary>
public sealed class ForeignHostKey : UpgradedCluster
{
    internal Sight Undetected { get; private set; } = null!;

    internal Sight Stopped { get; private set; } = null!;

    internal Sight Ended { get; private set; } = null!;

    protected override async Task PlayAsync()
    {
        await Lab.FaultAsync("k8s-master", "host-key");
        await DetectAsync();
        Undetected = await Sight.OfAsync(this);
        await Lab.MendAsync("k8s-master");
        When("k8s-master", "k8s-master uncordoned", () => Lab.FaultAsync("k8s-node1", "host-key"));
        await DetectAsync();
        Stopped = await Sight.OfAsync(this);
        await Lab.MendAsync("k8s-node1");
        TenMinutesPass();
        await DetectAsync();
        Ended = await Sight.OfAsync(this);
    }
}

public sealed class HostKeyTests(ForeignHostKey cluster) : UpgradeTests<ForeignHostKey>(cluster)
{
    private const string NotTheKnownOne = "shows a host key that is not the known one";

    [Fact]
    public void DetectionDoesNotAskWhoeverAnswersThere()
    {
        Cluster.Undetected.Exits.ShouldBe(["detect 1", "detect 1"], Cluster.Story);
        Cluster.Undetected.Jobs.ShouldBeEmpty(Cluster.Story);
        Cluster.Containers[0].Log.ShouldContain($"aborted: k8s-master ({Cluster.Lab.Address("k8s-master")}, port 22) {NotTheKnownOne}", Case.Sensitive, Cluster.Story);
    }

    [Fact]
    public void TheStepOfSuchANodeFailsAtOnceAtEachOfItsTries()
    {
        Cluster.Stopped.Exits.Skip(Cluster.Undetected.Exits.Count).ShouldBe(["detect 0", "preflight 0", "master k8s-master 0", "worker k8s-node1 1", "worker k8s-node1 1"], Cluster.Story);
        Cluster.Stopped.Jobs.ShouldContain("k8s-upgrade-worker-1-34-7-k8s-node1 Failed", Cluster.Story);
    }

    [Fact]
    public void TheNodeIsAsItWas()
    {
        Cluster.Stopped.Nodes.ShouldBe(["k8s-master v1.34.7 Ready", "k8s-node1 v1.34.2 Ready"], Cluster.Story);
        Cluster.Stopped.Packages[1].ShouldBe($"k8s-node1: {Sight.AllAt("1.34.2")}", Cluster.Story);
    }

    [Fact]
    public void TheMessageSaysWhatToDo()
    {
        var message = Cluster.Stopped.Messages[^1];

        message.ShouldStartWith($"[k8s-upgrade-worker:k8s-node1] ABORT: k8s-node1 ({Cluster.Lab.Address("k8s-node1")}, port 22) {NotTheKnownOne}", customMessage: Cluster.Story);
        message.ShouldContain("If the node was made anew, bring the key known_hosts of Secret k8s-upgrade-creds up to date");
    }

    [Fact]
    public void TheGaugesSayThatARunIsInFlight() => Cluster.Stopped.Gauges["in_flight"].ShouldBe("1", Cluster.Story);

    [Fact]
    public void TheNextDetectionTakesTheRunUpAgainAndFinishesIt() => Cluster.Ended.ShouldBeComplete("1.34.7", Cluster.Story);
}
