using System.Text.Json.Nodes;
using Stepper.Cluster;
using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;
using Stepper.Simulation.Api;
using Stepper.Simulation.Controllers;
using Stepper.Simulation.Monitoring;
using Stepper.Simulation.Nodes;
using Stepper.Simulation.Processes;
using Stepper.Simulation.Promises;
using Stepper.Simulation.Shapes;

namespace Stepper.Simulation;

/// <summary>
/// A whole cluster in memory and in virtual time, behind the three seams: its API, controllers, kubelets, nodes, monitoring. Pods whose image has a program
/// really run it. The same shape, seed and programs give the same journal.
/// </summary>
public sealed class SimulatedCluster
{
    /// <summary>The image of the CronJob that saves etcd.</summary>
    public const string BackupImage = "registry.local/backup-etcd:1";

    /// <summary>May do everything.</summary>
    public const string AdminToken = "admin";

    // What a cluster needs to come to rest: its pods are made, placed and ready.
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(10);

    private readonly ControlPlane _plane;
    private readonly ContainerHost _containers;
    private readonly SimulatedNetwork _network;
    private readonly SimulatedShell _shell;
    private readonly NodeLifecycle _lifecycle;
    private readonly GarbageCollector _garbage;
    private readonly SortedDictionary<string, Kubelet> _kubelets = new(NaturalOrder.OfNames);
    private readonly Seams _outside;

    /// <param name="start">When its story begins; null: Sunday 2026-11-22 12:00 UTC.</param>
    public SimulatedCluster(ClusterShape shape, int seed = 1, DateTimeOffset? start = null)
    {
        Start = start ?? new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
        Time = new VirtualTime(Start - Settling);
        var registry = new Registry(new ObjectStore(), Time);
        _plane = new ControlPlane(Time, registry, seed) { Began = Start };
        var logs = new PodLogs();
        Api = new SimulatedApiServer(registry, logs, Time) { StartedAt = Start.AddDays(-9) };
        Api.Tokens[AdminToken] = ApiUser.Admin;
        Webhooks = new WebhookReceiver(Time);
        Prometheus = new SimulatedPrometheus(_plane, () => Api.RequestedApis) { StartedAt = Start.AddDays(-9) };
        Alertmanager = new SimulatedAlertmanager(() => Prometheus.Sent);
        _network = new SimulatedNetwork(_plane, Api.AnswerAsync, Prometheus, Alertmanager, Pushgateway, Packages, Webhooks);
        _shell = new SimulatedShell(_plane, Packages, _kubelets);
        _containers = new ContainerHost(_plane, Programs, Journal, logs, _network, _shell) { TokenOf = TokenOf };
        _shell.ClockAhead = node => ClockSkew.TryGetValue(node, out var skew) ? skew : TimeSpan.Zero;
        _outside = new Seams(_plane, new Journal(), (_, _) => false, new SimulatedProcess("outside", "", _ => { }));
        _lifecycle = StartControllers();
        _garbage = new GarbageCollector(_plane);
        Programs.Set(BackupImage, TimeSpan.FromSeconds(25), "Backup done: /mnt/main/etcd-backup/etcd-snapshot.db (48234528 bytes)\n");
        Build(shape);
        Invariants = new Invariants(_plane, _shell, Api, _kubelets.Values);
    }

    public DateTimeOffset Start { get; }

    public VirtualTime Time { get; }

    public ObjectStore Store => _plane.Store;

    public Registry Registry => _plane.Registry;

    public SimulatedApiServer Api { get; }

    public ImagePrograms Programs { get; } = new();

    public PackageRepository Packages { get; } = new();

    public SimulatedPrometheus Prometheus { get; }

    /// <summary>At <c>http://alertmanager.monitoring:9093</c>.</summary>
    public SimulatedAlertmanager Alertmanager { get; }

    public SimulatedPushgateway Pushgateway { get; } = new();

    public WebhookReceiver Webhooks { get; }

    /// <summary>What the pods' processes did across their seams.</summary>
    public Journal Journal { get; } = new();

    /// <summary>What must hold at each moment, and where it did not.</summary>
    public Invariants Invariants { get; }

    public IReadOnlyList<SimulatedNode> Nodes => [.. _kubelets.Values.Select(kubelet => kubelet.Node)];

    /// <summary>What programs threw instead of ending.</summary>
    public IReadOnlyList<string> Crashes => _containers.Crashes;

    /// <summary>The nodes, as somebody reaches them who is not in a pod.</summary>
    public INodeShell Shell => new ProcessShell(_shell, _outside);

    /// <summary>Asked around each call of a pod's process: true kills it there, as SIGKILL does.</summary>
    public Func<SeamCall, Moment, bool> Kills
    {
        get => _containers.Kills;
        set => _containers.Kills = value;
    }

    /// <summary>How far a node's clock is ahead, for the processes on it and for who asks it over ssh.</summary>
    public IDictionary<string, TimeSpan> ClockSkew => _containers.ClockSkew;

    /// <summary>How long what belonged to an object that is gone stays after it.</summary>
    public TimeSpan GarbageStays
    {
        get => _garbage.Delay;
        set => _garbage.Delay = value;
    }

    /// <summary>Asked with the node's name at each connection to a node: true drops it after what was asked has happened.</summary>
    public Func<string, bool> DropsSsh
    {
        get => _shell.Drops;
        set => _shell.Drops = value;
    }

    /// <summary>What an operator's own script on a node answers.</summary>
    public Func<SimulatedNode, string, CommandResult> Hook
    {
        get => _shell.Hook;
        set => _shell.Hook = value;
    }

    /// <summary>Whether an API server answers now.</summary>
    public bool ApiIsUp => _plane.IsUp;

    /// <summary>The network, as somebody sees it who is not in a pod.</summary>
    /// <param name="token">What a request to the API server that brings none is authenticated with.</param>
    public HttpMessageHandler Network(string? token = AdminToken) => new ProcessNetwork(_plane, _network, _outside, token);

    /// <summary>The token of a service account.</summary>
    public string TokenOf(string ns, string serviceAccount)
    {
        var token = $"token-of-{ns}-{serviceAccount}";
        Api.Tokens[token] = ApiUser.ServiceAccount(ns, serviceAccount);
        return token;
    }

    public SimulatedNode Node(string name) => _kubelets[name].Node;

    public JsonObject? Find(ResourceKind kind, string? ns, string name) => Store.Find(kind, ns, name);

    public JsonObject Create(JsonObject body) => Registry.Create(KindOf(body), body);

    /// <summary>Makes an object, or gives the one of its name this spec, data, labels and annotations.</summary>
    public JsonObject Apply(JsonObject body)
    {
        var kind = KindOf(body);
        if (Store.Find(kind, body.Namespace(), body.Name()) is null)
        {
            return Registry.Create(kind, body);
        }

        return Registry.Change(kind, body.Namespace(), body.Name(), changed =>
        {
            foreach (var (name, value) in body.Where(field => field.Key is not "metadata" and not "status"))
            {
                changed[name] = value?.DeepClone();
            }

            foreach (var name in new[] { "labels", "annotations" })
            {
                if (body.At("metadata", name) is { } map)
                {
                    changed["metadata"]![name] = map.DeepClone();
                }
            }
        });
    }

    /// <summary>The log of a pod's first container.</summary>
    public string LogOf(JsonObject pod) => _containers.Logs.Read(pod.Uid(), pod.Items("spec", "containers").First().Text("name"));

    /// <summary>SIGKILL to the processes of a pod.</summary>
    public void KillProcess(string ns, string pod)
    {
        if (Store.Find(Kinds.Pod, ns, pod) is { } there && _kubelets.TryGetValue(there.NodeName(), out var kubelet))
        {
            kubelet.KillPod(there.Uid());
        }
    }

    /// <summary>What an eviction that was granted does: the condition, then SIGTERM, and SIGKILL when the grace is over.</summary>
    public void Evict(string ns, string pod)
    {
        Registry.Change(Kinds.Pod, ns, pod, changed =>
            changed.SetCondition("DisruptionTarget", "True", "EvictionByEvictionAPI", "Eviction API: evicting", _plane.Now));
        Registry.Delete(Kinds.Pod, ns, pod);
    }

    /// <summary>A machine is gone from one moment to the next.</summary>
    public void KillNode(string name) => _kubelets[name].Die();

    /// <summary>A machine starts again, or comes back: in 45 s.</summary>
    public void Boot(string name) => _kubelets[name].Boot();

    /// <summary>A machine joins the cluster, as with <c>kubeadm join</c>.</summary>
    public void Join(NodeShape shape)
    {
        AddNode(shape with { ReadySince = Start - Time.GetUtcNow() }, shape.Address ?? AddressOf(_kubelets.Count));
        Invariants.Follow(_kubelets[shape.Name].Node);
    }

    /// <summary>Starts a node's kubelet again, with the release that is installed by now.</summary>
    public void RestartKubelet(string node) => _kubelets[node].Restart();

    /// <summary>Other manifests stand under <c>/etc/kubernetes/manifests</c> of a node.</summary>
    /// <param name="images">Image by component.</param>
    public void ChangeStaticPods(string node, IReadOnlyDictionary<string, string> images)
    {
        _kubelets[node].Node.StaticPods = images;
        _kubelets[node].StaticPodsChanged();
        ShowVersion();
    }

    /// <summary>Starts the node script on a node by hand, past its lock.</summary>
    public NodeScriptRun StartScriptByHand(string node, NodeScript script) => _shell.StartBeside(_kubelets[node], script);

    /// <summary>All watches on the API server end with an error.</summary>
    public void CutConnections() => _network.CutConnections();

    /// <summary>The API servers of the whole control plane are away for a while.</summary>
    public void TakeApiAway(TimeSpan length)
    {
        var members = _kubelets.Values.Where(kubelet => kubelet.Node.IsControlPlane).ToList();
        members.ForEach(member => _plane.SetApiServer(member.Node.Name, up: false));
        Time.After(length, () => members.ForEach(member => _plane.SetApiServer(member.Node.Name, member.Node.IsAlive)));
    }

    private NodeLifecycle StartControllers()
    {
        var lifecycle = new NodeLifecycle(_plane);
        var scheduler = new Scheduler(_plane);
        _ = new JobController(_plane);
        _ = new ReplicaSetController(_plane);
        _ = new DeploymentController(_plane);
        _ = new StatefulSetController(_plane);
        _ = new DaemonSetController(_plane, scheduler);
        _ = new DisruptionController(_plane);
        Store.Changed += TellKubelets;
        _plane.ApiServersChanged += ShowVersion;
        _plane.Switched += up =>
        {
            if (up)
            {
                // A server that has just started knows nothing of what was before.
                Api.Faults.ForgetHistory();
            }
            else
            {
                Api.Faults.CloseWatches();
            }
        };
        return lifecycle;
    }

    private void TellKubelets(StoreChange change)
    {
        if (change.Kind == Kinds.Pod && _kubelets.TryGetValue(change.Object.NodeName(), out var kubelet))
        {
            kubelet.Follow(change);
        }
        else if (change.Type == ChangeType.Added && (change.Kind == Kinds.ConfigMap || change.Kind == Kinds.Secret))
        {
            foreach (var each in _kubelets.Values)
            {
                each.FilesChanged();
            }
        }
    }

    private void Build(ClusterShape shape)
    {
        foreach (var (release, published) in shape.Releases)
        {
            Packages.Offer(release, published);
        }

        foreach (var body in shape.Objects.Where(body => KindOf(body) == Kinds.Namespace))
        {
            Apply(body);
        }

        for (var index = 0; index < shape.Nodes.Count; index++)
        {
            AddNode(shape.Nodes[index], shape.Nodes[index].Address ?? AddressOf(index));
        }

        foreach (var body in shape.Objects.Where(body => KindOf(body) != Kinds.Namespace))
        {
            Apply(body);
        }

        Time.Pass(Settling / 2);
        foreach (var dead in shape.Nodes.Where(node => node.IsDead))
        {
            KillNode(dead.Name);
        }

        Time.Pass(Settling / 2);
    }

    private static string AddressOf(int index) => $"10.0.{(index + 10) / 250}.{((index + 10) % 250) + 1}";

    private void AddNode(NodeShape shape, string address)
    {
        var node = new SimulatedNode(shape.Name, address, shape.IsControlPlane, shape.Version, shape.Containerd) { ComponentFlags = shape.ComponentFlags };
        if (shape.Kubelet is { } kubeletVersion)
        {
            node.Kubelet = kubeletVersion;
            node.Packages["kubelet"] = SimulatedNode.PackageOf(kubeletVersion);
            node.Packages["kubectl"] = SimulatedNode.PackageOf(kubeletVersion);
        }

        var kubelet = new Kubelet(_plane, _containers, _lifecycle, node);
        _kubelets[shape.Name] = kubelet;
        if (shape.IsControlPlane)
        {
            _plane.AddMember(shape.Name);
        }

        Registry.Create(Kinds.Node, NodeObjects.Of(shape, node));
        kubelet.Register(Start - shape.ReadySince);
        kubelet.StaticPodsChanged();
        ShowVersion();
    }

    // Behind the load balancer any may answer; the oldest is what can be counted on.
    private void ShowVersion()
    {
        var versions = _kubelets.Values.Where(kubelet => kubelet.Node.IsAlive).Select(kubelet => kubelet.Node.ApiServer).OfType<KubeVersion>().ToList();
        if (versions.Count > 0)
        {
            Api.Version = $"v{versions.Min()}";
        }
    }

    private static ResourceKind KindOf(JsonObject body) =>
        Kinds.All.FirstOrDefault(kind => kind.Kind == body.Text("kind") && kind.ApiVersion == body.Text("apiVersion"))
        ?? throw new FormatException($"the simulation knows no {body.Text("apiVersion")} {body.Text("kind")}");
}
