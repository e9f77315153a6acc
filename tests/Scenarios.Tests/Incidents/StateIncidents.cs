using System.Text.Json.Nodes;
using Stepper.Cluster.Versions;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Monitoring;
using Stepper.Simulation.Shapes;

namespace Stepper.Scenarios.Tests.Incidents;

/// <summary>What went wrong with what the chain remembers, and with what detection made of it.</summary>
public sealed class StateIncidents : ScenarioTests
{
    private static readonly KubeVersion Before = new(1, 34, 2);
    private static readonly KubeVersion After = new(1, 34, 7);

    [Fact]
    public void Incident08_APreflightThatFailedIsMadeAgainByTheNextDetection()
    {
        var chain = Begin();
        chain.Cluster.Prometheus.Fire(new SimulatedAlert("EtcdDown") { Until = chain.Now + TimeSpan.FromMinutes(30) });
        chain.Detect();
        chain.RunToRest();
        chain.HasFailed("k8s-upgrade-preflight-1-34-7").ShouldBeTrue(chain.Telling());
        chain.WasTold("alert EtcdDown fires").ShouldBeTrue();

        chain.Pass(TimeSpan.FromHours(1));
        chain.Detect();
        chain.RunToRest();
        chain.MustBeComplete();
    }

    [Fact]
    public void Incident08_AWorkerThatFailedIsMadeAgainByTheRunThatIsTakenUp()
    {
        var chain = Begin();
        FailAt(chain, "k8s-node4", "kubelet", times: 2);
        chain.Start();
        chain.RunToRest();
        chain.HasFailed(Scenario.Worker("k8s-node4")).ShouldBeTrue(chain.Telling());

        chain.Pass(TimeSpan.FromHours(1));
        chain.Detect();
        chain.RunToRest();
        chain.MustBeComplete();
        chain.Jobs.Count(job => job.Node == "k8s-node4").ShouldBe(2);
    }

    [Fact]
    public void Incident10_AControlPlaneThatIsDoneIsNoReasonToRefuse()
    {
        var chain = Begin(ClusterShapes.Default().Change("k8s-master", node => node with { Version = After }));
        chain.Detect();
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Cluster.Journal.Entries.ShouldNotContain(entry => entry.Call.Seam == "ssh" && entry.Call.What.StartsWith("kubeadm-plan", StringComparison.Ordinal));
        chain.Cluster.Node("k8s-master").Scripts.ShouldBeEmpty();
    }

    [Fact]
    public void Incident10_AResumedChainGoesOnWithTheWorkersLeft()
    {
        var chain = Begin();
        FailAt(chain, "k8s-node3", "source", times: 2);
        chain.Start();
        chain.RunToRest();
        chain.Pass(TimeSpan.FromDays(1));
        chain.Detect();
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Jobs.Where(job => job.Node.Length > 0).Select(job => job.Node).ShouldBe(
            ["k8s-master", "k8s-node4", "k8s-node3", "k8s-master", "k8s-node3", "k8s-node2", "k8s-node1"], chain.Telling());
        chain.Cluster.Node("k8s-node4").Scripts.Count.ShouldBe(1);
    }

    [Fact]
    public void Incident11_TheOldestKubeletDecides()
    {
        var chain = Begin(ClusterShapes.Default()
            .Change("k8s-master", node => node with { Version = After })
            .Change("k8s-node4", node => node with { Version = After })
            .Change("k8s-node3", node => node with { Version = After }));
        chain.Detect();
        chain.Cluster.Pushgateway.Value("k8s-version-check", """k8s_upgrade_available{kind="patch",running="1.34.2",target="1.34.7"}""").ShouldBe(1);
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Cluster.Node("k8s-node3").Scripts.ShouldBeEmpty();
        chain.Cluster.Node("k8s-node1").Scripts.Count.ShouldBe(1);
    }

    [Fact]
    public void Incident12_ANodeThatJoinsDuringTheChainIsUpgradedAndCounted()
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid("k8s-node4 soaks: 4 min left");
        chain.Cluster.Join(new NodeShape("k8s-node5", Before));
        chain.Cluster.Join(new NodeShape("k8s-node6", After));
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Jobs.Where(job => job.Phase == "worker").Select(job => job.Node).ShouldBe(["k8s-node4", "k8s-node5", "k8s-node3", "k8s-node2", "k8s-node1"], chain.Telling());
        chain.Said("all 7 nodes are done").ShouldBeTrue();
    }

    [Fact]
    public void Incident12_PostflightCountsANodeThatJoinedBehindTheChainsBack()
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid("Job k8s-upgrade-postflight-1-34-7 made");
        chain.Cluster.Join(new NodeShape("k8s-node5", Before));
        chain.RunToRest();
        chain.WasTold("1 of 6 nodes are not done: k8s-node5: its kubelet is at 1.34.2").ShouldBeTrue(chain.Telling());
        chain.InFlight.ShouldNotBeNull();

        chain.Pass(TimeSpan.FromDays(2));
        chain.Detect();
        chain.RunToRest();
        chain.MustBeComplete();
    }

    [Fact]
    public void WhatOthersPutBesideTheControlPlaneIsNotTakenForKubeadms()
    {
        var cloud = Workloads.DaemonSet("kube-system", "cloud-controller-manager");
        foreach (var labels in new[] { cloud.At("spec", "selector", "matchLabels"), cloud.At("spec", "template", "metadata", "labels") })
        {
            labels!["tier"] = "control-plane";
            labels["component"] = "cloud-controller-manager";
        }

        var chain = Begin(ClusterShapes.Default().With(cloud));
        chain.Detect();
        chain.RunToRest();

        chain.MustBeComplete();
    }

    [Fact]
    public void Incident14_ThePatchAfter9Is10()
    {
        var chain = Begin(ClusterShapes.Of(1, 2, new KubeVersion(1, 34, 9), new KubeVersion(1, 34, 10)));
        chain.Detect();
        chain.RunToRest();

        chain.MustBeComplete("1.34.10");
    }

    [Fact]
    public void Incident14_9IsNoTargetAfter10()
    {
        var chain = Begin(ClusterShapes.Of(1, 2, new KubeVersion(1, 34, 10), new KubeVersion(1, 34, 9)));
        chain.Detect();

        chain.Said("nothing to upgrade to: 1.34.10 is the newest release of 1.34").ShouldBeTrue(chain.Telling());
        chain.Jobs.ShouldBeEmpty();
        chain.Cluster.Pushgateway.Value("k8s-version-check", """k8s_upgrade_available{kind="none",running="1.34.10",target="1.34.10"}""").ShouldBe(0);
    }

    [Fact]
    public void Incident27_APatchThatComesOutDuringAChainWaitsForItsEnd()
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid("k8s-node4 soaks: 4 min left");
        chain.Cluster.Packages.Offer(new KubeVersion(1, 34, 8), chain.Now);
        chain.Detect();
        chain.Said("left alone: the run 1.34.7/").ShouldBeTrue(chain.Telling());
        chain.ByHand("start", "--target", "1.34.8").ShouldBe(1);
        chain.Line("not begun: the run 1.34.7/");
        chain.RunToRest();
        chain.MustBeComplete();
        chain.Jobs.ShouldAllBe(job => job.Name.Contains("1-34-7", StringComparison.Ordinal));

        chain.Detect();
        chain.RunToRest();
        chain.MustBeComplete("1.34.8");
    }

    [Fact]
    public void Incident27_AStoppedRunIsFinishedBeforeANewerTargetIsBegun()
    {
        var chain = Begin();
        FailAt(chain, "k8s-node4", "source", times: 2);
        chain.Start();
        chain.RunToRest();
        chain.Cluster.Packages.Offer(new KubeVersion(1, 34, 8), chain.Now);
        chain.Pass(TimeSpan.FromDays(1));
        chain.Detect();
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Jobs.ShouldAllBe(job => job.Name.Contains("1-34-7", StringComparison.Ordinal));
    }

    [Fact]
    public void Incident46_AHalfWayMinorIsFinishedThoughTheOldMinorHasANewPatch()
    {
        var chain = Begin(ClusterShapes.Of(1, 2, Before, new KubeVersion(1, 34, 8), new KubeVersion(1, 35, 1)).Change("k8s-master", node => node with { Version = new KubeVersion(1, 35, 1) }));
        chain.Detect();
        chain.RunToRest();

        chain.MustBeComplete("1.35.1");
        chain.Jobs.ShouldAllBe(job => job.Name.Contains("1-35-1", StringComparison.Ordinal));
    }

    [Fact]
    public void Incident38_ARunWhoseJobsAreAllGoneIsTakenUpAgain()
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid("k8s-node4 soaks: 4 min left");
        foreach (var job in chain.Cluster.Store.List(Kinds.Job, Scenario.Namespace).ToList())
        {
            chain.Cluster.Registry.Delete(Kinds.Job, Scenario.Namespace, job.Name());
        }

        chain.Cluster.Pushgateway.Restart();
        chain.Pass(TimeSpan.FromMinutes(5));
        chain.Detect();
        chain.Said("left alone: the run 1.34.7/2026-11-22T12:00:00Z is in flight, and moved at").ShouldBeTrue(chain.Telling());
        chain.Gauge("k8s_upgrade_in_flight").ShouldBe(1);
        chain.Gauge("k8s_upgrade_last_progress_timestamp").ShouldBe(DateTimeOffset.Parse(chain.Annotation("progress")!).ToUnixTimeSeconds());

        chain.Pass(TimeSpan.FromMinutes(10));
        chain.Detect();
        chain.Said("the run 1.34.7/2026-11-22T12:00:00Z has stopped; it is taken up again").ShouldBeTrue(chain.Telling());
        chain.RunToRest();
        chain.MustBeComplete();
        chain.Cluster.Node("k8s-node4").Scripts.Count.ShouldBe(1);
    }

    [Fact]
    public void Incident38_ARecordThatOutlivedAFinishedChainIsClearedAndItsGaugesSetRight()
    {
        var chain = Begin(ClusterShapes.Of(1, 2, After));
        chain.Cluster.Registry.Change(Kinds.Namespace, null, Scenario.Namespace, ns => ns["metadata"]!.AsObject().Child("annotations").Add("viktorbarzin.me/k8s-upgrade-in-flight", "2026-11-15T12:00:00Z"));
        chain.Cluster.Registry.Change(Kinds.Namespace, null, Scenario.Namespace, ns => ns["metadata"]!["annotations"]!["viktorbarzin.me/k8s-upgrade-target"] = "1.34.7");
        chain.Detect();

        chain.InFlight.ShouldBeNull(chain.Telling());
        chain.Annotation("target").ShouldBeNull();
        chain.Gauge("k8s_upgrade_in_flight").ShouldBe(0);
        chain.Jobs.ShouldBeEmpty();
    }

    [Fact]
    public void Incident44_AJobOfLastWeeksRunDoesNotCount()
    {
        var chain = Begin();
        chain.PlantJobOfAnotherRun("k8s-node3");
        chain.Start();
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Jobs.Single(job => job.Node == "k8s-node3").Run.ShouldBe("1.34.7/2026-11-22T12:00:00Z");
        chain.Cluster.Node("k8s-node3").Scripts.Count.ShouldBe(1);
    }

    [Fact]
    public void Incident49_AJobThatIsBeingDeletedIsWaitedForAndThenMade()
    {
        var chain = Begin();
        var gone = PlantJobThatIsBeingDeleted(chain);
        chain.Start();
        chain.RunUntilSaid("k8s-node4 has soaked");
        chain.Cluster.Time.After(TimeSpan.FromSeconds(40), () => Release(chain));
        chain.RunToRest();

        chain.MustBeComplete();
        var made = chain.Jobs.Single(job => job.Node == "k8s-node3");
        made.Time.ShouldBeGreaterThanOrEqualTo(gone().ShouldNotBeNull());
        chain.Outcome(made.Name).ShouldBe("done");
    }

    [Fact]
    public void Incident49_AJobThatIsNeverGoneStopsTheChainAndSaysWhatHoldsIt()
    {
        var chain = Begin();
        PlantJobThatIsBeingDeleted(chain);
        chain.Start();
        chain.RunUntilSaid("k8s-node4 has soaked");
        chain.RunUntil(() => chain.HasFailed(Scenario.Worker("k8s-node4")));
        chain.WasTold("Job k8s-upgrade-worker-1-34-7-k8s-node3 is still being deleted after 2 min").ShouldBeTrue(chain.Telling());
        chain.Jobs.ShouldNotContain(job => job.Node == "k8s-node3");

        Release(chain);
        chain.Pass(TimeSpan.FromHours(1));
        chain.Detect();
        chain.RunToRest();
        chain.MustBeComplete();
    }

    private static void FailAt(Scenario chain, string node, string stage, int times) =>
        chain.Cluster.Node(node).Script = chain.Cluster.Node(node).Script with { FailsAt = stage, FailsTimes = times };

    // Gives when it was gone; null before.
    private static Func<DateTimeOffset?> PlantJobThatIsBeingDeleted(Scenario chain)
    {
        DateTimeOffset? gone = null;
        chain.PlantJobOfAnotherRun("k8s-node3", job => job["metadata"]!["finalizers"] = new JsonArray("example.org/slow"));
        chain.Cluster.Registry.Delete(Kinds.Job, Scenario.Namespace, Scenario.Worker("k8s-node3"));
        chain.Cluster.Store.Changed += change => gone ??= change.Type == ChangeType.Deleted && change.Object.Name() == Scenario.Worker("k8s-node3") ? chain.Now : null;
        return () => gone;
    }

    private static void Release(Scenario chain) =>
        chain.Cluster.Registry.Change(Kinds.Job, Scenario.Namespace, Scenario.Worker("k8s-node3"), job => job["metadata"]!.AsObject().Remove("finalizers"));
}
