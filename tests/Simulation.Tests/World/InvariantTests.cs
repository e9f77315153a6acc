using System.Text.Json.Nodes;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;

namespace Stepper.Simulation.Tests.World;

/// <summary>Each promise is broken once, and that is noted.</summary>
public sealed class InvariantTests
{
    private const string Prefix = "viktorbarzin.me/k8s-upgrade-";
    private static readonly KubeVersion New = new(1, 34, 7);

    private readonly Story _story = new(ClusterShapes.Default().With(Workloads.ServiceAccount("k8s-upgrade", "other")));

    public InvariantTests() => Annotate(Kinds.Namespace, "k8s-upgrade", ("in-flight", "now"), ("snapshot-path", "/mnt/db"));

    [Fact]
    public void AChainThatKeepsItsPromisesIsNotBlamed()
    {
        RunScript("k8s-master", TestScripts.Master(New));
        CordonByChain("k8s-node4");
        RunScript("k8s-node4", TestScripts.Worker(New));

        Violations().ShouldBeEmpty();
    }

    [Fact]
    public void AStepOnTheNodeThatItWorksOn()
    {
        ChainJob("k8s-upgrade-worker-1-34-7-k8s-node4", "k8s-node4", host: "k8s-node4");
        _story.Pass(10);
        Violations().ShouldBeEmpty();

        CordonByChain("k8s-node4");

        Violations().Single().ShouldContain("runs on k8s-node4, the node that it works on");
    }

    [Fact]
    public void ASecondScriptBesideTheFirst()
    {
        RunScript("k8s-master", TestScripts.Master(New));
        _story.Cluster.StartScriptByHand("k8s-node4", TestScripts.Worker(New));

        _story.Cluster.StartScriptByHand("k8s-node4", TestScripts.Worker(New));

        Violations().ShouldBe(["a second node script was started on k8s-node4"]);
    }

    [Fact]
    public void AWorkerBeforeTheControlPlane()
    {
        RunScript("k8s-node4", TestScripts.Worker(New));

        Violations().ShouldBe(
        [
            "the node script was started on worker k8s-node4 for 1.34.7, and the API server of k8s-master is at 1.34.2",
            "the kubelet of k8s-node4 is at 1.34.7, newer than the API server of k8s-master at 1.34.2",
        ]);
    }

    [Fact]
    public void AnythingBeforeTheSnapshot()
    {
        Annotate(Kinds.Namespace, "k8s-upgrade", ("snapshot-path", null));

        CordonByChain("k8s-master");
        RunScript("k8s-master", TestScripts.Master(New));

        Violations().ShouldBe(["k8s-master was cordoned by the chain, and there is no snapshot", "the node script was started on k8s-master, and there is no snapshot"]);
    }

    [Fact]
    public void MoreNodesAwayThanMayBe()
    {
        CordonByChain("k8s-node3");
        _story.Pass(15);
        CordonByChain("k8s-node4");

        Violations().ShouldBe(["k8s-node4 was cordoned by the chain, so that 2 nodes are away (k8s-node3, k8s-node4); 1 may be"]);
    }

    [Fact]
    public void TwoNodesCordonedAtOnceOfWhichBothAreDrained()
    {
        CordonByChain("k8s-node3");
        CordonByChain("k8s-node4");
        Evict("k8s-node3");
        Evict("k8s-node3");
        Violations().ShouldBeEmpty();

        Evict("k8s-node4");

        Violations().ShouldBe(["k8s-node4 is drained, so that 2 nodes are away (k8s-node3, k8s-node4); 1 may be"]);
    }

    [Fact]
    public void ANodeThatIsDownCountsAndAPersonsCordonDoesNot()
    {
        _story.Cordon("k8s-node1");
        CordonByChain("k8s-node2");
        Violations().ShouldBeEmpty();
        _story.Cluster.KillNode("k8s-node3");
        _story.Pass(60);

        CordonByChain("k8s-node4");

        Violations().Single().ShouldContain("3 nodes are away (k8s-node2, k8s-node3, k8s-node4)");
    }

    [Fact]
    public void AStepThatIsDoneMadeAgain()
    {
        _story.Cluster.Programs.UsuallyTakes = TimeSpan.FromSeconds(5);
        ChainJob("k8s-upgrade-postflight-1-34-7", target: null, host: "k8s-node2");
        _story.Pass(20);
        _story.Cluster.Registry.Delete(Kinds.Job, "k8s-upgrade", "k8s-upgrade-postflight-1-34-7");
        _story.Pass(20);

        ChainJob("k8s-upgrade-postflight-1-34-7", target: null, host: "k8s-node2");

        Violations().ShouldBe(["k8s-upgrade-postflight-1-34-7 of run 1.34.7/now was made again, though it was done"]);
    }

    [Fact]
    public void APodDeletedPastABudgetThatMayLetGo()
    {
        var token = _story.Cluster.TokenOf("k8s-upgrade", "other");
        Rights.ToEverything(_story.Cluster, "k8s-upgrade", "other");

        Delete(token, _story.PodWith("wiki").Name());
        Delete(token, "postgres-0");
        _story.Pass(0.02);
        Delete(token, "postgres-1");
        Violations().ShouldBeEmpty();
        _story.Pass(1);

        var webs = _story.Cluster.Store.List(Kinds.Pod, "default").Where(pod => pod.Labels().GetValueOrDefault("app") == "web").ToList();
        Delete(token, webs[0].Name());
        _story.Pass(1);
        Delete(token, webs[1].Name());

        Violations().Single().ShouldContain("was deleted past budget web (healthy 2 of 2 wanted)");
    }

    private IReadOnlyList<string> Violations() => [.. _story.Cluster.Invariants.Violations.Select(violation => violation.What)];

    private void RunScript(string node, NodeScript script)
    {
        var run = _story.Cluster.StartScriptByHand(node, script);
        _story.Cluster.Time.RunUntil(() => run.State != ScriptState.Running);
        _story.Pass(10);
    }

    private void CordonByChain(string node) => _story.ChangeNode(node, body =>
    {
        body["spec"]!["unschedulable"] = true;
        body["metadata"]!.AsObject().Child("annotations")[Prefix + "cordoned"] = "1.34.7/now";
    });

    private void Annotate(ResourceKind kind, string name, params (string Name, string? Value)[] annotations) => _story.Cluster.Registry.Change(kind, null, name, body =>
    {
        foreach (var (key, value) in annotations)
        {
            body["metadata"]!.AsObject().Child("annotations")[Prefix + key] = value;
        }
    });

    private void ChainJob(string name, string? target, string host)
    {
        var job = Workloads.Job("k8s-upgrade", name, "stepper:1", spec =>
        {
            spec["template"]!["metadata"]!["labels"] = new JsonObject { ["app"] = "k8s-upgrade-chain" };
            var pod = spec["template"]!["spec"]!;
            pod["nodeSelector"] = new JsonObject { ["kubernetes.io/hostname"] = host };
            pod["containers"]![0]!["env"] = new JsonArray(new JsonObject { ["name"] = "TARGET_NODE", ["value"] = target ?? "" });
        });
        job["metadata"]!["labels"] = new JsonObject { ["app"] = "k8s-upgrade-chain" };
        job["metadata"]!["annotations"] = new JsonObject { [Prefix + "run"] = "1.34.7/now" };
        _story.Cluster.Create(job);
    }

    // A pod of the node's own, which no budget covers.
    private void Evict(string node)
    {
        var pod = _story.Cluster.Create(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject { ["generateName"] = "bare-", ["namespace"] = "default" },
            ["spec"] = new JsonObject { ["nodeName"] = node, ["containers"] = new JsonArray(new JsonObject { ["name"] = "main", ["image"] = "registry.local/other:1" }) },
        });
        _story.Pass(5);
        _story.Ask(async api => await api.EvictAsync(await api.GetAsync(Resources.Pods, "default", pod.Name(), CancellationToken.None), 30, dryRun: false, CancellationToken.None))
            .Outcome.ShouldBe(EvictionOutcome.Granted);
    }

    private void Delete(string token, string pod)
    {
        using var http = new HttpClient(_story.Cluster.Network(token)) { BaseAddress = new Uri("https://kubernetes.default.svc/"), Timeout = Timeout.InfiniteTimeSpan };
        _story.Cluster.Time.RunUntil(http.DeleteAsync(new Uri($"api/v1/namespaces/default/pods/{pod}", UriKind.Relative))).IsSuccessStatusCode.ShouldBeTrue();
    }
}
