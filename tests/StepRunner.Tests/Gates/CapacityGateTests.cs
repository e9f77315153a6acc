using System.Net;
using System.Text.Json.Nodes;
using Stepper.Simulation.Shapes;
using Stepper.StepRunner.Drain;
using Stepper.StepRunner.Drain.Forecast;
using Stepper.StepRunner.Gates;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Tests.Gates;

public sealed class CapacityGateTests
{
    private const string TooBig =
        "of 2 pods that the drain of k8s-node3 evicts 1 will be without room: 1 of 1 of StatefulSet default/big, of 4 other nodes 2 with too little memory, "
        + "1 with the taint node-role.kubernetes.io/control-plane, 1 with the taint nvidia.com/gpu (it asks for memory 40960Mi and 32704Mi is the most that is free)";

    [Fact]
    public void WhereAllFindRoomItHolds() => Ask(new TestCluster(Few())).ShouldBe(Verdict.Holds);

    [Fact]
    public void APodThatFindsNoRoomIsAWarningWithItsNumbers() => Ask(new TestCluster(WithBig())).ShouldWarn(TooBig);

    [Fact]
    public void BySettingItIsAnAbort() => Ask(new TestCluster(WithBig()), Consequence.Abort).ShouldAbort(TooBig);

    [Fact]
    public void OfWhatItCannotTellItSaysTheShare()
    {
        var claim = new JsonObject { ["name"] = "data", ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = "data" } };
        var cluster = new TestCluster(Few().With(Workloads.StatefulSet("default", "db", 1, change: spec => spec["volumes"] = new JsonArray(claim))));

        Ask(cluster, Consequence.Abort).ShouldWarn("of 1 of 4 pods (25 %) it can't be told whether they find room, because more is at play: volumes 1");
    }

    [Fact]
    public void WorkersThatAreAtTheTargetAreNotDrained() =>
        Ask(new TestCluster(WithBig().Change("k8s-node3", node => node with { Version = Given.Target }))).ShouldBe(Verdict.Holds);

    [Fact]
    public void WhatCannotBeAskedIsAWarning() => Only(Ask(Refusing()), VerdictKind.Warns).ShouldStartWith("whether evicted pods find room can't be told: ");

    [Fact]
    public void BySettingItIsClosedWhenItCannotBeAsked() => Only(Ask(Refusing(), Consequence.Abort), VerdictKind.Aborts).ShouldStartWith("can't tell (waiting for the pods that a drain evicts to find room on the other nodes): ");

    [Fact]
    public void AnApiServerThatIsAwayIsNotWaitedForLong()
    {
        var cluster = new TestCluster(Few());
        var facts = cluster.Facts(Given.Step(PhaseName.Preflight));
        var began = cluster.Wait.Now;
        cluster.Sim.TakeApiAway(TimeSpan.FromMinutes(30));

        cluster.Run(GateList.AskAsync(Gate(cluster, Consequence.Warn), facts, default)).ShouldWarn("whether evicted pods find room can't be told: the forecast was not ready within 2 min");
        (cluster.Wait.Now - began).ShouldBeLessThan(TimeSpan.FromMinutes(3));
    }

    // Three pods that go, and nothing else: the control plane's own stay away from the workers.
    private static ClusterShape Few()
    {
        var shape = ClusterShapes.Default();
        return shape with { Objects = [.. shape.Objects.Where(body => (string?)body["kind"] is "Namespace" or "ServiceAccount"), Workloads.Deployment("default", "web", 3)] };
    }

    // Only one node is big enough for it.
    private static ClusterShape WithBig() => Few().Change("k8s-node3", node => node with { Memory = "64Gi" }).With(Workloads.StatefulSet("default", "big", 1, change: spec =>
        spec["containers"]![0]!["resources"] = new JsonObject { ["requests"] = new JsonObject { ["memory"] = "40Gi" } }));

    private static TestCluster Refusing()
    {
        var cluster = new TestCluster(Few());
        cluster.Sim.Api.Faults.Answer(call => call.Resource == "poddisruptionbudgets", HttpStatusCode.Forbidden, "Forbidden", "poddisruptionbudgets is forbidden", times: 100);
        return cluster;
    }

    private static string Only(Verdict verdict, VerdictKind kind)
    {
        verdict.Kind.ShouldBe(kind);
        return verdict.Findings.ShouldHaveSingleItem().Seen;
    }

    private static Verdict Ask(TestCluster cluster, Consequence consequence = Consequence.Warn) => cluster.Ask(Gate(cluster, consequence));

    private static CapacityGate Gate(TestCluster cluster, Consequence consequence) =>
        new(new DrainSurvey(new ForecastReader(cluster.Api, new DaemonSets(cluster.Api), ownPod: null), cluster.Wait), consequence);
}
