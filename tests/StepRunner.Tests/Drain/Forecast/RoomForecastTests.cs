using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Cluster.Nodes;
using Stepper.StepRunner.Drain.Forecast;

namespace Stepper.StepRunner.Tests.Drain.Forecast;

/// <summary>What is told of the pods of <c>node1</c>, which is drained.</summary>
public sealed class RoomForecastTests
{
    [Fact]
    public void APodThatFitsOnAnotherNodeFindsRoom() =>
        Of([Foreseen.Node("node2")], Foreseen.Pod("a", asks: """{"cpu":"4","memory":"8Gi"}""")).ShouldBe("1 fit");

    [Theory]
    [InlineData("""{"cpu":"4001m"}""", "1 homeless: of 1 other nodes 1 with too little cpu (it asks for cpu 4.001 and 4 is the most that is free)")]
    [InlineData("""{"memory":"9Gi"}""", "1 homeless: of 1 other nodes 1 with too little memory (it asks for memory 9216Mi and 8192Mi is the most that is free)")]
    [InlineData("""{"ephemeral-storage":"1Gi"}""", "1 homeless: of 1 other nodes 1 with too little ephemeral-storage (it asks for ephemeral-storage 1024Mi and 0Mi is the most that is free)")]
    [InlineData("""{"nvidia.com/gpu":"1"}""", "1 homeless: of 1 other nodes 1 with too little nvidia.com/gpu (it asks for nvidia.com/gpu 1 and 0 is the most that is free)")]
    public void APodThatAsksForMoreThanThereIsFindsNone(string asks, string told) => Of([Foreseen.Node("node2")], Foreseen.Pod("a", asks: asks)).ShouldBe(told);

    [Fact]
    public void WhatRunsThereAlreadyTakesRoom() => Of(
        [Foreseen.Node("node2"), Foreseen.Node("node3", more: ("nvidia.com/gpu", "1"))],
        Foreseen.Pod("a", owner: "ReplicaSet/gpu", asks: """{"nvidia.com/gpu":"1"}"""),
        Foreseen.Pod("b", node: "node3", asks: """{"nvidia.com/gpu":"1"}"""))
        .ShouldBe("1 homeless: of 2 other nodes 2 with too little nvidia.com/gpu (it asks for nvidia.com/gpu 1 and 0 is the most that is free)");

    [Fact]
    public void WhatIsFinishedTakesNone() => Of(
        [Foreseen.Node("node2")],
        Foreseen.Pod("a", asks: """{"cpu":"4"}"""),
        Foreseen.Pod("b", node: "node2", asks: """{"cpu":"4"}""", phase: "Succeeded")).ShouldBe("1 fit");

    [Fact]
    public void AFullNodeHasRoomForNoPodWhateverItAsksFor() => Of(
        [Foreseen.Node("node2", pods: "1")], Foreseen.Pod("a"), Foreseen.Pod("b", node: "node2")).ShouldBe("1 homeless: of 1 other nodes 1 with as many pods as it may have");

    [Fact]
    public void EachNodeThatKeepsItOffIsCountedWithItsReason() => Of(
        [Foreseen.Node("node2", isCordoned: true), Foreseen.Node("node3", taints: ["team=ml:NoSchedule"]), Foreseen.Node("node4", taints: ["team=ml:NoSchedule"]), Foreseen.Node("node5", cpu: "1")],
        Foreseen.Pod("a", asks: """{"cpu":"2"}"""))
        .ShouldBe("1 homeless: of 4 other nodes 2 with the taint team, 1 cordoned, 1 with too little cpu (it asks for cpu 2 and 1 is the most that is free)");

    [Fact]
    public void WithoutAnotherNodeThereIsNoRoom() => Of([], Foreseen.Pod("a")).ShouldBe("1 homeless: no other node");

    [Fact]
    public void OfThreeOfAKindItIsToldHowManyFit() => Of(
        [Foreseen.Node("node2")],
        Foreseen.Pod("a", asks: """{"cpu":"2"}"""),
        Foreseen.Pod("b", asks: """{"cpu":"2"}"""),
        Foreseen.Pod("c", asks: """{"cpu":"2"}""")).ShouldBe("2 fit, 1 homeless: there is not room for all that go");

    [Fact]
    public void OfTwoThatWantTheSameRoomItIsNotToldWhichGetsIt()
    {
        var room = Room([Foreseen.Node("node2", cpu: "2")], [Foreseen.Pod("a", asks: """{"cpu":"2"}"""), Foreseen.Pod("b", owner: "ReplicaSet/other", asks: """{"cpu":"2"}""")]);

        InWords(room).ShouldBe("1 untold: where the others go; 1 untold: where the others go");
        room.Homeless.ShouldBe(1);
        room.InWords().ShouldBe("of 2 pods that the drain of node1 evicts 1 will be without room: which of them depends on where the others go");
    }

    [Fact]
    public void WhatFitsOnlyWhereTheOthersGoWellCannotBeTold() => Of(
        [Foreseen.Node("node2", cpu: "2"), Foreseen.Node("node3", cpu: "2")],
        Foreseen.Pod("a", owner: "ReplicaSet/small", asks: """{"cpu":"1"}"""),
        Foreseen.Pod("b", owner: "ReplicaSet/small", asks: """{"cpu":"1"}"""),
        Foreseen.Pod("c", asks: """{"cpu":"2"}""")).ShouldBe("2 fit; 1 untold: where the others go");

    [Fact]
    public void WhereMoreIsAtPlayItCannotBeTold() => Of(
        [Foreseen.Node("node2")], Foreseen.Pod("a", spec: """{"volumes":[{"name":"data","persistentVolumeClaim":{"claimName":"data"}}]}""")).ShouldBe("1 untold: volumes");

    [Fact]
    public void WhatCannotBeToldMayTakeTheRoomOfAnother() => Of(
        [Foreseen.Node("node2", cpu: "2")],
        Foreseen.Pod("a", asks: """{"cpu":"2"}"""),
        Foreseen.Pod("b", owner: "StatefulSet/db", spec: """{"volumes":[{"name":"data","persistentVolumeClaim":{"claimName":"data"}}],"containers":[{"resources":{"requests":{"cpu":"1"}}}]}"""))
        .ShouldBe("1 untold: volumes; 1 untold: where the others go");

    [Fact]
    public void APodThatOthersKeepOffByTheirAntiAffinityCannotBeTold() => Of(
        [Foreseen.Node("node2")],
        Foreseen.Pod("a"),
        Foreseen.Pod("b", node: "node2", owner: "ReplicaSet/loner", labels: "{}", spec: """{"affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"app":"web"}}}]}}}"""))
        .ShouldBe("1 untold: anti-affinity of others");

    [Fact]
    public void APodThatMayEndPodsOfLowerPriorityCannotBeToldToFindNoRoom() => Of(
        [Foreseen.Node("node2", cpu: "2")],
        Foreseen.Pod("a", spec: """{"priority":1000,"containers":[{"resources":{"requests":{"cpu":"2"}}}]}"""),
        Foreseen.Pod("b", node: "node2", asks: """{"cpu":"1"}""")).ShouldBe("1 untold: pods of lower priority, whose room it may take");

    [Fact]
    public void OneThatNeverEndsOthersIsTold() => Of(
        [Foreseen.Node("node2", cpu: "2")],
        Foreseen.Pod("a", spec: """{"priority":1000,"preemptionPolicy":"Never","containers":[{"resources":{"requests":{"cpu":"2"}}}]}"""),
        Foreseen.Pod("b", node: "node2", asks: """{"cpu":"1"}""")).ShouldStartWith("1 homeless");

    [Theory]
    [InlineData(null)]
    [InlineData("DaemonSet/agent")]
    public void WhatDoesNotComeBackNeedsNoRoom(string? owner) => Room([], [Foreseen.Pod("a", owner: owner)]).Pods.ShouldBe(0);

    private static string Of(IReadOnlyList<ClusterNode> others, params IReadOnlyList<SchedulablePod> pods) => InWords(Room(others, pods));

    private static NodeRoom Room(IReadOnlyList<ClusterNode> others, IReadOnlyList<SchedulablePod> pods) =>
        RoomForecast.Of(Foreseen.Picture([Foreseen.Node("node1", cpu: "64", memory: "64Gi"), .. others], pods), "node1");

    private static string InWords(NodeRoom room) => string.Join("; ", room.Workloads.Select(workload => string.Join(", ", ((string?[])
        [
            workload.Fit > 0 ? $"{workload.Fit} fit" : null,
            workload.Homeless > 0 ? $"{workload.Homeless} homeless" : null,
            workload.Untold > 0 ? $"{workload.Untold} untold" : null,
        ]).OfType<string>()) + (workload.Why.Length > 0 ? $": {workload.Why}" : "")));
}
