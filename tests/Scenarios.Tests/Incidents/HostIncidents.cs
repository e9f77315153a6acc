using System.Text.Json.Nodes;
using Stepper.Cluster.Versions;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;

namespace Stepper.Scenarios.Tests.Incidents;

/// <summary>What went wrong with where steps run.</summary>
public sealed class HostIncidents : ScenarioTests
{
    [Fact]
    public void Incident01_NoStepIsOnTheNodeThatItDrains()
    {
        var chain = Begin();
        chain.Start();
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Pods.ShouldAllBe(pod => pod.Host != pod.Node);
        chain.Pods.Select(pod => $"{pod.Job["k8s-upgrade-".Length..]} on {pod.Host}").SkipLast(1).ShouldBe(
        [
            "preflight-1-34-7 on k8s-node1",
            "master-1-34-7 on k8s-node1",
            "worker-1-34-7-k8s-node4 on k8s-node1",
            "worker-1-34-7-k8s-node3 on k8s-node1",
            "worker-1-34-7-k8s-node2 on k8s-node1",
            "worker-1-34-7-k8s-node1 on k8s-master",
        ]);
    }

    [Fact]
    public void Incident01_AStepThatFindsItselfOnThatNodeAbortsBeforeTheCordon()
    {
        // Two machines of one image that both call themselves k8s-node1, and the first has less room: so the pod lands on the one that it is to drain.
        var shape = ClusterShapes.Of(1, 2, new KubeVersion(1, 34, 2), new KubeVersion(1, 34, 7))
            .Change("k8s-node2", node => node with { HostnameLabel = "k8s-node1" })
            .With(Workloads.Deployment("default", "crowd", 30, change: spec => spec["nodeName"] = "k8s-node1"));
        var chain = Begin(shape);
        chain.Start();
        chain.RunToRest();

        chain.Pods.ShouldContain(pod => pod.Job == Scenario.Worker("k8s-node2") && pod.Host == "k8s-node2", chain.Telling());
        chain.HasFailed(Scenario.Worker("k8s-node2")).ShouldBeTrue(chain.Telling());
        chain.WasTold("This step's own pod is on k8s-node2, the node that it is to drain").ShouldBeTrue(chain.Telling());
        chain.Cordons.ShouldNotContain(change => change.Node == "k8s-node2");
    }

    [Fact]
    public void Incident23_AHostsOwnTaintsAreToleratedAndNoOthers()
    {
        var chain = Begin();
        chain.Start();
        chain.RunToRest();

        chain.MustBeComplete();
        foreach (var job in chain.Jobs)
        {
            Tolerations(job).ShouldBe(job.Host switch
            {
                "k8s-node1" => ["nvidia.com/gpu=true:NoSchedule"],
                "k8s-master" => ["node-role.kubernetes.io/control-plane=:NoSchedule"],
                _ => [],
            }, job.Name);
        }
    }

    [Fact]
    public void Incident23_ATaintThatCameDuringTheChainIsToleratedToo()
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid("k8s-node4 soaks: 5 min left");
        chain.Cluster.Registry.Change(Kinds.Node, null, "k8s-node1", node => node["spec"]!["taints"]!.AsArray().Add(
            (JsonNode)new JsonObject { ["key"] = "team", ["value"] = "ml", ["effect"] = "NoSchedule" }));
        chain.RunToRest();

        chain.MustBeComplete();
        Tolerations(chain.Jobs.Single(job => job.Node == "k8s-node3")).ShouldBe(["nvidia.com/gpu=true:NoSchedule", "team=ml:NoSchedule"]);
    }

    [Fact]
    public void Incident43_ASuccessorThatNobodyCanScheduleGetsAnotherHostWithinAMinute()
    {
        var chain = Begin();
        var cordoned = false;
        CordonHostOf(chain, "k8s-node4", () => !cordoned && (cordoned = true));
        chain.Start();
        chain.RunToRest();

        chain.MustBeComplete();
        var made = chain.Jobs.Where(job => job.Node == "k8s-node4").ToList();
        made.Select(job => job.Host).ShouldBe(["k8s-node1", "k8s-master"], chain.Telling());
        (made[1].Time - made[0].Time).ShouldBeLessThan(TimeSpan.FromSeconds(65));
        chain.IsCordoned("k8s-node1").ShouldBeTrue("a person's cordon stays");
    }

    [Fact]
    public void Incident43_WithASecondHostThatFailsTooTheChainStopsWithTheSchedulersWords()
    {
        var chain = Begin();
        CordonHostOf(chain, "k8s-node4", () => true);
        chain.Start();
        chain.RunToRest();

        chain.HasFailed("k8s-upgrade-master-1-34-7").ShouldBeTrue(chain.Telling());
        chain.Job(Scenario.Worker("k8s-node4")).ShouldBeNull();
        chain.WasTold("nobody can run its Job k8s-upgrade-worker-1-34-7-k8s-node4").ShouldBeTrue(chain.Telling());
        chain.WasTold("were unschedulable").ShouldBeTrue(chain.Telling());
        chain.InFlight.ShouldNotBeNull();
    }

    private static IEnumerable<string> Tolerations(MadeJob job) => job.Body.Items("spec", "template", "spec", "tolerations")
        .Select(toleration => $"{toleration.Text("key")}={toleration.Text("value")}:{toleration.Text("effect")} {toleration.Text("operator")}")
        .Select(text => text.Replace(" Equal", "", StringComparison.Ordinal));

    // Somebody cordons the node that a Job was made for before the scheduler has looked at its pod.
    private static void CordonHostOf(Scenario chain, string node, Func<bool> now) => chain.Cluster.Store.Changed += change =>
    {
        if (change.Kind == Kinds.Job && change.Type == ChangeType.Added && change.Object.Labels().GetValueOrDefault("target-node") == node && now())
        {
            chain.Cordon(change.Object.Text("spec", "template", "spec", "nodeSelector", "kubernetes.io/hostname"));
        }
    };
}
