using System.Text.Json.Nodes;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Monitoring;
using Stepper.Simulation.Shapes;

namespace Stepper.Scenarios.Tests.Chains;

/// <summary>What <c>stepper plan</c> shows of the cluster as it is.</summary>
public sealed class PlanScenarios : ScenarioTests
{
    [Fact]
    public void WhereAllGatesHoldItSaysSoAndChangesNothing()
    {
        var cluster = Begin();
        var writes = Writes(cluster);
        var pods = cluster.Cluster.Store.List(Kinds.Pod).Select(ObjectFields.Uid).ToList();

        cluster.ByHand("plan", "--target", Scenario.Target).ShouldBe(0, cluster.Telling());

        Shown(cluster)[0].ShouldBe("1.34.2 to 1.34.7 (patch)");
        Shown(cluster)[^1].ShouldBe("It could begin now: stepper start --target 1.34.7");
        Shown(cluster).Count(line => line.StartsWith("  holds ", StringComparison.Ordinal)).ShouldBeGreaterThan(7);
        writes.Where(call => call.Subresource != "eviction").ShouldBeEmpty();
        cluster.Cluster.Store.List(Kinds.Pod).Select(ObjectFields.Uid).ShouldBe(pods, "what is asked of evictions is only asked");
        cluster.Jobs.ShouldBeEmpty();
        cluster.Messages.ShouldBeEmpty();
        cluster.Cluster.Pushgateway.Groups.ShouldBeEmpty();
    }

    [Fact]
    public void EveryBlockerOfEveryGateIsShownWithWhatShowsItAndSinceWhen()
    {
        var cluster = Begin(ClusterShapes.Default().Change("k8s-node3", node => node with { IsDead = true }));
        cluster.Cluster.Prometheus.Fire(new SimulatedAlert("EtcdDown") { From = cluster.Now.AddHours(-2) });
        cluster.PullTheBrake("Black Friday");

        cluster.ByHand("plan", "--target", Scenario.Target).ShouldBe(4, cluster.Telling());

        var shown = string.Join('\n', Shown(cluster));
        shown.ShouldContain("  refuses   the kill switch to be off\n            decided by you: the kill switch is on (Black Friday)");
        shown.ShouldContain("  aborts    no blocking alert to fire\n            act now: alert EtcdDown fires, since 2026-11-22 10:00 UTC (see: curl -s http://prometheus-server");
        shown.ShouldContain("act now: k8s-node3 is not Ready (");
        shown.ShouldContain("(see: kubectl describe node k8s-node3)");
        shown.ShouldContain("  not asked kubeadm to have a plan for the target");
        Shown(cluster)[^1].ShouldMatch("^Not now. act now: .*EtcdDown.*; decided by you: the kill switch is on");
        cluster.Cluster.Node("k8s-master").Scripts.ShouldBeEmpty();
    }

    [Fact]
    public void WhatOnlyWaitsOrWasDecidedIsHeldAndNotBlocked()
    {
        var cluster = Begin(settings: "window: {open: ['Sat 02:00-06:00']}");

        cluster.ByHand("plan", "--target", Scenario.Target).ShouldBe(3, cluster.Telling());

        Shown(cluster)[^1].ShouldBe("Not now. wait: the window is shut until 2026-11-28 02:00 UTC (by setting window.open) (see: kubectl -n k8s-upgrade get configmap k8s-upgrade-config -o yaml)");
    }

    [Fact]
    public void WithoutATargetItIsWhatDetectionFinds()
    {
        var cluster = Begin();

        cluster.ByHand("plan").ShouldBe(0, cluster.Telling());

        Shown(cluster)[0].ShouldBe("1.34.2 to 1.34.7 (patch)");
    }

    [Fact]
    public void AsDataItIsOneDocument()
    {
        var cluster = Begin();
        cluster.Cluster.Prometheus.State = PrometheusState.Down;

        cluster.ByHand("plan", "--target", Scenario.Target, "--output", "json").ShouldBe(4);

        var plan = JsonNode.Parse(string.Join('\n', Shown(cluster)))!;
        ((bool)plan["ready"]!).ShouldBeFalse();
        var alerts = plan["gates"]!.AsArray().Single(gate => (string?)gate!["condition"] == "no blocking alert to fire")!;
        ((string?)alerts["answer"]).ShouldBe("aborts");
        ((string?)alerts["findings"]![0]!["class"]).ShouldBe("act now");
        ((string?)alerts["findings"]![0]!["command"]).ShouldBe("curl -s http://prometheus-server.monitoring.svc.cluster.local/api/v1/alerts");
    }

    [Theory]
    [InlineData("--target", "newest")]
    [InlineData("--output", "xml")]
    public void WrongUseIsToldBeforeAnythingIsAsked(string option, string value) => Begin().ByHand("plan", option, value).ShouldBe(2);

    private static IReadOnlyList<string> Shown(Scenario cluster) => [.. cluster.Story.Where(line => line.Who == "plan").Select(line => line.Text)];

    // An access review is kept nowhere.
    private static List<ApiCall> Writes(Scenario cluster)
    {
        var writes = new List<ApiCall>();
        cluster.Cluster.Api.Requested += call =>
        {
            if (call.Verb is not ("get" or "list" or "watch") && !call.Resource.EndsWith("reviews", StringComparison.Ordinal))
            {
                writes.Add(call);
            }
        };
        return writes;
    }
}
