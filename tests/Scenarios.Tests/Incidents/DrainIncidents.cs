using System.Text.Json.Nodes;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;

namespace Stepper.Scenarios.Tests.Incidents;

/// <summary>What went wrong while a node was emptied.</summary>
public sealed class DrainIncidents : ScenarioTests
{
    private static readonly TimeSpan ReportedWithin = TimeSpan.FromSeconds(31);

    [Fact]
    public void Incident02_ABudgetOverOneReplicaIsReportedInTimeAndUnstuckAfterTheCordon()
    {
        var chain = Begin();
        var node = chain.PodsOf("default", "wiki").Single().NodeName();
        chain.Start();
        chain.RunToRest();

        chain.MustBeComplete();
        var cordoned = chain.Cordons.First(change => change.Node == node).Time;
        var wiki = chain.Story.FirstOrDefault(line => line.Text.Contains("default/wiki", StringComparison.Ordinal) && line.Text.Contains("has been blocked", StringComparison.Ordinal));
        (wiki.ShouldNotBeNull(chain.Telling()).Time - cordoned).ShouldBeLessThan(ReportedWithin);
        chain.Line("was deleted past its budget: budget wiki (pods 1, healthy 1, needed 1, may go 0)").Time.ShouldBeGreaterThan(cordoned);
    }

    [Fact]
    public void Incident02_WhereNoBudgetIsPushedTheDrainHasAnEnd()
    {
        var chain = Begin(settings: "drain:\n  budgets: wait\n  timeout: 5m\n");
        var wiki = chain.PodsOf("default", "wiki").Single();
        chain.Start();
        chain.RunToRest();

        chain.HasFailed(Scenario.Worker(wiki.NodeName())).ShouldBeTrue(chain.Telling());
        chain.PodsOf("default", "wiki").Single().Uid().ShouldBe(wiki.Uid());
        chain.WasTold($"{wiki.NodeName()} is not drained after 5 min").ShouldBeTrue(chain.Telling());
        chain.WasTold($"default/{wiki.Name()}: has been blocked").ShouldBeTrue(chain.Telling());
        chain.IsCordoned(wiki.NodeName()).ShouldBeFalse();
    }

    [Theory]
    [InlineData("StatefulSet")]
    [InlineData("Deployment")]
    public void Incident03_TheLastHealthyReplicaOfADegradedDatabaseIsNeverDeleted(string kind)
    {
        var database = kind == "StatefulSet"
            ? Workloads.StatefulSet("default", "database", 2, change: OnNode4)
            : Workloads.Deployment("default", "database", 2, change: OnNode4);
        var chain = Begin(ClusterShapes.Default().With(database, Workloads.Budget("default", "database", minAvailable: 1)), "drain:\n  timeout: 10m\n");
        var replicas = chain.PodsOf("default", "database").ToList();
        KeepUnready(chain, replicas[1]);
        chain.Cluster.Store.Changed += change =>
        {
            if (change.Kind == Kinds.Pod && change.Object.Labels().GetValueOrDefault("app") == "database" && change.Object.Name() != replicas[0].Name() && change.Object.IsReady())
            {
                chain.Cluster.Time.After(TimeSpan.Zero, () => KeepUnready(chain, change.Object));
            }
        };
        chain.Start();
        chain.RunToRest();

        chain.Cluster.Find(Kinds.Pod, "default", replicas[0].Name())?.Uid().ShouldBe(replicas[0].Uid(), chain.Telling());
        chain.HasFailed(Scenario.Worker("k8s-node4")).ShouldBeTrue(chain.Telling());
        chain.WasTold($"default/{replicas[0].Name()}: has been blocked").ShouldBeTrue(chain.Telling());
        chain.WasTold("budget database (pods 2, healthy 1, needed 1, may go 0)").ShouldBeTrue(chain.Telling());
        chain.IsCordoned("k8s-node4").ShouldBeFalse();
        chain.Kubelet("k8s-node4").ShouldBe("1.34.2");
    }

    [Fact]
    public void Incident04_BudgetsWithoutMatchLabelsMeanWhatKubernetesSays()
    {
        var (none, every) = (Workloads.Budget("none", "none", minAvailable: 1), Workloads.Budget("every", "every", minAvailable: 1, selector: []));
        none["spec"]!["selector"] = null;
        var chain = Begin(ClusterShapes.Default().With(
            Workloads.Namespace("some"), Workloads.Deployment("some", "lone", 1), Workloads.Budget("some", "some", minAvailable: 1, selector: Expression("In", "lone")),
            Workloads.Namespace("every"), Workloads.Deployment("every", "lone", 1), every,
            Workloads.Namespace("none"), Workloads.Deployment("none", "lone", 1), none));
        chain.Start();
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Line("some/lone-").Text.ShouldNotBeEmpty();
        chain.Said("budget some (pods 1, healthy 1, needed 1, may go 0)").ShouldBeTrue(chain.Telling());
        chain.Said("budget every (pods 1, healthy 1, needed 1, may go 0)").ShouldBeTrue(chain.Telling());
        chain.Said("budget none").ShouldBeFalse(chain.Telling());
    }

    [Fact]
    public void Incident50_APodUnderTwoBudgetsIsNamedAtOnceAsABlockAndIsNoOutage()
    {
        var chain = Begin(
            ClusterShapes.Default().With(
                Workloads.Deployment("default", "twice", 1), Workloads.Budget("default", "twice", maxUnavailable: 1), Workloads.Budget("default", "again", minAvailable: 0, selector: Expression("In", "twice"))),
            "drain:\n  timeout: 5m\n");
        var node = chain.PodsOf("default", "twice").Single().NodeName();
        chain.Start();
        chain.RunToRest();

        chain.HasFailed(Scenario.Worker(node)).ShouldBeTrue(chain.Telling());
        var named = chain.Line("Kubernetes evicts no pod that is under 2 budgets: one of them has to go");
        named.Text.ShouldContain("budget again (pods 1, healthy 1, needed 0, may go 1) and budget twice (pods ");
        (named.Time - chain.Cordons.First(change => change.Node == node).Time).ShouldBeLessThan(TimeSpan.FromSeconds(2));
        chain.Said("the API server has not answered POST").ShouldBeFalse(chain.Telling());
        chain.WasTold("Kubernetes evicts no pod that is under 2 budgets").ShouldBeTrue(chain.Telling());
        chain.IsCordoned(node).ShouldBeFalse();

        chain.Cluster.Registry.Delete(Kinds.DisruptionBudget, "default", "twice");
        chain.Pass(TimeSpan.FromMinutes(30));
        chain.Detect();
        chain.RunToRest();
        chain.MustBeComplete();
    }

    [Fact]
    public void Incident52_FinishedPodsOfTheChainAreLeftWithTheirLogs()
    {
        var chain = Begin();
        chain.Start();
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Line("left, finished before (5)").Text.ShouldContain("k8s-node1 is drained");
        foreach (var placed in chain.Pods)
        {
            var pod = chain.Cluster.Find(Kinds.Pod, Scenario.Namespace, placed.Name).ShouldNotBeNull(placed.Name);
            chain.Cluster.LogOf(pod).ShouldContain($"target {Scenario.Target}");
        }
    }

    private static void KeepUnready(Scenario chain, JsonObject replica)
    {
        if (chain.Cluster.Find(Kinds.Pod, "default", replica.Name()) is not null)
        {
            chain.Cluster.Registry.Change(Kinds.Pod, "default", replica.Name(), pod => pod.SetCondition("Ready", "False", "ContainersNotReady", null, chain.Now));
        }
    }

    private static JsonObject Expression(string what, params IEnumerable<string> apps) => new()
    {
        ["matchExpressions"] = new JsonArray(new JsonObject { ["key"] = "app", ["operator"] = what, ["values"] = new JsonArray([.. apps.Select(app => (JsonNode?)app)]) }),
    };

    private static void OnNode4(JsonObject spec) =>
        spec["nodeSelector"] = new JsonObject { ["kubernetes.io/hostname"] = "k8s-node4" };
}
