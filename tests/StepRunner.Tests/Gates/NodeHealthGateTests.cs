using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;
using Stepper.StepRunner.Gates;

namespace Stepper.StepRunner.Tests.Gates;

public sealed class NodeHealthGateTests
{
    [Fact]
    public void WhereAllAreWellItHolds() => Ask(new TestCluster()).ShouldBe(Verdict.Holds);

    [Fact]
    public void ANodeThatIsNotReadyAborts()
    {
        var cluster = new TestCluster(ClusterShapes.Default().Change("k8s-node3", node => node with { IsDead = true }));

        var verdict = Ask(cluster);

        verdict.Kind.ShouldBe(VerdictKind.Aborts);
        verdict.Reason.ShouldStartWith("k8s-node3 is not Ready (");
    }

    [Theory]
    [InlineData("MemoryPressure", "True")]
    [InlineData("DiskPressure", "True")]
    [InlineData("PIDPressure", "Unknown")]
    public void PressureAborts(string pressure, string status)
    {
        var cluster = new TestCluster();
        SetCondition(cluster, pressure, status);

        Ask(cluster).ShouldAbort($"k8s-node2 has {pressure} {status}");
    }

    [Fact]
    public void ConditionsThatAreNoneOfTheseDoNotCount()
    {
        var cluster = new TestCluster();
        SetCondition(cluster, "FrequentContainerdRestart", "True");

        Ask(cluster).ShouldBe(Verdict.Holds);
    }

    [Fact]
    public void APersonsCordonIsAWarning()
    {
        var cluster = new TestCluster(ClusterShapes.Default().Change("k8s-node3", node => node with { IsCordoned = true }));

        Ask(cluster).ShouldWarn("k8s-node3 is cordoned by someone, and is left so");
    }

    [Fact]
    public void TheChainsOwnCordonIsNone()
    {
        var cluster = new TestCluster();
        cluster.Run(cluster.Cordons.TakeAsync(cluster.Node("k8s-node3"), Given.Run, default));

        Ask(cluster).ShouldBe(Verdict.Holds);
    }

    private static Verdict Ask(TestCluster cluster) => cluster.Ask(new NodeHealthGate(cluster.Cordons));

    private static void SetCondition(TestCluster cluster, string type, string status) => cluster.Sim.Registry.Change(
        Kinds.Node, null, "k8s-node2", node => node.SetCondition(type, status, null, null, cluster.Wait.Now));
}
