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
}
