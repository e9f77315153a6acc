namespace Stepper.EndToEnd.Tests;

/// <summary>Prometheus does not run; later it does, and the next detection comes.</summary>
public sealed class StoppedPrometheus : UpgradedCluster
{
    internal Sight Stopped { get; private set; } = null!;

    internal Sight Ended { get; private set; } = null!;

    protected override async Task PlayAsync()
    {
        await Monitoring.StopPrometheusAsync();
        await DetectAsync();
        Stopped = await Sight.OfAsync(this);
        await Monitoring.StartPrometheusAsync();
        await DetectAsync();
        Ended = await Sight.OfAsync(this);
    }
}

public sealed class StoppedPrometheusTests(StoppedPrometheus cluster) : UpgradeTests<StoppedPrometheus>(cluster)
{
    [Fact]
    public void PreflightAbortsAtBothOfItsTries()
    {
        Cluster.Stopped.Exits.ShouldBe(["detect 0", "preflight 1", "preflight 1"], Cluster.Story);
        Cluster.Stopped.Jobs.ShouldBe(["k8s-upgrade-preflight-1-34-7 Failed"], Cluster.Story);
    }

    [Fact]
    public void TheMessageSaysThatPrometheusDidNotAnswer()
    {
        Cluster.Stopped.Messages[^1].ShouldStartWith("[k8s-upgrade-preflight] ABORT: Nothing was changed.", customMessage: Cluster.Story);
        Cluster.Stopped.Messages[^1].ShouldContain($"Prometheus at {Cluster.Monitoring.PrometheusUrl} did not answer, asked 3 times");
        Cluster.Stopped.Messages[^1].ShouldContain("stepper start --target 1.34.7; or leave it to the next detection");
    }

    [Fact]
    public void NothingWasChanged()
    {
        Cluster.Stopped.Nodes.ShouldBe(["k8s-master v1.34.2 Ready", "k8s-node1 v1.34.2 Ready"], Cluster.Story);
        Cluster.Stopped.Packages.ShouldBe([$"k8s-master: {Sight.AllAt("1.34.2")}", $"k8s-node1: {Sight.AllAt("1.34.2")}"], Cluster.Story);
        Cluster.Stopped.Gauges["in_flight"].ShouldBe("0", Cluster.Story);
    }

    [Fact]
    public void TheNextDetectionMakesTheFailedJobAgainAndTheUpgradeIsDone() => Cluster.Ended.ShouldBeComplete("1.34.7", Cluster.Story);
}
