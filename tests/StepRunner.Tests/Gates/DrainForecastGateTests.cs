using System.Net;
using System.Text.Json.Nodes;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;
using Stepper.StepRunner.Drain;
using Stepper.StepRunner.Drain.Forecast;
using Stepper.StepRunner.Gates;

namespace Stepper.StepRunner.Tests.Gates;

public sealed class DrainForecastGateTests
{
    [Fact]
    public void WhereAllBudgetsLetGoItHolds() => Ask(Cluster(Workloads.Deployment("default", "web", 3), Workloads.Budget("default", "web", maxUnavailable: 1))).ShouldBe(Verdict.Holds);

    [Fact]
    public void ABudgetThatNeverLetsGoIsNamedWithItsNumbersAndWhatTheDrainDoes()
    {
        var cluster = Cluster(Workloads.Deployment("default", "wiki", 1), Workloads.Budget("default", "wiki", minAvailable: 1));

        Ask(cluster).ShouldWarn(
            "budget wiki (pods 1, healthy 1, needed 1, may go 0): never lets go, because it needs 1 healthy and there are only 1 when all of them are; "
            + $"the drain deletes it past the budget: {Pods(cluster, "wiki")}");
    }

    [Fact]
    public void OneThatTheDrainWouldWaitForInVainIsToldSo()
    {
        var cluster = Cluster(Workloads.StatefulSet("default", "db", 2), Workloads.Budget("default", "db", maxUnavailable: 0));

        Ask(cluster).ShouldWarn(
            "budget db (pods 2, healthy 2, needed 2, may go 0): never lets go, because it needs 2 healthy and there are only 2 when all of them are; "
            + $"the drain would wait for it in vain, because the budget covers 2 pods: {Pods(cluster, "db")}");
    }

    [Fact]
    public void ABudgetThatIsUsedUpByWhatIsNotHealthyWouldRefuseNow()
    {
        var cluster = Cluster(Workloads.StatefulSet("default", "db", 2), Workloads.Budget("default", "db", minAvailable: 1));
        cluster.Sim.Registry.Change(Kinds.Pod, "default", "db-1", pod => pod.SetCondition("Ready", "False", "ContainersNotReady", null, Given.Noon));
        cluster.Sim.Time.Pass(TimeSpan.FromSeconds(1));

        Ask(cluster).Findings.ShouldContain(finding => finding.Seen.StartsWith(
            "budget db (pods 2, healthy 1, needed 1, may go 0): would not let go now, because 1 more of its pods must be healthy first; "
            + "the drain waits for it, because the budget covers 2 pods, and 1 of them not healthy: default/db-0 on ", StringComparison.Ordinal));
    }

    [Fact]
    public void APodUnderTwoBudgetsIsNamedWithBoth()
    {
        var selector = new JsonObject { ["matchExpressions"] = new JsonArray(new JsonObject { ["key"] = "app", ["operator"] = "In", ["values"] = new JsonArray("web") }) };
        var cluster = Cluster(
            Workloads.Deployment("default", "web", 1), Workloads.Budget("default", "web", maxUnavailable: 1), Workloads.Budget("default", "also", maxUnavailable: 1, selector: selector));

        Ask(cluster).ShouldWarn(
            "budget also (pods 1, healthy 1, needed 0, may go 1) and budget web (pods 1, healthy 0, needed 0, may go 0): "
            + $"Kubernetes evicts no pod that is under 2 budgets: one of them has to go: {Pods(cluster, "web")}");
    }

    [Fact]
    public void WhatIsRefusedByOtherMeansIsToldInTheServersWords()
    {
        var cluster = Cluster(Workloads.Deployment("default", "web", 1), Workloads.Budget("default", "web", maxUnavailable: 1));
        cluster.Sim.Api.Faults.Answer(call => call.Subresource == "eviction", HttpStatusCode.Forbidden, "Forbidden", "admission webhook says no");

        Ask(cluster).Findings.ShouldHaveSingleItem().Seen.ShouldContain("admission webhook says no");
    }

    [Fact]
    public void OfPodsUnderOneBudgetOneIsAskedAbout()
    {
        var cluster = Cluster(Workloads.Deployment("default", "web", 12), Workloads.Budget("default", "web", maxUnavailable: 1), Workloads.Deployment("default", "free", 12));

        Ask(cluster);

        cluster.Writes.Count(write => write.StartsWith("create pods", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public void AskingEvictsNothingAndUsesNoBudget()
    {
        var cluster = Cluster(Workloads.Deployment("default", "web", 6), Workloads.Budget("default", "web", maxUnavailable: 2), Workloads.Deployment("default", "wiki", 1), Workloads.Budget("default", "wiki", minAvailable: 1));
        var changes = new List<string>();
        cluster.Sim.Store.Changed += change => changes.Add($"{change.Type} {change.Kind.Kind} {change.Object.Name()}");

        Ask(cluster);
        cluster.Sim.Time.Pass(TimeSpan.FromMinutes(5));

        cluster.Writes.Count.ShouldBe(2);
        changes.ShouldBeEmpty();
    }

    [Fact]
    public void OfMoreThanItMayAskAboutItTellsHowManyItDidNot()
    {
        var cluster = Cluster([.. Enumerable.Range(1, 105).SelectMany(number => new[]
        {
            Workloads.Deployment("default", $"app-{number}", 1), Workloads.Budget("default", $"app-{number}", maxUnavailable: number == 105 ? 0 : 1),
        })]);

        var seen = Ask(cluster).Findings.Select(finding => finding.Seen).ToList();

        seen.Count.ShouldBe(2);
        seen[0].ShouldStartWith("budget app-105 (pods 1, healthy 1, needed 1, may go 0): never lets go");
        seen[1].ShouldBe("the API server was asked about 100 of 105 kinds of pods under budgets; the others are told by their budgets' numbers");
        cluster.Writes.Count.ShouldBe(100);
    }

    [Fact]
    public void WhatCannotBeAskedIsAWarning()
    {
        var cluster = Cluster();
        cluster.Sim.Api.Faults.Answer(call => call.Resource == "poddisruptionbudgets", HttpStatusCode.Forbidden, "Forbidden", "poddisruptionbudgets is forbidden", times: 100);

        var finding = Ask(cluster).Findings.ShouldHaveSingleItem();
        finding.Kind.ShouldBe(VerdictKind.Warns);
        finding.Seen.ShouldStartWith("what the budgets would say to a drain can't be told: ");
    }

    private static TestCluster Cluster(params IEnumerable<JsonObject> objects)
    {
        var shape = ClusterShapes.Default();
        return new TestCluster(shape with { Objects = [.. shape.Objects.Where(body => (string?)body["kind"] is "Namespace" or "ServiceAccount"), .. objects] });
    }

    private static string Pods(TestCluster cluster, string app) => string.Join(", ", cluster.Sim.Store.List(Kinds.Pod, "default")
        .Where(pod => pod.Labels().GetValueOrDefault("app") == app).OrderBy(ObjectFields.Name, StringComparer.Ordinal).Select(pod => $"default/{pod.Name()} on {pod.NodeName()}"));

    private static Verdict Ask(TestCluster cluster) => cluster.Ask(new DrainForecastGate(
        cluster.Api,
        new DrainSurvey(new ForecastReader(cluster.Api, new DaemonSets(cluster.Api), ownPod: null), cluster.Wait),
        new DrainOptions(TimeSpan.FromMinutes(30), TimeSpan.FromSeconds(300), BudgetMode.Unstick, 16)));
}
