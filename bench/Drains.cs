using System.Diagnostics;
using System.Text.Json.Nodes;
using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Authentication;
using Stepper.EndToEnd.Tests;
using Stepper.Loopback;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.StepRunner.Drain;

namespace Stepper.Bench;

/// <summary>The drain of a node with many pods beside kubectl's, on the same API server over TLS. Its kubelet ends each pod a second after it was told to.</summary>
internal sealed class Drains : IDisposable
{
    private const string Node = "node1";
    private const int Pods = 100;
    private const int Times = 5;

    // Of kubectl's time.
    private const double MostShare = 1.0 / 6;

    private readonly string _directory = Directory.CreateTempSubdirectory("stepper-bench-").FullName;
    private readonly VirtualTime _time = new(TimeProvider.System.GetUtcNow());
    private readonly Registry _registry;
    private readonly SimulatedApiServer _server;

    private Drains()
    {
        _registry = new Registry(new ObjectStore(), _time);
        _server = new SimulatedApiServer(_registry, new PodLogs(), _time) { Tokens = { ["admin"] = ApiUser.Admin } };
        _registry.Store.Changed += EndPods;
        _registry.Create(Kinds.Namespace, Read("""{"metadata": {"name": "default"}}"""));
        _registry.Create(Kinds.Node, Read($$"""{"metadata": {"name": "{{Node}}"} }"""));
    }

    public static async Task<IReadOnlyList<Budget>> MeasureAsync()
    {
        using var drains = new Drains();
        using var pacer = new Pacer(drains._time, speed: 1);
        await using var api = await LoopbackServer.StartAsync(drains._server.AnswerAsync, pacer, drains._directory);
        var kubeconfig = api.WriteKubeconfig("admin");

        var kubectl = await drains.TimeOfAsync(pacer, () => RunningProgram.RunAsync(
            "kubectl", "--kubeconfig", kubeconfig, "--cache-dir", Path.Combine(drains._directory, "cache"),
            "drain", Node, "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--grace-period=300"));
        List<double> own = [];
        for (var time = 0; time < Times; time++)
        {
            own.Add(await drains.TimeOfAsync(pacer, () => DrainAsync(kubeconfig)));
        }

        own.Sort();
        return [new Budget($"drain of a node with {Pods} pods, median", own[Times / 2], kubectl * MostShare, "s", $"{own[0]:0.00} to {own[^1]:0.00} s in {Times} drains; kubectl: {kubectl:0.0} s")];
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static async Task DrainAsync(string kubeconfig)
    {
        var connection = KubeConnection.Find(_ => null, kubeconfig, context: null, TimeProvider.System);
        using var http = new HttpClient(connection.Handler) { BaseAddress = connection.Address, Timeout = Timeout.InfiniteTimeSpan };
        var wait = new Wait(TimeProvider.System);
        var api = new KubeApi(http, wait, Console.WriteLine);
        await api.MergeAsync(Resources.Nodes, null, Node, Read("""{"spec": {"unschedulable": true}}"""), CancellationToken.None);
        var options = new DrainOptions(TimeSpan.FromMinutes(30), TimeSpan.FromSeconds(300), BudgetMode.Unstick, Parallel: 16);
        var report = await new NodeDrain(api, wait, Console.WriteLine, options).RunAsync(Node, null, CancellationToken.None);
        if (report.Of(PodOutcome.Evicted).Count != Pods)
        {
            throw new InvalidOperationException(report.InWords());
        }
    }

    private async Task<double> TimeOfAsync(Pacer pacer, Func<Task> drain)
    {
        pacer.Ask(AddPods);
        var clock = Stopwatch.StartNew();
        await drain();
        return clock.Elapsed.TotalSeconds;
    }

    private int AddPods()
    {
        for (var i = 0; i < Pods; i++)
        {
            _registry.Create(Kinds.Pod, Read(
                $$"""
                {
                  "metadata": {
                    "name": "web-{{i}}", "namespace": "default", "labels": {"app": "web"},
                    "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "00000000-0000-0000-0000-00000000000a", "controller": true}] },
                  "spec": {"nodeName": "{{Node}}", "containers": [{"name": "main", "image": "busybox:1"}], "volumes": [{"name": "scratch", "emptyDir": {} }]},
                  "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
                }
                """));
        }

        return Pods;
    }

    private void EndPods(StoreChange change)
    {
        if (change.Kind == Kinds.Pod && change.Type == ChangeType.Modified && change.Object.IsBeingDeleted() && !change.Old!.IsBeingDeleted())
        {
            _time.After(TimeSpan.FromSeconds(1), () => _registry.Delete(Kinds.Pod, change.Stored.Namespace, change.Stored.Name, 0));
        }
    }

    private static JsonObject Read(string json) => JsonNode.Parse(json)!.AsObject();
}
