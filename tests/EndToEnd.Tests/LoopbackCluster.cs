using System.Text.Json.Nodes;
using Stepper.Loopback;
using Stepper.Simulation;
using Stepper.Simulation.Api;

namespace Stepper.EndToEnd.Tests;

/// <summary>
/// A simulated API server that programs from outside can ask, with two nodes and a few pods. Instead of kubelets there is only somebody who ends pods a
/// second after they were told to go.
/// </summary>
public sealed class LoopbackCluster : IAsyncLifetime
{
    private const double Speed = 20;

    private readonly string _directory = Directory.CreateTempSubdirectory("stepper-loopback-").FullName;
    private readonly VirtualTime _time = new(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));
    private readonly PodLogs _logs = new();
    private readonly Registry _registry;
    private readonly SimulatedApiServer _server;
    private Pacer? _pacer;
    private LoopbackServer? _loopback;

    public LoopbackCluster()
    {
        _registry = new Registry(new ObjectStore(), _time);
        _server = new SimulatedApiServer(_registry, _logs, _time) { Tokens = { ["admin"] = ApiUser.Admin, ["reader"] = ApiUser.ServiceAccount("default", "reader") } };
        _registry.Store.Changed += EndPods;
        Fill();
    }

    internal Kubectl Admin { get; private set; } = null!;

    internal Kubectl Reader { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (!Kubectl.IsThere)
        {
            Assert.Skip("There is no kubectl on the path.");
        }

        _pacer = new Pacer(_time, Speed);
        _loopback = await LoopbackServer.StartAsync(_server.AnswerAsync, _pacer, _directory);
        Admin = new Kubectl(_loopback.WriteKubeconfig("admin"), _directory);
        Reader = new Kubectl(_loopback.WriteKubeconfig("reader"), _directory);
    }

    public async ValueTask DisposeAsync()
    {
        if (_loopback is not null)
        {
            await _loopback.DisposeAsync();
        }

        _pacer?.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Has something happen in the cluster after a while of its own time.</summary>
    internal void After(TimeSpan delay, Action<Registry> happens) => _pacer!.Post(() => _time.After(delay, () => happens(_registry)));

    /// <summary>Makes a pod that runs.</summary>
    internal void AddPod(string name, string node, string app, string ownerKind = "ReplicaSet") => _pacer!.Ask(() => Pod(name, node, app, ownerKind));

    private JsonObject Pod(string name, string node, string app, string ownerKind)
    {
        var pod = _registry.Create(Kinds.Pod, Read(
            $$$$$"""
            {"metadata":{"name":"{{{{{name}}}}}","namespace":"default","labels":{"app":"{{{{{app}}}}}"},
               "ownerReferences":[{"apiVersion":"apps/v1","kind":"{{{{{ownerKind}}}}}","name":"owner","uid":"00000000-0000-0000-0000-00000000000a","controller":true}]},
             "spec":{"nodeName":"{{{{{node}}}}}","containers":[{"name":"main","image":"busybox:1"}]},
             "status":{"phase":"Running","podIP":"10.0.0.9","conditions":[{"type":"Ready","status":"True"}],
               "containerStatuses":[{"name":"main","ready":true,"restartCount":0,"image":"busybox:1","imageID":"","state":{"running":{"startedAt":"2026-11-22T12:00:00Z"}}}]}}
            """));
        _logs.Append((string)pod["metadata"]!["uid"]!, "main", "first line\nsecond line\n");
        return pod;
    }

    private void Fill()
    {
        foreach (var ns in (string[])["default", "kube-system", "kube-node-lease"])
        {
            _registry.Create(Kinds.Namespace, Read($$$$$"""{"metadata":{"name":"{{{{{ns}}}}}"}}"""));
        }

        foreach (var node in (string[])["node1", "node2"])
        {
            _registry.Create(Kinds.Node, Read(
                $$$$$"""
                {"metadata":{"name":"{{{{{node}}}}}","labels":{"kubernetes.io/hostname":"{{{{{node}}}}}","node-role.kubernetes.io/worker":""}},
                 "status":{"conditions":[{"type":"Ready","status":"True","reason":"KubeletReady"}],"addresses":[{"type":"InternalIP","address":"10.0.0.1"}],
                   "capacity":{"cpu":"4","memory":"8Gi","pods":"110"},"allocatable":{"cpu":"4","memory":"8Gi","pods":"110"},
                   "nodeInfo":{"kubeletVersion":"v1.34.8","osImage":"Debian","kernelVersion":"6.1","containerRuntimeVersion":"containerd://1.7.24"}}}
                """));
        }

        _registry.Create(Kinds.ReplicaSet, Read(
            """
            {"metadata":{"name":"owner","namespace":"default","uid":"00000000-0000-0000-0000-00000000000a"},
             "spec":{"replicas":1,"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"main","image":"busybox:1"}]}}}}
            """));
    }

    private void EndPods(StoreChange change)
    {
        if (change.Kind == Kinds.Pod && change.Type == ChangeType.Modified && change.Object["metadata"]!["deletionTimestamp"] is not null && change.Old!["metadata"]!["deletionTimestamp"] is null)
        {
            _time.After(TimeSpan.FromSeconds(1), () => _registry.Delete(Kinds.Pod, change.Stored.Namespace, change.Stored.Name, 0));
        }
    }

    private static JsonObject Read(string json) => JsonNode.Parse(json)!.AsObject();
}
