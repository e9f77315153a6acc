namespace Stepper.EndToEnd.Tests;

/// <summary>A worker whose sshd is gone when its step begins, and back a moment later.</summary>
public sealed class UnreachableNode : UpgradedCluster
{
    internal Sight Ended { get; private set; } = null!;

    protected override async Task PlayAsync()
    {
        When("k8s-master", "k8s-master uncordoned", () => Lab.FaultAsync("k8s-node1", "ssh-down"));
        When("k8s-node1", "k8s-node1 has not been reached", () => Lab.MendAsync("k8s-node1"));
        await DetectAsync();
        Ended = await Sight.OfAsync(this);
    }
}

public sealed class UnreachableNodeTests(UnreachableNode cluster) : UpgradeTests<UnreachableNode>(cluster)
{
    [Fact]
    public void ItsStepWaitsForItAndSaysSo()
    {
        var log = Cluster.Containers.Single(container => container.Phase == "worker").Log;

        log.ShouldMatch(@"k8s-node1 has not been reached for \d+ s \(the connection to k8s-node1 \(127\.0\.\d+\.12, port 22\) failed: .*Connection refused.*\); asked again for up to 10 min", Cluster.Story);
        log.ShouldContain("k8s-node1 is reached again after ", Case.Sensitive, Cluster.Story);
    }

    [Fact]
    public void TheUpgradeIsDoneAtTheFirstTryOfEachStep()
    {
        Cluster.Ended.Exits.ShouldBe(["detect 0", "preflight 0", "master k8s-master 0", "worker k8s-node1 0", "postflight 0"], Cluster.Story);
        Cluster.Ended.ShouldBeComplete("1.34.7", Cluster.Story);
    }
}
