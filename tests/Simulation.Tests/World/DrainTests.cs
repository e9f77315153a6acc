using System.Text.Json.Nodes;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;

namespace Stepper.Simulation.Tests.World;

public sealed class DrainTests
{
    [Fact]
    public void EvictionsHonourABudgetOverTime()
    {
        var story = new Story(ClusterShapes.Default().With(
            Workloads.Deployment("default", "shop", 3, annotations: new JsonObject { ["simulation/ends-after"] = "6s", ["simulation/ready-after"] = "10s" }),
            Workloads.Budget("default", "shop", minAvailable: 2)));
        List<int> ready = [];
        story.Cluster.Store.Changed += change =>
        {
            if (change.Kind == Kinds.Pod)
            {
                ready.Add(story.Cluster.Store.List(Kinds.Pod, "default").Count(pod => pod.Labels().GetValueOrDefault("app") == "shop" && pod.IsReady()));
            }
        };
        var pods = story.Ask(api => api.ListAsync(Resources.Pods, "default", new KubeQuery("app=shop"), default)).Items;

        List<EvictionOutcome> outcomes = [];
        foreach (var pod in pods)
        {
            while (Evict(story, pod).Outcome is var outcome && outcome != EvictionOutcome.Granted)
            {
                outcomes.Add(outcome);
                story.Pass(5);
            }
        }

        outcomes.ShouldNotBeEmpty();
        outcomes.ShouldAllBe(outcome => outcome == EvictionOutcome.BlockedByBudget);
        ready.Min().ShouldBe(2);
        story.Pass(60);
        story.Cluster.Store.List(Kinds.Pod, "default").Count(pod => pod.Labels().GetValueOrDefault("app") == "shop" && pod.IsReady()).ShouldBe(3);
    }

    [Fact]
    public void AOneReplicaBudgetNeverLetsGoAndADeletionMovesThePod()
    {
        var story = new Story();
        var wiki = story.PodWith("wiki");
        var pod = story.Ask(api => api.GetAsync(Resources.Pods, "default", wiki.Name(), default));

        Evict(story, pod).Outcome.ShouldBe(EvictionOutcome.BlockedByBudget);
        story.Pass(3600);
        Evict(story, pod).Outcome.ShouldBe(EvictionOutcome.BlockedByBudget);

        story.Cordon(wiki.NodeName());
        story.Ask(api => api.DeleteAsync(Resources.Pods, "default", wiki.Name(), wiki.Uid(), null, default));
        story.Pass(15);
        story.PodWith("wiki").NodeName().ShouldNotBe(wiki.NodeName());
        story.PodWith("wiki").IsReady().ShouldBeTrue();
        story.Cluster.Find(Kinds.DisruptionBudget, "default", "wiki").Number("status", "currentHealthy").ShouldBe(1);
    }

    // What a real disruption controller, v1.36.2, wrote for these.
    [Theory]
    [InlineData("minAvailable", "1", 5, 5, 1, 4)]
    [InlineData("minAvailable", "3", 5, 5, 3, 2)]
    [InlineData("minAvailable", "5", 5, 5, 5, 0)]
    [InlineData("minAvailable", "7", 5, 5, 7, 0)]
    [InlineData("minAvailable", "\"0%\"", 5, 5, 0, 5)]
    [InlineData("minAvailable", "\"10%\"", 5, 5, 1, 4)]
    [InlineData("minAvailable", "\"30%\"", 5, 5, 2, 3)]
    [InlineData("minAvailable", "\"50%\"", 5, 5, 3, 2)]
    [InlineData("minAvailable", "\"99%\"", 5, 5, 5, 0)]
    [InlineData("minAvailable", "\"100%\"", 5, 5, 5, 0)]
    [InlineData("maxUnavailable", "0", 2, 2, 2, 0)]
    [InlineData("maxUnavailable", "1", 5, 5, 4, 1)]
    [InlineData("maxUnavailable", "3", 5, 5, 2, 3)]
    [InlineData("maxUnavailable", "7", 5, 5, 0, 5)]
    [InlineData("maxUnavailable", "\"0%\"", 5, 5, 5, 0)]
    [InlineData("maxUnavailable", "\"10%\"", 5, 5, 4, 1)]
    [InlineData("maxUnavailable", "\"30%\"", 5, 5, 3, 2)]
    [InlineData("maxUnavailable", "\"50%\"", 5, 5, 2, 3)]
    [InlineData("maxUnavailable", "\"99%\"", 5, 5, 0, 5)]
    [InlineData("maxUnavailable", "\"100%\"", 5, 5, 0, 5)]
    [InlineData("unhealthyPodEvictionPolicy", "\"AlwaysAllow\"", 5, 0, 0, 0)]
    public void ABudgetCountsAsKubernetesDoes(string field, string value, int replicas, int expected, int desired, int allowed)
    {
        var budget = Workloads.Budget("default", "many");
        budget["spec"]![field] = JsonNode.Parse(value);
        var story = new Story(ClusterShapes.Default().With(Workloads.Deployment("default", "many", replicas), budget));

        var status = story.Cluster.Find(Kinds.DisruptionBudget, "default", "many")!["status"];

        (status.Number("expectedPods"), status.Number("desiredHealthy"), status.Number("currentHealthy"), status.Number("disruptionsAllowed"), status.Number("observedGeneration"))
            .ShouldBe((expected, desired, replicas, allowed, 1));
    }

    [Theory]
    [InlineData("minAvailable", "1", 1, 1, "InsufficientPods", "")]
    [InlineData("maxUnavailable", "1", 0, 1, "SyncFailed", "jobs.batch does not implement the scale subresource")]
    [InlineData("minAvailable", "\"50%\"", 0, 1, "SyncFailed", "jobs.batch does not implement the scale subresource")]
    public void OfAJobsPodsNoShareIsCounted(string field, string value, int expected, int observed, string reason, string message)
    {
        var budget = Workloads.Budget("default", "import", selector: Selector("batch.kubernetes.io/job-name", "import"));
        budget["spec"]![field] = JsonNode.Parse(value);
        var story = new Story(ClusterShapes.Default().With(Workloads.Job("default", "import", "registry.local/app:1"), budget));
        story.Pass(10);

        MustBe(Budget(story, "import"), expected, observed, reason, message);
    }

    [Fact]
    public void APodThatStandsAloneAddsNothingToWhatAShareIsOf()
    {
        var story = new Story(ClusterShapes.Default().With(Workloads.Budget("default", "alone", maxUnavailable: 1)));
        AddPod(story, "alone", "Running");

        MustBe(Budget(story, "alone"), expected: 0, observed: 1, "InsufficientPods", "");
    }

    [Fact]
    public void APodThatHasFinishedIsExpectedStill()
    {
        var story = new Story(ClusterShapes.Default().With(Workloads.Budget("default", "import", minAvailable: 1)));
        AddPod(story, "import", "Succeeded");
        AddPod(story, "import", "Running");

        MustBe(Budget(story, "import"), expected: 2, observed: 1, "InsufficientPods", "");
    }

    [Fact]
    public void OfTwoBudgetsOverAPodOnlyOneIsCountedAgainWhenThePodChanges()
    {
        var story = new Story(ClusterShapes.Default().With(Workloads.Budget("default", "a", minAvailable: 1, selector: Selector("app", "alone")), Workloads.Budget("default", "alone", minAvailable: 1)));
        AddPod(story, "alone", "Running");

        Budget(story, "a").Number("status", "currentHealthy").ShouldBe(1);
        Budget(story, "alone").Number("status", "currentHealthy").ShouldBe(0);
    }

    [Fact]
    public void TheReplicaSetsOfADeploymentAreCountedOnce()
    {
        var story = new Story(ClusterShapes.Default().With(Workloads.Deployment("default", "shop", 3), Workloads.Budget("default", "shop", maxUnavailable: 1)));
        var newer = story.Cluster.Store.List(Kinds.ReplicaSet, "default").Single(set => set.Name().StartsWith("shop-", StringComparison.Ordinal)).DeepClone().AsObject();
        newer["metadata"] = new JsonObject { ["namespace"] = "default", ["name"] = "shop-newer", ["ownerReferences"] = newer["metadata"]!["ownerReferences"]!.DeepClone() };
        newer["spec"]!["template"]!["metadata"]!["labels"]!["newer"] = "yes";
        newer["spec"]!["selector"]!["matchLabels"]!["newer"] = "yes";
        story.Cluster.Registry.Create(Kinds.ReplicaSet, newer);
        story.Pass(30);

        story.Cluster.Store.List(Kinds.Pod, "default").Count(pod => pod.Labels().GetValueOrDefault("app") == "shop").ShouldBeGreaterThan(3);
        Budget(story, "shop").Number("status", "expectedPods").ShouldBe(3);
    }

    [Fact]
    public void ABudgetWithoutASelectorSelectsNothingAndWithAnEmptyOneEverything()
    {
        var none = Workloads.Budget("default", "none", minAvailable: 1);
        none["spec"]!.AsObject().Remove("selector");
        var story = new Story(ClusterShapes.Default().With(
            none,
            Workloads.Budget("default", "all", minAvailable: 1, selector: []),
            Workloads.Budget("default", "some", minAvailable: 1, selector: JsonNode.Parse(
                """{"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "wiki"]}]}""")!.AsObject())));

        Expected("none").ShouldBe(0);
        Expected("all").ShouldBe(8);
        Expected("some").ShouldBe(4);

        int Expected(string name) => story.Cluster.Find(Kinds.DisruptionBudget, "default", name).Number("status", "expectedPods");
    }

    [Fact]
    public void WhatAnEvictionWasGrantedCountsAsGoneUntilThePodIsOrTwoMinutesHavePassed()
    {
        var story = new Story();
        story.Cluster.Registry.Change(Kinds.DisruptionBudget, "default", "web", budget =>
            budget.Child("status")["disruptedPods"] = new JsonObject { [story.PodWith("web").Name()] = story.Cluster.Start.AsField() });

        story.Pass(1);
        Allowed().ShouldBe(0);
        story.Pass(121);
        Allowed().ShouldBe(1);

        int Allowed() => story.Cluster.Find(Kinds.DisruptionBudget, "default", "web").Number("status", "disruptionsAllowed");
    }

    private static JsonObject Budget(Story story, string name) => story.Cluster.Find(Kinds.DisruptionBudget, "default", name)!;

    private static void MustBe(JsonObject budget, int expected, int observed, string reason, string message)
    {
        var condition = budget.Condition("DisruptionAllowed")!;
        (budget.Number("status", "expectedPods"), budget.Number("status", "observedGeneration"), budget.Number("status", "disruptionsAllowed"), condition.Text("reason"), condition.Text("message"))
            .ShouldBe((expected, observed, 0, reason, message));
    }

    private static JsonObject Selector(string label, string value) => new() { ["matchLabels"] = new JsonObject { [label] = value } };

    private static void AddPod(Story story, string app, string phase)
    {
        story.Cluster.Registry.Create(Kinds.Pod, JsonNode.Parse($$"""
            {
              "metadata": {"namespace": "default", "name": "{{app}}-{{phase.ToLowerInvariant()}}", "labels": {"app": "{{app}}"} },
              "spec": {"containers": [{"name": "main", "image": "busybox"}], "schedulingGates": [{"name": "never"}]},
              "status": {"phase": "{{phase}}", "conditions": [{"type": "Ready", "status": "{{(phase == "Running" ? "True" : "False")}}"}]}
            }
            """)!.AsObject());
        story.Pass(1);
    }

    private static EvictionAnswer Evict(Story story, Pod pod) => story.Ask(api => api.EvictAsync(pod, 30, dryRun: false, default));
}
