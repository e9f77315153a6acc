using System.Text.Json.Nodes;
using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;
using Stepper.StepRunner.Drain;

namespace Stepper.StepRunner.Tests.Drain;

/// <summary>Every form of a disruption budget, counted by the cluster's own controllers, against the drain of the node that has all pods of an application.</summary>
public sealed class BudgetCombinationTests
{
    private const string Node = "k8s-node3";
    private const string OfWeb = """{"matchLabels": {"app": "web"}}""";

    private readonly List<string> _said = [];

    /// <summary>The budget's spec, how many replicas there are, and what becomes of them: how many are evicted, deleted past the budget, stuck.</summary>
    public static TheoryData<string, int, int, int, int> Numbers { get; } = new()
    {
        // minAvailable, as a number and as a share, which is rounded up.
        { "\"minAvailable\": 0", 2, 2, 0, 0 },
        { "\"minAvailable\": 1", 1, 0, 1, 0 },
        { "\"minAvailable\": 1", 3, 3, 0, 0 },
        { "\"minAvailable\": 2", 3, 3, 0, 0 },
        { "\"minAvailable\": 3", 3, 0, 0, 3 },
        { "\"minAvailable\": 5", 1, 0, 1, 0 },
        { "\"minAvailable\": 5", 3, 0, 0, 3 },
        { "\"minAvailable\": \"0%\"", 1, 1, 0, 0 },
        { "\"minAvailable\": \"1%\"", 1, 0, 1, 0 },
        { "\"minAvailable\": \"50%\"", 1, 0, 1, 0 },
        { "\"minAvailable\": \"50%\"", 3, 3, 0, 0 },
        { "\"minAvailable\": \"67%\"", 3, 0, 0, 3 },
        { "\"minAvailable\": \"100%\"", 1, 0, 1, 0 },
        { "\"minAvailable\": \"100%\"", 2, 0, 0, 2 },

        // maxUnavailable, and a share of it is rounded up too: 1% of one pod is one pod.
        { "\"maxUnavailable\": 0", 1, 0, 1, 0 },
        { "\"maxUnavailable\": 0", 2, 0, 0, 2 },
        { "\"maxUnavailable\": 1", 1, 1, 0, 0 },
        { "\"maxUnavailable\": 1", 3, 3, 0, 0 },
        { "\"maxUnavailable\": 5", 3, 3, 0, 0 },
        { "\"maxUnavailable\": \"0%\"", 1, 0, 1, 0 },
        { "\"maxUnavailable\": \"0%\"", 3, 0, 0, 3 },
        { "\"maxUnavailable\": \"1%\"", 1, 1, 0, 0 },
        { "\"maxUnavailable\": \"1%\"", 3, 3, 0, 0 },
        { "\"maxUnavailable\": \"100%\"", 3, 3, 0, 0 },

        // Neither of the two counts nothing, and lets nothing go.
        { "\"unhealthyPodEvictionPolicy\": \"IfHealthyBudget\"", 1, 0, 0, 1 },
    };

    [Theory]
    [MemberData(nameof(Numbers))]
    public void ABudgetsNumbersDecideWhatBecomesOfItsPods(string spec, int replicas, int evicted, int pushed, int stuck) =>
        MustEnd(Drain([Workloads.Deployment("shop", "web", replicas), Budget("web", spec, OfWeb)]), evicted, pushed, stuck);

    [Theory]
    [InlineData("""{"matchLabels": {"app": "web"}}""", 1)]
    [InlineData("""{"matchExpressions": [{"key": "app", "operator": "In", "values": ["db", "web"]}]}""", 1)]
    [InlineData("""{"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["db"]}]}""", 1)]
    [InlineData("""{"matchExpressions": [{"key": "app", "operator": "Exists"}, {"key": "canary", "operator": "DoesNotExist"}]}""", 1)]
    [InlineData("""{"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "app", "operator": "In", "values": ["db"]}]}""", 0)]
    [InlineData("""{"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}""", 0)]
    [InlineData("{}", 1)]
    [InlineData("null", 0)]
    public void ASelectorMeansWhatKubernetesSays(string selector, int pushed) =>
        MustEnd(Drain([Workloads.Deployment("shop", "web", 1), Budget("web", "\"minAvailable\": 1", selector)]), 1 - pushed, pushed, 0);

    [Fact]
    public void AnEmptySelectorCoversAllOfItsNamespaceAndNothingOfAnother()
    {
        var report = Drain(
        [
            Workloads.Namespace("other"), Workloads.Deployment("other", "web", 1),
            Workloads.Deployment("shop", "web", 1), Workloads.Deployment("shop", "cart", 1),
            Budget("all", "\"minAvailable\": 2", "{}"),
        ]);

        MustEnd(report, evicted: 0, pushed: 0, stuck: 2);
        report.Of(PodOutcome.Evicted).ShouldContain(pod => pod.Name.StartsWith("other/web-", StringComparison.Ordinal));
    }

    [Fact]
    public void APodUnderTwoBudgetsIsNamedAtOnceWhateverTheyWouldAllow()
    {
        var report = Drain(
            [Workloads.Deployment("shop", "web", 2), Budget("mine", "\"maxUnavailable\": 1", OfWeb), Budget("yours", "\"minAvailable\": 0", "{}")]);

        MustEnd(report, evicted: 0, pushed: 0, stuck: 2);
        report.Of(PodOutcome.Stuck)[0].Reason.ShouldEndWith("; waited for, because Kubernetes evicts no pod that is under 2 budgets: one of them has to go");
        _said.ShouldNotContain(line => line.Contains("API server", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("StatefulSet", "\"minAvailable\": 1", "the pod is of StatefulSet web, and only a ReplicaSet is sure to start another elsewhere")]
    [InlineData("StatefulSet", "\"maxUnavailable\": 0", "the pod is of StatefulSet web, and only a ReplicaSet is sure to start another elsewhere")]
    [InlineData("Job", "\"minAvailable\": 1", "the pod is of Job web, and only a ReplicaSet is sure to start another elsewhere")]
    [InlineData("Job", "\"maxUnavailable\": 1", "Kubernetes can't count what the budget covers: jobs.batch does not implement the scale subresource")]
    [InlineData("Job", "\"minAvailable\": \"50%\"", "Kubernetes can't count what the budget covers: jobs.batch does not implement the scale subresource")]
    [InlineData("Pod", "\"minAvailable\": 1", "nothing would start the pod again")]
    [InlineData("Pod", "\"maxUnavailable\": 1", "the budget counts no pod, though it covers this one: its numbers are old, or of what it covers no controller has a number of replicas")]
    public void WhatIsNotAReplicaSetsIsWaitedForAndNamedWithTheReason(string kind, string spec, string because)
    {
        var report = Drain([Budget("web", spec, OfWeb)], cluster =>
        {
            cluster.Programs.Set("registry.local/import", TimeSpan.FromHours(1), "");
            cluster.Create(Lone(kind));
        });

        MustEnd(report, evicted: 0, pushed: 0, stuck: 1);
        report.Of(PodOutcome.Stuck)[0].Reason.ShouldEndWith($"; waited for, because {because}");
    }

    [Theory]
    [InlineData("", 1, 2, 0)]
    [InlineData(", \"unhealthyPodEvictionPolicy\": \"IfHealthyBudget\"", 1, 2, 0)]
    [InlineData(", \"unhealthyPodEvictionPolicy\": \"AlwaysAllow\"", 1, 2, 0)]
    [InlineData("", 2, 0, 2)]
    [InlineData(", \"unhealthyPodEvictionPolicy\": \"IfHealthyBudget\"", 2, 0, 2)]
    [InlineData(", \"unhealthyPodEvictionPolicy\": \"AlwaysAllow\"", 2, 1, 1)]
    public void APodThatIsNotHealthyGoesIfTheBudgetIsWholeWithoutItOrAlwaysAllowsIt(string policy, int needed, int evicted, int stuck)
    {
        // One of two is not Ready, nor is any that is started for it.
        var shape = Workloads.Deployment("shop", "web", 2);
        var report = Drain([shape, Budget("web", $"\"minAvailable\": {needed}{policy}", OfWeb)], KeepOneUnready);

        MustEnd(report, evicted, pushed: 0, stuck);
    }

    [Fact]
    public void APodThatHasFinishedUnderTheSameLabelsIsCountedAndSoNothingIsPushed()
    {
        var done = Lone("Pod");
        done["metadata"]!["name"] = "done";
        var report = Drain([Workloads.Deployment("shop", "web", 1), done, Budget("web", "\"minAvailable\": 1", OfWeb)], cluster =>
            cluster.Registry.Change(Kinds.Pod, "shop", "done", pod => pod["status"] = new JsonObject { ["phase"] = "Succeeded" }));

        MustEnd(report, evicted: 0, pushed: 0, stuck: 1);
        report.Of(PodOutcome.Stuck)[0].Reason.ShouldEndWith("; waited for, because the budget covers 2 pods, and 1 of them not healthy");
        report.Of(PodOutcome.LeftFinished).ShouldHaveSingleItem().Name.ShouldBe("shop/done");
    }

    private static void MustEnd(DrainReport report, int evicted, int pushed, int stuck) =>
        (Count(report, PodOutcome.Evicted), Count(report, PodOutcome.DeletedPastBudget), Count(report, PodOutcome.Stuck)).ShouldBe((evicted, pushed, stuck), report.InWords());

    private static int Count(DrainReport report, PodOutcome outcome) => report.Of(outcome).Count(pod => pod.Name.StartsWith("shop/", StringComparison.Ordinal));

    private DrainReport Drain(IEnumerable<JsonObject> objects, Action<SimulatedCluster>? before = null)
    {
        // All of it comes to the one node, since no other takes pods, and can go anywhere else from then on.
        string[] others = ["k8s-node1", "k8s-node2", "k8s-node4"];
        var shape = ClusterShapes.Default().With([Workloads.Namespace("shop"), .. objects]);
        var cluster = new SimulatedCluster(others.Aggregate(shape, (changed, node) => changed.Change(node, each => each with { IsCordoned = true })));
        before?.Invoke(cluster);
        cluster.Time.Pass(TimeSpan.FromSeconds(5));
        foreach (var node in (string[])[Node, .. others])
        {
            cluster.Registry.Change(Kinds.Node, null, node, changed => changed["spec"]!["unschedulable"] = node == Node);
        }

        cluster.Time.Pass(TimeSpan.FromSeconds(5));
        var wait = new Wait(cluster.Time);
        var http = new HttpClient(cluster.Network()) { BaseAddress = new Uri("https://kubernetes.default.svc/"), Timeout = Timeout.InfiniteTimeSpan };
        return cluster.Time.RunUntil(
            new NodeDrain(new KubeApi(http, wait, _said.Add), wait, _said.Add, DrainedNode.Options with { Timeout = TimeSpan.FromMinutes(4) }).RunAsync(Node, null, default));
    }

    private static void KeepOneUnready(SimulatedCluster cluster)
    {
        var first = cluster.Store.List(Kinds.Pod, "shop").First().Name();
        Unready(first);
        cluster.Store.Changed += change =>
        {
            if (change.Kind == Kinds.Pod && change.Object.Name() == first && change.Type == ChangeType.Modified && change.Object.IsReady())
            {
                cluster.Time.After(TimeSpan.Zero, () => Unready(first));
            }
        };

        void Unready(string name)
        {
            if (cluster.Find(Kinds.Pod, "shop", name) is not null)
            {
                cluster.Registry.Change(Kinds.Pod, "shop", name, pod => pod.SetCondition("Ready", "False", "ContainersNotReady", null, cluster.Time.GetUtcNow()));
            }
        }
    }

    private static JsonObject Lone(string kind) => kind switch
    {
        "StatefulSet" => Workloads.StatefulSet("shop", "web", 1),
        "Job" => Workloads.Job("shop", "web", "registry.local/import:1", spec => spec["template"]!["metadata"]!["labels"]!["app"] = "web"),
        _ => JsonNode.Parse($$"""
            {
              "apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "shop", "name": "web", "labels": {"app": "web"} },
              "spec": {"nodeName": "{{Node}}", "containers": [{"name": "main", "image": "registry.local/app:1"}]}
            }
            """)!.AsObject(),
    };

    private static JsonObject Budget(string name, string spec, string selector) => JsonNode.Parse($$"""
        {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"namespace": "shop", "name": "{{name}}"}, "spec": { {{spec}}, "selector": {{selector}} } }
        """)!.AsObject();
}
