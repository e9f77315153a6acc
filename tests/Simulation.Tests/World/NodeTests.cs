using System.Text.Json.Nodes;
using Stepper.Cluster.Kubernetes;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;

namespace Stepper.Simulation.Tests.World;

public sealed class NodeTests
{
    private readonly Story _story = new();

    [Fact]
    public void ADeadNodeIsUnknownAfterFortySecondsAndKeepsPodsAway()
    {
        _story.Cluster.KillNode("k8s-node3");

        _story.Pass(39);
        Node("k8s-node3").HasCondition("Ready").ShouldBeTrue();
        _story.Pass(2);

        Node("k8s-node3").Condition("Ready").Text("status").ShouldBe("Unknown");
        Taints("k8s-node3").ShouldBe(["node.kubernetes.io/unreachable:NoSchedule", "node.kubernetes.io/unreachable:NoExecute"]);
        OnNode("k8s-node3").ShouldAllBe(pod => !pod.IsReady());
    }

    [Fact]
    public void APodOnADeadNodeIsToldToEndAfterFiveMinutesAndStaysSoAndItsJobNeverEnds()
    {
        _story.Cluster.Programs.Set("long", TimeSpan.FromHours(9), "");
        _story.Cluster.Create(Workloads.Job("default", "long", "long:1", spec => spec["podFailurePolicy"] = JsonNode.Parse(
            """{"rules": [{"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}]}""")));
        _story.Pass(10);
        var pod = _story.PodsOf("long").Single();
        _story.Cluster.KillNode(pod.NodeName());

        _story.Pass(339);
        _story.Pod(pod.Name()).IsBeingDeleted().ShouldBeFalse();
        _story.Pass(5);
        _story.Pod(pod.Name()).IsBeingDeleted().ShouldBeTrue();
        _story.Pod(pod.Name()).Condition("DisruptionTarget").Text("reason").ShouldBe("DeletionByTaintManager");

        _story.Pass(24 * 3600);
        _story.PodsOf("long").Single().Uid().ShouldBe(pod.Uid());
        _story.Job("long").Items("status", "conditions").ShouldBeEmpty();
    }

    [Fact]
    public void AReplicaSetReplacesWhatIsLostOnADeadNode()
    {
        var wiki = _story.PodWith("wiki");
        _story.Cluster.KillNode(wiki.NodeName());

        var replaced = _story.When(() => _story.Cluster.Store.List(Kinds.Pod, "default").Any(pod => pod.Name() != wiki.Name() && pod.Labels()["app"] == "wiki" && pod.IsReady()));

        replaced.ShouldBeInRange(TimeSpan.FromSeconds(340), TimeSpan.FromSeconds(350));
    }

    [Fact]
    public void ANodeThatComesBackEndsWhatWasToEndAndStartsTheRest()
    {
        _story.Cluster.KillNode("k8s-node4");
        _story.Pass(600);
        _story.Cluster.Boot("k8s-node4");
        _story.Pass(120);

        OnNode("k8s-node4").ShouldAllBe(pod => pod.IsReady());
        OnNode("k8s-node4").Select(pod => pod.Labels().GetValueOrDefault("app")).ShouldBe(["calico-node", "kube-proxy", "node-exporter"], ignoreOrder: true);
        Taints("k8s-node4").ShouldBeEmpty();
        Node("k8s-node4").Text("status", "nodeInfo", "bootID").ShouldBe(_story.Cluster.Node("k8s-node4").BootId);
    }

    [Fact]
    public void ACordonIsATaintAndAPodThatFitsNowhereSaysWhyAndIsPlacedLater()
    {
        foreach (var node in _story.Cluster.Nodes)
        {
            _story.Cordon(node.Name, node.Name is not ("k8s-node1" or "k8s-node2"));
        }

        _story.Cluster.Create(Workloads.Job("default", "picky", "picky:1", spec =>
            spec["template"]!["spec"]!["nodeSelector"] = new JsonObject { ["kubernetes.io/hostname"] = "k8s-node3" }));
        _story.Pass(5);

        Taints("k8s-node3").ShouldBe(["node.kubernetes.io/unschedulable:NoSchedule"]);
        var why = _story.PodsOf("picky").Single().Condition("PodScheduled");
        why.Text("reason").ShouldBe("Unschedulable");
        why.Text("message").ShouldBe(
            "0/5 nodes are available: 2 node(s) didn't match Pod's node affinity/selector, 3 node(s) were unschedulable. "
            + "preemption: 0/5 nodes are available: 5 Preemption is not helpful for scheduling.");

        _story.Cordon("k8s-node3", cordoned: false);
        _story.Cluster.Time.RunUntil(() => _story.Job("picky").HasCondition("Complete"));
        _story.PodsOf("picky").Single().NodeName().ShouldBe("k8s-node3");
    }

    [Fact]
    public void ATaintThatIsNotToleratedIsNamed()
    {
        _story.Cluster.Create(Workloads.Job("default", "gpu", "gpu:1", spec =>
            spec["template"]!["spec"]!["nodeSelector"] = new JsonObject { ["kubernetes.io/hostname"] = "k8s-node1" }));
        _story.Pass(5);

        _story.PodsOf("gpu").Single().Condition("PodScheduled").Text("message").ShouldStartWith(
            "0/5 nodes are available: 1 node(s) had untolerated taint {nvidia.com/gpu: true}, 4 node(s) didn't match Pod's node affinity/selector.");
    }

    [Fact]
    public void APodThatAsksForMoreThanThereIsWaits()
    {
        _story.Cluster.Create(Workloads.Job("default", "huge", "huge:1", spec => spec["template"]!["spec"]!["containers"]![0]!["resources"] =
            JsonNode.Parse("""{"requests": {"cpu": "100"}}""")));
        _story.Pass(5);

        _story.PodsOf("huge").Single().Condition("PodScheduled").Text("message").ShouldContain("3 Insufficient cpu");
    }

    [Fact]
    public void AMirrorPodThatIsDeletedIsThereAgain()
    {
        _story.Ask(api => api.DeleteAsync(Resources.Pods, "kube-system", "etcd-k8s-master", _story.Pod("etcd-k8s-master", "kube-system").Uid(), 0, default));
        _story.Pass(15);

        _story.Pod("etcd-k8s-master", "kube-system").IsReady().ShouldBeTrue();
    }

    [Fact]
    public void AStatefulSetMakesTheSameNameAgainAndADaemonSetIgnoresTheCordon()
    {
        var postgres = _story.Pod("postgres-1");
        var agent = OnNode(postgres.NodeName()).Single(pod => pod.Labels().GetValueOrDefault("app") == "node-exporter");
        _story.Cordon(postgres.NodeName());
        _story.Cluster.Evict("default", "postgres-1");
        _story.Cluster.Evict("monitoring", agent.Name());
        _story.Pass(30);

        _story.Pod("postgres-1").Uid().ShouldNotBe(postgres.Uid());
        _story.Pod("postgres-1").NodeName().ShouldNotBe(postgres.NodeName());
        OnNode(postgres.NodeName()).Count(pod => pod.Labels().GetValueOrDefault("app") == "node-exporter" && pod.IsReady()).ShouldBe(1);
    }

    [Fact]
    public void DeletingADeploymentDeletesWhatItOwns()
    {
        var uid = _story.Cluster.Find(Kinds.Deployment, "default", "web")!.Uid();
        _story.Ask(api => api.DeleteAsync(Resources.Deployments, "default", "web", uid, null, default));
        _story.Pass(60);

        _story.Cluster.Store.List(Kinds.ReplicaSet, "default").ShouldAllBe(set => !set.Name().StartsWith("web-", StringComparison.Ordinal));
        _story.Cluster.Store.List(Kinds.Pod, "default").ShouldAllBe(pod => pod.Labels().GetValueOrDefault("app") != "web");
    }

    private JsonObject Node(string name) => _story.Cluster.Find(Kinds.Node, null, name)!;

    private IReadOnlyList<string> Taints(string node) =>
        [.. Node(node).Items("spec", "taints").Select(taint => $"{taint.Text("key")}:{taint.Text("effect")}").Where(taint => taint.StartsWith("node.", StringComparison.Ordinal))];

    private IReadOnlyList<JsonObject> OnNode(string node) => [.. _story.Cluster.Store.List(Kinds.Pod).Where(pod => pod.NodeName() == node)];
}
