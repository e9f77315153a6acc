using System.Text.Json.Nodes;
using Stepper.Simulation.Shapes;
using Stepper.StepRunner.Spawning;

namespace Stepper.StepRunner.Tests.Spawning;

public sealed class HostRoomTests
{
    [Fact]
    public void AUsualNodeHasRoom() => WhyNot(node => node).ShouldBeNull();

    [Fact]
    public void RoomIsWhatTheTemplateRequests()
    {
        WhyNot(node => node with { Cpu = "100m", Memory = "64Mi" }).ShouldBeNull();
        WhyNot(node => node with { Cpu = "99m" }).ShouldBe("it has too little cpu left (0.099 of 0.099)");
        WhyNot(node => node with { Memory = "63Mi" }).ShouldBe("it has too little memory left (66060288 of 66060288)");
    }

    [Fact]
    public void ANodeWithoutAPlaceForAnotherPodHasNoRoom() => WhyNot(node => node with { Pods = 4 }).ShouldBe("it has 4 pods of 4");

    [Fact]
    public void WhatRunsThereIsCountedAndWhatIsOverIsNot()
    {
        var cluster = new TestCluster(Empty(node => node with { Cpu = "1" }));
        cluster.Sim.Create(Pod("runs", "950m", "Always"));
        cluster.Sim.Time.Pass(TimeSpan.FromMinutes(1));
        cluster.Run(new HostRoom(cluster.Api).WhyNotAsync(cluster.Node("k8s-node2"), default)).ShouldBe("it has too little cpu left (0.05 of 1)");

        cluster = new TestCluster(Empty(node => node with { Cpu = "1" }));
        cluster.Sim.Create(Pod("ends", "950m", "Never"));
        cluster.Sim.Time.Pass(TimeSpan.FromMinutes(1));
        cluster.Run(new HostRoom(cluster.Api).WhyNotAsync(cluster.Node("k8s-node2"), default)).ShouldBeNull();
    }

    [Fact]
    public void WhatAPodAsksForIsCountedAsTheSchedulerDoes()
    {
        var cluster = new TestCluster(Empty(node => node with { Cpu = "1" }));
        var pod = Pod("begins", "100m", "Always");
        pod["spec"]!["initContainers"] = new JsonArray(new JsonObject
        {
            ["name"] = "first",
            ["image"] = "registry.local/other:1",
            ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = "950m" } },
        });
        cluster.Sim.Create(pod);

        cluster.Run(new HostRoom(cluster.Api).WhyNotAsync(cluster.Node("k8s-node2"), default)).ShouldBe("it has too little cpu left (0.05 of 1)");
    }

    private static string? WhyNot(Func<NodeShape, NodeShape> change)
    {
        var cluster = new TestCluster(Empty(change));
        for (var number = 0; number < 4; number++)
        {
            cluster.Sim.Create(Pod($"pod-{number}", null, "Always"));
        }

        return cluster.Run(new HostRoom(cluster.Api).WhyNotAsync(cluster.Node("k8s-node2"), default));
    }

    // Nothing is on its nodes but what the fact puts there.
    private static ClusterShape Empty(Func<NodeShape, NodeShape> change)
    {
        var shape = ClusterShapes.Of(1, 2, Given.Running);
        return (shape with { Objects = [.. shape.Objects.Where(body => (string?)body["kind"] is "Namespace")] }).Change("k8s-node2", change);
    }

    private static JsonObject Pod(string name, string? cpu, string restarts)
    {
        var container = new JsonObject { ["name"] = "main", ["image"] = "registry.local/other:1" };
        if (cpu is not null)
        {
            container["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = cpu } };
        }

        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
            ["spec"] = new JsonObject { ["nodeName"] = "k8s-node2", ["restartPolicy"] = restarts, ["containers"] = new JsonArray(container) },
        };
    }
}
