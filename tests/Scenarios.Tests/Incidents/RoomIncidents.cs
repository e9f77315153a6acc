using System.Net;
using System.Text.Json.Nodes;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;

namespace Stepper.Scenarios.Tests.Incidents;

/// <summary>Evicted pods that had nowhere to go.</summary>
public sealed class RoomIncidents : ScenarioTests
{
    [Fact]
    public void Incident40_ServicesThatWillBeDownUntilTheNodeIsBackAreForecastAtPreflightAndSaidBeforeTheCordon()
    {
        var chain = Begin(Homeless());
        chain.Start();
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Line("of 5 other nodes").Who.ShouldBe("preflight", chain.Telling());
        var warned = chain.Line("message: Warning, before the cordon. k8s-node5: its drain evicts");
        warned.Text.ShouldContain("will be without room: 2 of 2 of ReplicaSet default/search-");
        warned.Text.ShouldContain("(it asks for memory 49152Mi and");
        warned.Time.ShouldBeLessThan(chain.Cordons.First(change => change.Node == "k8s-node5").Time);
        chain.WasTold("Warning, before the cordon. k8s-node5").ShouldBeTrue();
        chain.Messages.Count(message => message.Contains("before the cordon", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public void Incident40_BySettingSuchAnUpgradeIsNotBegun()
    {
        var chain = Begin(Homeless(), settings: "capacity: abort\n");
        var pods = chain.Cluster.Store.List(Kinds.Pod).Where(pod => pod.Namespace() != Scenario.Namespace).Select(ObjectFields.Uid).ToList();
        chain.Start();
        chain.RunToRest();

        chain.WasTold("ABORT: Nothing was changed. act now: of ").ShouldBeTrue(chain.Telling());
        chain.WasTold("will be without room: 2 of 2 of ReplicaSet default/search-").ShouldBeTrue(chain.Telling());
        chain.InFlight.ShouldBeNull();
        chain.Cordons.ShouldBeEmpty();
        chain.Cluster.Journal.Entries.ShouldContain(entry => entry.Call.What.Contains("/eviction", StringComparison.Ordinal));
        chain.Cluster.Store.List(Kinds.Pod).Where(pod => pod.Namespace() != Scenario.Namespace).Select(ObjectFields.Uid).ShouldBe(pods, chain.Telling("what is asked for a forecast ends no pod"));
    }

    [Fact]
    public void Incident40_HowMuchCameAsForecastIsAFigureOfTheRun()
    {
        var chain = Begin(Homeless());
        chain.Start();
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Line("forecast: k8s-node5: ").Text.ShouldContain("forecast: k8s-node5: its drain evicts");
        var figure = chain.Messages.Single(message => message.Contains(":white_check_mark:", StringComparison.Ordinal));
        figure.ShouldContain(" pods as forecast", customMessage: chain.Telling());
        var words = figure[(figure.IndexOf("Drain forecast: ", StringComparison.Ordinal) + "Drain forecast: ".Length)..].Split(' ');
        int.Parse(words[2]).ShouldBeGreaterThan(10);
        int.Parse(words[0]).ShouldBe(int.Parse(words[2]), chain.Telling());
    }

    [Fact]
    public void AForecastThatFailsKeepsNoStepFromGoingOn()
    {
        var chain = Begin();
        chain.Cluster.Api.Faults.Answer(call => call is { Resource: "poddisruptionbudgets", Namespace: "" }, HttpStatusCode.Forbidden, "Forbidden", "poddisruptionbudgets is forbidden", times: 1000);
        chain.Start();
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Said("whether evicted pods find room can't be told: ").ShouldBeTrue(chain.Telling());
        chain.Said("warning: no forecast for the drain of k8s-node4: ").ShouldBeTrue(chain.Telling());
        chain.WasTold("Drain forecast").ShouldBeFalse();
    }

    // One node has the memory for what runs on it, and no other one has.
    private static ClusterShape Homeless() => ClusterShapes.Of(controlPlanes: 1, workers: 5, new(1, 34, 2), new Stepper.Cluster.Versions.KubeVersion(1, 34, 7))
        .Change("k8s-node5", node => node with { Memory = "128Gi" })
        .With(Workloads.Deployment("default", "search", 2, change: spec =>
            spec["containers"]![0]!["resources"] = new JsonObject { ["requests"] = new JsonObject { ["memory"] = "48Gi" } }));
}
