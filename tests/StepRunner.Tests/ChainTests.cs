namespace Stepper.StepRunner.Tests;

public sealed class ChainTests
{
    [Fact]
    public void FourWorkersGoFromTheLastToTheRunnerEachHostedElsewhere() =>
        Walk([Given.Master(), Given.Worker("node1"), Given.Worker("node2"), Given.Worker("node3"), Given.Worker("node4")]).ShouldBe(
        [
            "preflight  on node1",
            "master k8s-master on node1",
            "worker node4 on node1",
            "worker node3 on node1",
            "worker node2 on node1",
            "worker node1 on k8s-master",
            "postflight  on any",
        ]);

    [Fact]
    public void OrderIsThatOfNumbersNotOfLetters() =>
        Walk([Given.Master(), Given.Worker("node10"), Given.Worker("node1"), Given.Worker("node9"), Given.Worker("node2")]).ShouldBe(
        [
            "preflight  on node1",
            "master k8s-master on node1",
            "worker node10 on node1",
            "worker node9 on node1",
            "worker node2 on node1",
            "worker node1 on k8s-master",
            "postflight  on any",
        ]);

    [Fact]
    public void NodesThatAreDoneAreSkipped() =>
        Walk([Given.Master(isDone: true), Given.Worker("node1"), Given.Worker("node2", isDone: true), Given.Worker("node3")]).ShouldBe(
        [
            "preflight  on node1",
            "master k8s-master on node1",
            "worker node3 on node1",
            "worker node1 on k8s-master",
            "postflight  on any",
        ]);

    [Fact]
    public void ANodeThatJoinedWhileTheChainRanIsUpgradedToo()
    {
        var done = Given.Step(PhaseName.Worker, "node1");

        var next = Chain.Next(done, [Given.Master(isDone: true), Given.Worker("node1", isDone: true), Given.Worker("node2", isDone: true), Given.Worker("node7")]);

        next.ShouldBe(done with { Node = "node7" });
    }

    [Fact]
    public void ANodeThatLeftWhileTheChainRanIsNotWaitedFor()
    {
        var next = Chain.Next(Given.Step(PhaseName.Worker, "node3"), [Given.Master(isDone: true), Given.Worker("node1", isDone: true)]);

        next!.Phase.ShouldBe(PhaseName.Postflight);
        next.Node.ShouldBeNull();
    }

    [Fact]
    public void AStepDoesNotFollowItself() =>
        Chain.Next(Given.Step(PhaseName.Worker, "node1"), [Given.Master(isDone: true), Given.Worker("node1")])!.Phase.ShouldBe(PhaseName.Postflight);

    [Fact]
    public void WithoutWorkersPostflightFollowsMaster() =>
        Chain.Next(Given.Step(PhaseName.Master, "k8s-master"), [Given.Master(isDone: true)])!.Phase.ShouldBe(PhaseName.Postflight);

    [Fact]
    public void NothingFollowsPostflight() => Chain.Next(Given.Step(PhaseName.Postflight), [Given.Master(), Given.Worker("node1")]).ShouldBeNull();

    [Fact]
    public void WhatAStepIsPartOfGoesOnToTheNext()
    {
        var done = Given.Step(PhaseName.Master, "k8s-master");

        var next = Chain.Next(done, [Given.Master(), Given.Worker("node1")])!;

        (next.Run, next.Kind, next.Image).ShouldBe((done.Run, done.Kind, done.Image));
    }

    [Fact]
    public void TheOnlyWorkersStepRunsOnTheControlPlane() =>
        Chain.BestHost(Given.Step(PhaseName.Worker, "node1"), [Given.Master(), Given.Worker("node1")]).ShouldBe("k8s-master");

    // Follows the chain to its end; each step leaves its node done.
    private static List<string> Walk(IReadOnlyList<ChainNode> nodes)
    {
        List<string> walked = [];
        for (var step = Given.Step(PhaseName.Preflight); step is not null; step = Chain.Next(step, nodes))
        {
            walked.Add($"{step.Phase.Text()} {step.Node} on {Chain.BestHost(step, nodes) ?? "any"}");
            nodes = [.. nodes.Select(node => node.Name == step.Node ? node with { IsDone = true } : node)];
        }

        return walked;
    }
}
