using System.Text.Json.Nodes;
using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;

namespace Stepper.Simulation.Tests.World;

public sealed class PodProgramTests
{
    private readonly SimulatedCluster _cluster = new(ClusterShapes.Default());

    [Fact]
    public void AProgramSeesItsPodAndTheClusterThroughItsSeams()
    {
        _cluster.Programs.Set("probe", async process =>
        {
            await process.Output.WriteLineAsync($"{process.Environment["WHO"]} on {process.Node} {process.Environment["NODE_NAME"]}");
            var wait = new Wait(process.Time);
            using var http = new HttpClient(process.Network) { BaseAddress = new Uri("https://kubernetes.default.svc/"), Timeout = Timeout.InfiniteTimeSpan };
            var api = new KubeApi(http, wait, line => process.Output.WriteLine(line));
            var nodes = await api.ListAsync(Resources.Nodes, null, KubeQuery.All, process.Terminated);
            await process.Output.WriteLineAsync($"{nodes.Items.Count} nodes");
            var node = new NodeTarget("k8s-node4", nodes.Items[4].Status.Addresses[0].Address);
            var run = await process.Shell.StartScriptAsync(node, TestScripts.Worker(new KubeVersion(1, 34, 7)), process.Terminated);
            ScriptProgress progress;
            var from = 0L;
            do
            {
                progress = await process.Shell.FollowScriptAsync(node, run, from, process.Terminated);
                from = progress.NextByte;
                await process.Output.WriteAsync(progress.Text);
            }
            while (progress.State == ScriptState.Running);
            return progress.ExitCode ?? 9;
        });
        _cluster.Create(Job());
        Rights.ToEverything(_cluster, "default", "default");

        _cluster.Time.RunUntil(() => _cluster.Find(Kinds.Job, "default", "probe")!.HasCondition("Complete"));

        var pod = _cluster.Store.List(Kinds.Pod, "default").Single(each => each.Labels().ContainsKey("job-name"));
        _cluster.LogOf(pod).ShouldStartWith($"me on {pod.NodeName()} {pod.NodeName()}\n5 nodes\nstage: source\n");
        _cluster.Crashes.ShouldBeEmpty();
        _cluster.Time.Pass(TimeSpan.FromMinutes(1));
        _cluster.Find(Kinds.Node, null, "k8s-node4")!.Text("status", "nodeInfo", "kubeletVersion").ShouldBe("v1.34.7");
        _cluster.Node("k8s-node4").IsHeld.ShouldBeTrue();
    }

    private static JsonObject Job() => Workloads.Job("default", "probe", "probe:1", spec =>
    {
        spec["template"]!["spec"]!["containers"]![0]!["env"] = new JsonArray(
            new JsonObject { ["name"] = "WHO", ["value"] = "me" },
            JsonNode.Parse("""{"name":"NODE_NAME","valueFrom":{"fieldRef":{"fieldPath":"spec.nodeName"}}}"""));
    });
}
