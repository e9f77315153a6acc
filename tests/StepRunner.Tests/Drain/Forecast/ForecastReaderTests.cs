using Stepper.Cluster.Nodes;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;
using Stepper.StepRunner.Drain;
using Stepper.StepRunner.Drain.Forecast;

namespace Stepper.StepRunner.Tests.Drain.Forecast;

public sealed class ForecastReaderTests
{
    [Fact]
    public void OfASmallClusterTheDrainOfANodeTakesOneListOfPods()
    {
        var (cluster, calls) = Counted(ClusterShapes.Default());

        var picture = Read(cluster, "k8s-node4");

        DrainForecast.Of(picture, "k8s-node4").Pods.ShouldBe(cluster.Sim.Store.List(Kinds.Pod)
            .Where(pod => pod.NodeName() == "k8s-node4" && pod.Controller().Text("kind") is not "DaemonSet").Select(pod => $"{pod.Namespace()}/{pod.Name()}").Order(StringComparer.Ordinal));
        calls.Count(call => call.StartsWith("list pods", StringComparison.Ordinal)).ShouldBe(1);
        calls.Count.ShouldBeLessThanOrEqualTo(5);
    }

    [Fact]
    public void OfABigClusterOnlyAsManyNodesAreReadAsThereMustBe()
    {
        var (cluster, calls) = Counted(ClusterShapes.Of(controlPlanes: 1, workers: 60, Given.Running, Given.Target));

        var forecast = DrainForecast.Of(Read(cluster, "k8s-node1"), "k8s-node1");

        forecast.Room.ShouldSatisfyAllConditions(room => room.AllPlaced.ShouldBeTrue(), room => room.Untold.ShouldBe(0));
        calls.Count(call => call.StartsWith("list pods", StringComparison.Ordinal)).ShouldBeLessThanOrEqualTo(10);
    }

    [Fact]
    public void OfABigClusterThatHasNoRoomItIsToldOfHowManyNodesItIsKnown()
    {
        var (cluster, calls) = Counted(ClusterShapes.Of(controlPlanes: 1, workers: 130, Given.Running, Given.Target).Change("k8s-node1", node => node with { Cpu = "64" })
            .With(Workloads.Deployment("default", "huge", 1, change: spec => spec["containers"]![0]!["resources"]!["requests"]!["cpu"] = "32")));

        var forecast = DrainForecast.Of(Read(cluster, "k8s-node1"), "k8s-node1");

        forecast.Room.Homeless.ShouldBe(0);
        forecast.Room.Workloads.Single(workload => workload.Workload.Contains("huge", StringComparison.Ordinal)).Why.ShouldBe("5 of 131 nodes, which were not looked at");
        calls.Count(call => call.StartsWith("list pods", StringComparison.Ordinal)).ShouldBeLessThan(130);
    }

    [Fact]
    public void APodWhoseDaemonSetIsGoneIsEvictedAsTheDrainHasIt()
    {
        var cluster = new TestCluster();
        var agent = cluster.Sim.Store.List(Kinds.Pod).First(pod => pod.NodeName() == "k8s-node4" && pod.Name().StartsWith("node-exporter", StringComparison.Ordinal));
        cluster.Sim.Registry.Change(Kinds.Pod, agent.Namespace(), agent.Name(), pod => pod["metadata"]!["ownerReferences"]![0]!["uid"] = "another");

        DrainForecast.Of(Read(cluster, "k8s-node4"), "k8s-node4").Pods.ShouldContain($"monitoring/{agent.Name()}");
    }

    [Fact]
    public void TheStepsOwnPodIsGoneByThen()
    {
        var cluster = new TestCluster();
        cluster.AddChainPod("own", "k8s-node4", endsByItself: true);

        var forecast = DrainForecast.Of(cluster.Run(Reader(cluster, "k8s-upgrade/own").ReadAsync(All(cluster), cluster.Node("k8s-node4"), default)), "k8s-node4");

        forecast.Pods.ShouldNotContain("k8s-upgrade/own");
    }

    private static (TestCluster Cluster, List<string> Calls) Counted(ClusterShape shape)
    {
        var (cluster, calls) = (new TestCluster(shape), new List<string>());
        cluster.Sim.Api.Requested += call =>
        {
            if (call.Resource != "nodes")
            {
                calls.Add($"{call.Verb} {call.Resource} {call.Name}");
            }
        };
        return (cluster, calls);
    }

    private static ClusterPicture Read(TestCluster cluster, string node) => cluster.Run(Reader(cluster, ownPod: null).ReadAsync(All(cluster), cluster.Node(node), default));

    private static IReadOnlyList<ClusterNode> All(TestCluster cluster) => cluster.Run(cluster.Nodes.ListAsync(default));

    private static ForecastReader Reader(TestCluster cluster, string? ownPod) => new(cluster.Api, new DaemonSets(cluster.Api), ownPod);
}
