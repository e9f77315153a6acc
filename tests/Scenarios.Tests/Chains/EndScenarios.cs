using System.Text.Json.Nodes;
using Stepper.Simulation;
using Stepper.Simulation.Api;

namespace Stepper.Scenarios.Tests.Chains;

/// <summary>What the last message of a chain says of the cluster, compared with how it was before.</summary>
public sealed class EndScenarios : ScenarioTests
{
    [Fact]
    public void WhatIsAsReadyAsBeforeIsSaidToBeNoWorse()
    {
        var chain = Begin(settings: "soak: 1m");
        chain.Start();
        chain.RunToRest();

        chain.WasTold("Nothing is worse than before the run").ShouldBeTrue(chain.Telling());
    }

    [Fact]
    public void ItTellsOfEachNodeHowLongItWasOut()
    {
        var chain = Begin(settings: "soak: 1m");
        chain.Start();
        chain.RunToRest();

        // The last worker's Job is not complete yet when postflight looks.
        foreach (var node in chain.Cluster.Nodes)
        {
            chain.Messages[^1].ShouldMatch($@" {node.Name} 1\.34\.2 to 1\.34\.7 \([0-9.]+ min\)", chain.Telling());
        }
    }

    [Fact]
    public void WhatWasReadyBeforeTheRunAndIsNotAtItsEndIsNamed()
    {
        var chain = Begin(settings: "soak: 1m");
        chain.Start();
        chain.RunUntilSaid("postflight: target");
        Unready(chain, "batcher");
        chain.RunToRest();

        chain.WasTold("Not ready now, and ready before the run: default/batcher-").ShouldBeTrue(chain.Telling());
    }

    [Fact]
    public void WhatWasNotReadyBeforeTheRunIsNotLaidToItsCharge()
    {
        var chain = Begin(settings: "soak: 1m");
        Unready(chain, "batcher");
        chain.Start();
        chain.RunUntilSaid("postflight: target");
        Unready(chain, "batcher");
        chain.RunToRest();

        chain.WasTold("Nothing is worse than before the run").ShouldBeTrue(chain.Telling());
    }

    private static void Unready(Scenario chain, string app)
    {
        var pod = chain.Cluster.Store.List(Kinds.Pod, "default").First(pod => pod.Labels().GetValueOrDefault("app") == app);
        chain.Cluster.Registry.Change(Kinds.Pod, "default", pod.Name(), changed =>
        {
            foreach (var condition in changed.Items("status", "conditions").Where(condition => condition.Text("type") == "Ready"))
            {
                condition["status"] = JsonValue.Create("False");
            }
        });
    }
}
