using System.Text.Json.Nodes;
using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;
using Stepper.StepRunner.Drain;

namespace Stepper.StepRunner.Tests.Drain;

/// <summary>The drain in a cluster whose controllers make again what it ends, and count what its budgets cover.</summary>
public sealed class ClusterDrainTests
{
    private readonly List<string> _said = [];

    [Fact]
    public void OfADefaultClusterEachNodeCanBeDrainedInItsTurn()
    {
        var cluster = new SimulatedCluster(ClusterShapes.Default());

        foreach (var node in (string[])["k8s-master", "k8s-node4", "k8s-node3", "k8s-node2", "k8s-node1"])
        {
            Drain(cluster, node).IsDrained.ShouldBeTrue();
            Left(cluster, node).ShouldAllBe(owner => owner == "DaemonSet" || owner == "Node");
            Cordon(cluster, node, isCordoned: false);
        }
    }

    [Fact]
    public void TwoReplicasOnOneNodeGoOneAfterTheOtherAndNoneIsPushed()
    {
        var shape = ClusterShapes.Default().With(Workloads.Namespace("shop"), Workloads.Deployment("shop", "web", 2), Workloads.Budget("shop", "web", minAvailable: 1));
        string[] others = ["k8s-node1", "k8s-node2", "k8s-node4"];
        var cluster = new SimulatedCluster(others.Aggregate(shape, (changed, node) => changed.Change(node, each => each with { IsCordoned = true })));
        foreach (var node in others)
        {
            Cordon(cluster, node, isCordoned: false);
        }

        var report = Drain(cluster, "k8s-node3");

        report.IsDrained.ShouldBeTrue();
        report.Of(PodOutcome.Evicted).Count(pod => pod.Name.StartsWith("shop/web-", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public void ALoneReplicaUnderABudgetIsPushedAndStartsElsewhereAndALoneMemberOfASetIsNot()
    {
        var cluster = new SimulatedCluster(ClusterShapes.Default().With(
            Workloads.Namespace("shop"),
            Workloads.Deployment("shop", "web", 1),
            Workloads.Budget("shop", "web", minAvailable: 1),
            Workloads.StatefulSet("shop", "db", 1),
            Workloads.Budget("shop", "db", minAvailable: 1)));

        var web = Drain(cluster, NodeOf(cluster, "web"));
        var db = Drain(cluster, NodeOf(cluster, "db"));

        web.Of(PodOutcome.DeletedPastBudget).ShouldContain(pod => pod.Name.StartsWith("shop/web-", StringComparison.Ordinal));
        db.Of(PodOutcome.Stuck).ShouldHaveSingleItem().ToString().ShouldBe(
            "shop/db-0: has been blocked for 30 min by budget db (pods 1, healthy 1, needed 1, may go 0); "
            + "waited for, because the pod is of StatefulSet db, and only a ReplicaSet is sure to start another elsewhere");
        cluster.Store.List(Kinds.Pod, "shop").Count(IsReady).ShouldBe(2);
    }

    [Fact]
    public void AnApiServerThatIsAwayInTheMiddleDelaysItAndNoMore()
    {
        var cluster = new SimulatedCluster(ClusterShapes.Default());
        cluster.Time.After(TimeSpan.FromSeconds(0.5), () => cluster.TakeApiAway(TimeSpan.FromMinutes(3)));

        Drain(cluster, "k8s-node2").IsDrained.ShouldBeTrue();
    }

    [Fact]
    public void ManyPodsUnderBudgetsThatLetOneGoAtATimeAllGo()
    {
        var cluster = new SimulatedCluster(ClusterShapes.Big(workers: 4, podsPerNode: 60));

        var report = Drain(cluster, "k8s-node3");

        report.IsDrained.ShouldBeTrue();
        report.Of(PodOutcome.Evicted).Count.ShouldBeGreaterThan(50);
        report.Of(PodOutcome.DeletedPastBudget).ShouldNotContain(pod => pod.Name.StartsWith("team-", StringComparison.Ordinal));
    }

    private DrainReport Drain(SimulatedCluster cluster, string node)
    {
        var wait = new Wait(cluster.Time);
        var http = new HttpClient(cluster.Network()) { BaseAddress = new Uri("https://kubernetes.default.svc/"), Timeout = Timeout.InfiniteTimeSpan };
        Cordon(cluster, node, isCordoned: true);
        return cluster.Time.RunUntil(new NodeDrain(new KubeApi(http, wait, _said.Add), wait, _said.Add, DrainedNode.Options).RunAsync(node, null, default));
    }

    private static void Cordon(SimulatedCluster cluster, string node, bool isCordoned) =>
        cluster.Registry.Change(Kinds.Node, null, node, changed => changed["spec"]!["unschedulable"] = isCordoned);

    private static IEnumerable<string?> Left(SimulatedCluster cluster, string node) =>
        cluster.Store.PodsOn(node).Select(pod => (string?)pod.Body["metadata"]!["ownerReferences"]?[0]?["kind"]);

    private static string NodeOf(SimulatedCluster cluster, string app) =>
        (string)cluster.Store.List(Kinds.Pod, "shop").Single(pod => (string?)pod["metadata"]!["labels"]!["app"] == app)["spec"]!["nodeName"]!;

    private static bool IsReady(JsonObject pod) =>
        pod["status"]!["conditions"]!.AsArray().Any(condition => (string?)condition!["type"] == "Ready" && (string?)condition["status"] == "True");
}
