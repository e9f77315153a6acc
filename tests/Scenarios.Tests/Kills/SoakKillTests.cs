using System.Text.Json.Nodes;
using Stepper.Simulation;
using Stepper.Simulation.Shapes;

namespace Stepper.Scenarios.Tests.Kills;

/// <summary>A step that is killed after its drain: the next try finds the node empty, and waits all the same for what the first one evicted.</summary>
public sealed class SoakKillTests : ScenarioTests
{
    private static readonly TimeSpan ReadyAfter = TimeSpan.FromMinutes(20);

    [Theory]
    [InlineData(" is drained after ")]
    [InlineData(" is Ready at ")]
    [InlineData(" uncordoned")]
    [InlineData(" soaks: ")]
    [InlineData(" has soaked")]
    public void WhatTheFirstTryEvictedIsBackBeforeTheStepEnds(string moment)
    {
        var slow = Workloads.Deployment("default", "slow", 1, annotations: new JsonObject { ["simulation/ready-after"] = $"{ReadyAfter.TotalSeconds}s" });
        var chain = Begin(ClusterShapes.Default().With(slow), "soak: 3m\n");
        chain.Pass(ReadyAfter + TimeSpan.FromMinutes(1));
        var node = chain.PodsOf("default", "slow").Single().NodeName();
        chain.Start();
        chain.RunUntilSaid($"{node} is drained after ");
        var drained = chain.Now;
        if (moment != " is drained after ")
        {
            chain.RunUntilSaid($"{node}{moment}");
        }

        chain.Kill(Scenario.Worker(node));
        chain.RunUntil(() => chain.Outcome(Scenario.Worker(node)) == "done");

        chain.PodsOf("default", "slow").Single().IsReady().ShouldBeTrue(chain.Telling());
        (chain.Now - drained).ShouldBeGreaterThan(ReadyAfter - TimeSpan.FromMinutes(1));
        chain.Node(node).Annotation("viktorbarzin.me/k8s-upgrade-ran-before").ShouldBeEmpty();
        chain.RunToRest();
        chain.MustBeComplete();
    }
}
