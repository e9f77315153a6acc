using System.Text.Json.Nodes;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Monitoring;

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

    [Fact]
    public void APostflightThatNeverPassedIsToldWhenTheRecordOfItsRunIsCleared()
    {
        var chain = Begin(settings: "soak: 1m\nquiesce: [default/web]\n");
        chain.Start();
        chain.RunUntilSaid("postflight: target");
        chain.Cluster.Prometheus.Fire(new SimulatedAlert("EtcdDown"));
        chain.RunToRest();
        chain.Messages[^1].ShouldContain("have it looked at again: stepper --phase postflight", Case.Sensitive, chain.Telling());

        chain.Cluster.Registry.Change(Kinds.Deployment, "default", "web", web =>
        {
            web["metadata"]!.AsObject().Child("annotations")["viktorbarzin.me/k8s-upgrade-replicas"] = "3";
            web["spec"]!["replicas"] = 0;
        });
        chain.Pass(TimeSpan.FromHours(1));
        chain.Detect();

        chain.InFlight.ShouldBeNull(chain.Telling());
        chain.Replicas("default", "web").ShouldBe(3);
        chain.Messages[^1].ShouldBe(
            "[k8s-version-check] All 5 nodes are done at 1.34.7, but postflight of the run 1.34.7/2026-11-22T12:00:00Z never passed. The run's record is cleared. What postflight looks at (pods, alerts, smoke tests) is looked at by: stepper --phase postflight",
            chain.Telling());
    }

    [Fact]
    public void ARunThatTookTheRecordMeanwhileKeepsIt()
    {
        var chain = Begin(settings: "soak: 1m");
        chain.Start();
        chain.RunUntilSaid("smoke tests passed");
        chain.Cluster.Registry.Change(Kinds.Namespace, null, Scenario.Namespace, ns => ns["metadata"]!["annotations"]!["viktorbarzin.me/k8s-upgrade-in-flight"] = "2026-11-22T15:00:00Z");
        chain.RunToRest();

        chain.InFlight.ShouldBe("2026-11-22T15:00:00Z", chain.Telling());
        chain.WasTold("the run 1.34.7/2026-11-22T15:00:00Z is in flight by now").ShouldBeTrue(chain.Telling());
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
