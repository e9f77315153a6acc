using Stepper.Cluster;
using Stepper.Cluster.Monitoring;
using Stepper.Repository.Tests.Monitoring;
using Stepper.Simulation;
using Stepper.Simulation.Api;

namespace Stepper.EndToEnd.Tests;

/// <summary>What is there after <c>stepper detect</c> was started once, and nothing else was done.</summary>
public sealed class ChainTests(PatchedCluster cluster) : UpgradeTests<PatchedCluster>(cluster)
{
    private const string Prefix = "viktorbarzin.me/k8s-upgrade-";

    [Fact]
    public async Task EveryMachineHasTheTargetInstalledAndHeld()
    {
        foreach (var node in Cluster.Lab.Names)
        {
            var installed = await Cluster.Lab.ExecAsync(node, "dpkg-query", "--show", "--showformat", "${Package} ${Version} ${Status}\n", "kubeadm", "kubelet", "kubectl");
            installed.Split('\n').ShouldBe(
                ["kubeadm 1.34.7-1.1 hold ok installed", "kubectl 1.34.7-1.1 hold ok installed", "kubelet 1.34.7-1.1 hold ok installed"], $"{node}\n{Cluster.Story}");
            (await Cluster.Lab.ExecAsync(node, "apt-mark", "showhold")).Split('\n').ShouldBe(["containerd.io", "kubeadm", "kubectl", "kubelet"], node);
        }
    }

    [Fact]
    public void EveryMachineRunsTheTarget()
    {
        foreach (var node in Cluster.Lab.Names)
        {
            File.ReadAllText(Cluster.Lab.PathOn(node, "/run/kubelet-version")).Trim().ShouldBe("v1.34.7", $"{node}\n{Cluster.Story}");
        }
    }

    [Fact]
    public void TheStepsRanInOrderOnNodesThatTheyDoNotDrain() =>
        Cluster.Containers.Select(container => $"{container.Phase} {container.Target}".Trim() + $" on {container.Node}").ToList()[1..^1].ShouldBe(
            [
                "preflight on k8s-node1",
                "master k8s-master on k8s-node1",
                "worker k8s-node4 on k8s-node1",
                "worker k8s-node3 on k8s-node1",
                "worker k8s-node3 on k8s-node1",
                "worker k8s-node2 on k8s-node1",
                "worker k8s-node1 on k8s-master",
            ],
            Cluster.Story);

    [Fact]
    public void DetectionIsTheFirstAndPostflightTheLast()
    {
        Cluster.Containers[0].Pod.ShouldStartWith("k8s-version-check-1-");
        Cluster.Containers[^1].Phase.ShouldBe("postflight", Cluster.Story);
    }

    [Fact]
    public void EveryProcessEndedWellAtItsFirstTryButTheOneThatWasEvicted() =>
        Cluster.Containers.Select(container => container.ExitCode).ShouldBe([0, 0, 0, 0, 143, 0, 0, 0, 0], Cluster.Story);

    [Fact]
    public void TheNodeScriptThatOutlivedItsStepWasAttachedToAndNotStartedAgain()
    {
        foreach (var node in Cluster.Lab.Names)
        {
            var run = Directory.GetDirectories(Cluster.Lab.PathOn(node, "/var/lib/stepper/runs")).ShouldHaveSingleItem($"{node}\n{Cluster.Story}");
            File.Exists(Path.Combine(run, "exit-0")).ShouldBeTrue(node);
        }

        var (evicted, next) = Cluster.Containers.Where(container => container.Target == PatchedCluster.Interrupted).ToList() switch { var both => (both[0], both[1]) };
        evicted.Log.ShouldContain("told to stop. The node script still runs on k8s-node3, which stays cordoned; the next try attaches to it");
        evicted.Log.ShouldNotContain("uncordoned");
        next.Log.ShouldContain("script: done");
    }

    [Fact]
    public void TheMasterStepRodeOutThatTheApiServerWasAway() =>
        Cluster.Containers.Single(container => container.Phase == "master").Log.ShouldContain("the API server has not answered", Case.Sensitive, Cluster.Story);

    [Fact]
    public void EveryJobIsNamedAfterItsStepAndSaysThatItIsDone() =>
        Cluster.Look(cluster => cluster.Store.List(Kinds.Job, UpgradedCluster.Namespace).Where(job => job.Labels().GetValueOrDefault("app") == "k8s-upgrade-chain")
            .Select(job => $"{job.Name()} {job.Annotation(Prefix + "outcome")}").Order(StringComparer.Ordinal).ToList()).ShouldBe(
            [
                "k8s-upgrade-master-1-34-7 done",
                "k8s-upgrade-postflight-1-34-7 done",
                "k8s-upgrade-preflight-1-34-7 done",
                "k8s-upgrade-worker-1-34-7-k8s-node1 done",
                "k8s-upgrade-worker-1-34-7-k8s-node2 done",
                "k8s-upgrade-worker-1-34-7-k8s-node3 done",
                "k8s-upgrade-worker-1-34-7-k8s-node4 done",
            ],
            Cluster.Story);

    [Fact]
    public void TheNodesAreAtTheTargetAndInUseAgain() =>
        Cluster.Look(cluster => cluster.Store.List(Kinds.Node).Select(node =>
            $"{node.Name()} {node.Text("status", "nodeInfo", "kubeletVersion")} ready={node.HasCondition("Ready")} cordoned={node.Flag("spec", "unschedulable")}").ToList())
            .ShouldAllBe(node => node.EndsWith(" v1.34.7 ready=True cordoned=False"), Cluster.Story);

    [Fact]
    public void NothingIsLeftOfTheRunButWhereItsSnapshotLies() =>
        Cluster.Look(cluster => cluster.Find(Kinds.Namespace, null, UpgradedCluster.Namespace)!.Map("metadata", "annotations")
            .Where(pair => pair.Key.StartsWith(Prefix, StringComparison.Ordinal)).Select(pair => $"{pair.Key[Prefix.Length..]}={pair.Value}").ToList())
            .ShouldBe(["last-snapshot=/mnt/main/etcd-backup/etcd-snapshot.db"], Cluster.Story);

    [Fact]
    public async Task TheGaugesOfTheRunAreThoseOfACompleteUpgrade()
    {
        var pushed = await Cluster.Monitoring.PushedAsync();

        foreach (var gauge in new[] { "in_flight", "snapshot_taken", "started_timestamp", "blocked", "held", "parked" })
        {
            pushed.ShouldContain($"k8s_upgrade_{gauge}{{instance=\"\",job=\"k8s-version-upgrade\"}} 0", Cluster.Story);
        }

        pushed.ShouldContain("k8s_upgrade_nodes{instance=\"\",job=\"k8s-version-upgrade\",state=\"done\"} 5");
        pushed.ShouldContain("k8s_upgrade_nodes{instance=\"\",job=\"k8s-version-upgrade\",state=\"working\"} 0");
        pushed.ShouldContain("k8s_upgrade_nodes{instance=\"\",job=\"k8s-version-upgrade\",state=\"pending\"} 0");
        pushed.ShouldContain("k8s_upgrade_available{instance=\"\",job=\"k8s-version-check\",kind=\"patch\",running=\"1.34.2\",target=\"1.34.7\"} 1");
        foreach (var timestamp in new[] { "k8s_upgrade_last_success_timestamp", "k8s_upgrade_last_progress_timestamp", "k8s_version_check_last_run_timestamp" })
        {
            pushed.Count(line => line.StartsWith(timestamp + "{", StringComparison.Ordinal)).ShouldBe(1, timestamp);
        }
    }

    [Fact]
    public async Task EachStepKeptItsOwnDuration() =>
        (await Cluster.Monitoring.PushedAsync()).Where(line => line.StartsWith("k8s_upgrade_phase_duration_seconds{", StringComparison.Ordinal)).Select(line => line[..line.LastIndexOf(' ')])
            .ShouldBe(
                [
                    Duration("", "postflight"),
                    Duration("", "preflight"),
                    Duration("k8s-master", "master"),
                    Duration("k8s-node1", "worker"),
                    Duration("k8s-node2", "worker"),
                    Duration("k8s-node3", "worker"),
                    Duration("k8s-node4", "worker"),
                ],
                ignoreOrder: true,
                Cluster.Story);

    [Fact]
    public async Task PrometheusSawTheRunInFlightWithItsSnapshot()
    {
        (await Cluster.Monitoring.QueryAsync("max_over_time(k8s_upgrade_in_flight[30m])")).ShouldBe("1", Cluster.Story);
        (await Cluster.Monitoring.QueryAsync("max_over_time(k8s_upgrade_snapshot_taken[30m])")).ShouldBe("1", Cluster.Story);
    }

    [Fact]
    public async Task AllMetricsWerePushedAndTheAlertsAndTheDashboardAskForNoOthers()
    {
        var rules = await Cluster.Monitoring.RulesAsync("Upgrade Gates");
        var asked = rules.Select(rule => (string)rule["query"]!).Concat(DashboardQuery.All.Select(query => query.Expression)).SelectMany(Promql.MetricsOf)
            .Where(name => name.StartsWith("k8s_", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);

        Cluster.Pushed.Names.ShouldBe(Metrics.All.Select(metric => metric.Name), ignoreOrder: true);
        asked.Count.ShouldBeGreaterThan(8);
        asked.Except(Cluster.Pushed.Names).ShouldBeEmpty();
        rules.Select(rule => $"{rule["health"]} {rule["lastError"]}").Distinct(StringComparer.Ordinal).ShouldBe(["ok "]);
    }

    [Fact]
    public async Task PromtoolJudgesTheAlertsByWhatWasPushed()
    {
        string[] none = [], inFlight = ["K8sUpgradeInFlight"], stalled = ["K8sUpgradeInFlight", "K8sUpgradeStalled"];
        var file = Repository.PathOf("artifacts/pushed/tests.yaml");
        await File.WriteAllTextAsync(
            file,
            $"rule_files: [{Repository.PathOf("monitoring/alerts.yaml")}]\nevaluation_interval: 1m\ntests:\n"
            + Cluster.PushedInFlight.AsCase("nothing more comes", honored: true, ("0m", inFlight), ("80m", inFlight), ("100m", stalled))
            + Cluster.PushedInFlight.AsCase("nor without honor_labels", honored: false, ("80m", inFlight), ("100m", stalled))
            + Cluster.Pushed.AsCase("all was over", honored: true, ("0m", none), ("3h", none)));

        await RunningProgram.RunAsync("promtool", "test", "rules", file);
    }

    [Fact]
    public async Task EveryQueryOfTheDashboardHasAnAnswer()
    {
        await Cluster.Monitoring.FeedAsync("job/kube-state-metrics", Repository.Read("tests/EndToEnd.Tests/Exporters/kube-state-metrics.txt"));
        await Cluster.Monitoring.FeedAsync("job/node-exporter/instance/192.168.1.11:9100", Repository.Read("tests/EndToEnd.Tests/Exporters/node-exporter.txt"));
        await Cluster.Monitoring.FeedAsync("job/apiserver/instance/192.168.1.10:6443", Repository.Read("tests/EndToEnd.Tests/Exporters/apiserver.txt"));
        await new Wait(TimeProvider.System).UntilAsync(
            TimeSpan.FromSeconds(20),
            TimeSpan.FromMilliseconds(200),
            async _ => await Cluster.Monitoring.QueryAsync("count(kubernetes_build_info)") is null ? "Prometheus has not scraped" : null,
            TestContext.Current.CancellationToken);

        var missing = await Task.WhenAll(DashboardQuery.All.Select(query => query.MissingAsync(Cluster.Monitoring)));

        missing.Where(each => each is not null).ShouldBeEmpty();
    }

    [Fact]
    public void SlackWasToldWhoSpeaksAndHowItEnded()
    {
        string[] speakers =
        [
            "[k8s-upgrade-preflight] ", "[k8s-upgrade-master] ", "[k8s-upgrade-worker:k8s-node4] ", "[k8s-upgrade-worker:k8s-node3] ",
            "[k8s-upgrade-worker:k8s-node2] ", "[k8s-upgrade-worker:k8s-node1] ", "[k8s-upgrade-postflight] ",
        ];

        speakers.ShouldAllBe(speaker => Cluster.Slack.Any(text => text.StartsWith(speaker, StringComparison.Ordinal)), Cluster.Story);
        Cluster.Slack[^1].ShouldStartWith("[k8s-upgrade-postflight] :white_check_mark: K8s upgrade complete");
        Cluster.Slack.ShouldNotContain(text => text.Contains("ABORT", StringComparison.Ordinal));
    }

    [Fact]
    public void Incident20_TheFlagThatTheUpgradeDropsWasToldBefore()
    {
        Cluster.Slack.Single(text => text.StartsWith("[k8s-upgrade-preflight] ", StringComparison.Ordinal))
            .ShouldContain(". Warning: the upgrade drops --oidc-client-id from the API server on k8s-master, since kubeadm writes its manifest from ClusterConfiguration alone; ");
        File.ReadAllText(Cluster.Lab.PathOn("k8s-master", "/etc/kubernetes/manifests/kube-apiserver.yaml")).ShouldNotContain("oidc");
    }

    private static string Duration(string node, string phase) =>
        $"k8s_upgrade_phase_duration_seconds{{instance=\"\",job=\"k8s-version-upgrade\",node=\"{node}\",phase=\"{phase}\"}}";
}
