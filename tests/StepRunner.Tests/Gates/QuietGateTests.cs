using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;
using Stepper.StepRunner.Gates;

namespace Stepper.StepRunner.Tests.Gates;

public sealed class QuietGateTests
{
    [Fact]
    public void NodesThatHaveLongBeenAsTheyAreAreQuiet() => Ask(new TestCluster()).ShouldBe(Verdict.Holds);

    [Fact]
    public void ANodeThatChangedWithinThePeriodRefusesAndSaysWhenItIsQuiet()
    {
        var cluster = new TestCluster(ClusterShapes.Default().Change("k8s-node3", node => node with { ReadySince = TimeSpan.FromHours(23) }));

        Ask(cluster).ShouldRefuseForNow("k8s-node3 was not Ready all the time; it is quiet at 2026-11-22 13:00:00Z");
    }

    [Fact]
    public void APeriodAgoIsQuietEnough() =>
        Ask(new TestCluster(ClusterShapes.Default().Change("k8s-node3", node => node with { ReadySince = TimeSpan.FromHours(24) }))).ShouldBe(Verdict.Holds);

    [Fact]
    public void WhatAStepOfTheChainChangedItselfDoesNotCount()
    {
        var cluster = new TestCluster(ClusterShapes.Default().Change("k8s-node3", node => node with { ReadySince = TimeSpan.FromHours(3) }));
        cluster.Annotate(
            Kinds.Node,
            null,
            "k8s-node3",
            ("viktorbarzin.me/k8s-upgrade-step-began", Given.Noon.AddHours(-3.2).AsField()),
            ("viktorbarzin.me/k8s-upgrade-step-ended", Given.Noon.AddHours(-3.1).AsField()));

        Ask(cluster).ShouldBe(Verdict.Holds);
    }

    [Fact]
    public void ANodeThatHasNeverReportedCannotBeJudged()
    {
        var cluster = new TestCluster();
        var silent = Given.Node("node9") with { Node = new Node { Metadata = new ObjectMeta { Name = "node9" } } };

        cluster.Run(Gate(cluster).CheckAsync(new GateFacts(Given.Step(PhaseName.Preflight), [silent], []), default)).ShouldAbort("since when node9 is as it is can't be read from its Ready condition");
    }

    private static Verdict Ask(TestCluster cluster) => cluster.Ask(Gate(cluster));

    private static QuietGate Gate(TestCluster cluster) => new(cluster.Marks, TimeSpan.FromHours(24), cluster.Wait);
}
