using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;

namespace Stepper.Simulation.Tests.World;

public sealed class DefaultClusterTests
{
    [Fact]
    public void AClusterIsAtRestWhenItsStoryBegins()
    {
        var cluster = new SimulatedCluster(ClusterShapes.Default());

        var pods = cluster.Store.List(Kinds.Pod).Select(pod => $"{pod.Namespace()}/{pod.Name()} {pod.NodeName()} {pod.Text("status", "phase")} {pod.IsReady()}").ToList();
        pods.Count.ShouldBe(4 + 5 + 5 + 5 + 2 + 2 + 3 + 1 + 2 + 2);
        pods.ShouldAllBe(pod => pod.EndsWith("Running True", StringComparison.Ordinal));
        cluster.Time.GetUtcNow().ShouldBe(cluster.Start);
        cluster.Store.List(Kinds.DisruptionBudget).Select(budget => $"{budget.Name()} {budget.Number("status", "disruptionsAllowed")}")
            .ShouldBe(["postgres 1", "web 1", "wiki 0", "coredns 1"]);
    }

    [Fact]
    public void ABigClusterComesToRest()
    {
        var cluster = new SimulatedCluster(ClusterShapes.Big(workers: 50, podsPerNode: 10));

        cluster.Store.List(Kinds.Pod).Count().ShouldBeGreaterThan(500);
        cluster.Store.List(Kinds.Pod).ShouldAllBe(pod => pod.IsReady());
        cluster.Store.List(Kinds.DisruptionBudget).Where(budget => budget.Namespace().StartsWith("team-", StringComparison.Ordinal))
            .Select(budget => budget.Number("status", "disruptionsAllowed")).Distinct().ShouldBe([1]);
    }

    [Fact]
    public void AShapeMayHaveOtherHostnamesDeadNodesAndCordonsByPeople()
    {
        var cluster = new SimulatedCluster(ClusterShapes.Default()
            .Change("k8s-node2", node => node with { HostnameLabel = "k8s-node2.lan.example.org" })
            .Change("k8s-node3", node => node with { IsDead = true })
            .Change("k8s-node4", node => node with { IsCordoned = true }));

        cluster.Find(Kinds.Node, null, "k8s-node2")!.Labels()["kubernetes.io/hostname"].ShouldBe("k8s-node2.lan.example.org");
        cluster.Find(Kinds.Node, null, "k8s-node3")!.Condition("Ready").Text("status").ShouldBe("Unknown");
        cluster.Find(Kinds.Node, null, "k8s-node4")!.Flag("spec", "unschedulable").ShouldBeTrue();
        cluster.Store.List(Kinds.Pod).Where(pod => pod.NodeName() == "k8s-node4").Select(pod => pod.Controller().Text("kind")).Distinct().ShouldBe(["DaemonSet"]);
        cluster.Find(Kinds.Node, null, "k8s-node1")!.Condition("Ready").Time("lastTransitionTime").ShouldBe(cluster.Start.AddDays(-9));
    }
}
