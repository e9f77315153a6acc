namespace Stepper.EndToEnd.Tests;

/// <summary>
/// What a node script meets and a chain gets over by itself: on the control plane all ssh connections are cut while kubeadm works; on the worker another dpkg is at
/// work when the script begins.
/// </summary>
public sealed class HinderedScript : UpgradedCluster
{
    internal Sight Ended { get; private set; } = null!;

    protected override async Task PlayAsync()
    {
        await Lab.FaultAsync("k8s-master", "slow-apply", "600");
        When("k8s-master", "script: apply", CutAsync);
        When("k8s-master", "k8s-master uncordoned", () => Lab.FaultAsync("k8s-node1", "dpkg-locked"));
        When("k8s-node1", "another apt or dpkg is at work on this node", () => Lab.MendAsync("k8s-node1"));
        await DetectAsync();
        Ended = await Sight.OfAsync(this);
    }

    // While kubeadm is at work and the step follows it: a connection that is cut when nothing is under way is made again without a word.
    private async Task CutAsync()
    {
        await Lab.ExecAsync("k8s-master", "sh", "-c", "until pgrep -x sudo >/dev/null; do sleep 0.05; done");
        await Lab.FaultAsync("k8s-master", "ssh-cut");
        await Lab.MendAsync("k8s-master");
    }
}

public sealed class HinderedScriptTests(HinderedScript cluster) : UpgradeTests<HinderedScript>(cluster)
{
    [Fact]
    public void TheUpgradeIsDoneAtTheFirstTryOfEachStep()
    {
        Cluster.Ended.Exits.ShouldBe(["detect 0", "preflight 0", "master k8s-master 0", "worker k8s-node1 0", "postflight 0"], Cluster.Story);
        Cluster.Ended.ShouldBeComplete("1.34.7", Cluster.Story);
    }

    [Fact]
    public void ThatTheConnectionWasCutIsSaidAndWhenItIsBack()
    {
        LogOf("master").ShouldContain("k8s-master has not been reached for ", Case.Sensitive, Cluster.Story);
        LogOf("master").ShouldContain("k8s-master is reached again after ", Case.Sensitive, Cluster.Story);
    }

    [Fact]
    public void TheRunWentOnWithoutItAndKubeadmRanOnce()
    {
        var run = Directory.GetDirectories(Cluster.Lab.PathOn("k8s-master", "/var/lib/stepper/runs")).ShouldHaveSingleItem(Cluster.Story);

        File.Exists(Path.Combine(run, "exit-0")).ShouldBeTrue(Cluster.Story);
        File.ReadAllText(Path.Combine(run, "log")).Split('\n').Count(line => line.StartsWith("stage: apply", StringComparison.Ordinal)).ShouldBe(1, Cluster.Story);
        LogOf("master").Split('\n').Count(line => line.EndsWith("script: apply", StringComparison.Ordinal)).ShouldBe(1, "The log is followed from where it was.");
    }

    [Fact]
    public void TheLockedDpkgIsSaidAndWaitedFor() => LogOf("worker").ShouldContain("another apt or dpkg is at work on this node", Case.Sensitive, Cluster.Story);

    private string LogOf(string phase) => Cluster.Containers.Single(container => container.Phase == phase).Log;
}
