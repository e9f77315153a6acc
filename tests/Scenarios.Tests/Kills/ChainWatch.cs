using System.Text.Json.Nodes;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Nodes;
using Stepper.Simulation.Processes;
using Stepper.StepRunner.Rehearsing;

namespace Stepper.Scenarios.Tests.Kills;

/// <summary>Watches a chain while it goes, and says at its end what is not as it must be, whatever happened on the way.</summary>
internal sealed class ChainWatch
{
    private const string Prefix = "viktorbarzin.me/k8s-upgrade-";
    private static readonly TimeSpan Soak = TimeSpan.FromMinutes(1);

    private static readonly string[] Steps =
    [
        "preflight", "master k8s-master", "worker k8s-node4", "worker k8s-node3", "worker k8s-node2", "worker k8s-node1", "postflight",
    ];

    private readonly Rehearsal _rehearsal;
    private readonly SimulatedNode _master;
    private readonly Dictionary<string, int> _replicas;
    private readonly List<(string Step, DateTimeOffset Time)> _made = [];
    private readonly List<string> _problems = [];
    private int _hooks;
    private int _snapshots;
    private int _quiescedTo;
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private bool _toldOfQuiesced;
    private bool _toldOfThread;

    public ChainWatch(Rehearsal rehearsal)
    {
        _rehearsal = rehearsal;
        _master = Cluster.Node("k8s-master");
        _replicas = Cluster.Store.List(Kinds.Deployment).ToDictionary(each => each.Key().ToString(), each => each.Number("spec", "replicas"), StringComparer.Ordinal);
        _quiescedTo = _replicas[$"default/{ShortChain.Quiesced}"];
        Cluster.Store.Changed += Follow;
        Cluster.Time.Happened += LookAtQuiesced;
        rehearsal.Story.Said += _ => LookAtThread();
        Cluster.Hook = (node, _) =>
        {
            _hooks += node == _master ? 1 : 0;
            return new(0, "put back");
        };
    }

    /// <summary>Where the run is to be disturbed; null: nowhere.</summary>
    public KillPoint? Awaits { get; set; }

    /// <summary>The call at which it was.</summary>
    public SeamCall? Reached { get; set; }

    private SimulatedCluster Cluster => _rehearsal.Cluster;

    /// <summary>To be asked when the chain has come to rest.</summary>
    public IReadOnlyList<string> Problems()
    {
        // What was given back last has its pods again.
        Cluster.Time.Pass(TimeSpan.FromMinutes(1));
        return
        [
            .. Disturbance(), .. _problems,
            .. Cluster.Invariants.Violations.Select(violation => $"broken promise: {violation}"),
            .. Cluster.Crashes.Select(crash => $"crashed: {crash}"),
            .. _rehearsal.Story.Lines.Where(line => line.Text.StartsWith("aborted", StringComparison.Ordinal)).Select(line => $"{line.Who} {line.Text}"),
            .. Jobs(), .. Nodes(), .. State(),
        ];
    }

    private IEnumerable<string> Disturbance()
    {
        if (Awaits is { } point && (Reached is not { } call || call.Pod != point.Call.Pod || call.What != point.Call.What))
        {
            yield return $"the run was to be disturbed at {point}, and was at {Reached?.ToString() ?? "no call"}";
        }
    }

    // Each step once, in the order of the chain, and none before the node before it has soaked.
    private IEnumerable<string> Jobs()
    {
        if (!_made.Select(made => made.Step).SequenceEqual(Steps))
        {
            yield return $"the steps begun were not each once, in their order, but {string.Join(", ", _made.Select(made => made.Step))}";
        }

        if (_snapshots != 1)
        {
            yield return $"{_snapshots} snapshots were taken";
        }

        foreach (var job in _rehearsal.ChainJobs.Where(job => job.Annotation(Prefix + "outcome") != "done" || !job.HasCondition("Complete")))
        {
            yield return $"Job {job.Name()} is not complete and done, but \"{job.Annotation(Prefix + "outcome")}\", {job.At("status")?.ToJsonString()}";
        }

        for (var index = 2; index < Steps.Length - 1; index++)
        {
            var node = Steps[index].Split(' ')[1];
            var ended = Cluster.Find(Kinds.Node, null, node).Time("metadata", "annotations", Prefix + "step-ended");
            if (_made.FirstOrDefault(made => made.Step == Steps[index + 1]) is { Step: not null } next && !(next.Time - ended >= Soak))
            {
                yield return $"{next.Step} was begun at {next.Time:HH:mm:ss}, and {node} had come back at {ended:HH:mm:ss} and not soaked";
            }
        }

        if (_hooks == 0)
        {
            yield return "the hook did not run on the control plane";
        }
    }

    private IEnumerable<string> Nodes()
    {
        foreach (var node in Cluster.Store.List(Kinds.Node))
        {
            var (name, machine) = (node.Name(), Cluster.Node(node.Name()));
            string?[] wrong =
            [
                node.Text("status", "nodeInfo", "kubeletVersion") == $"v{ShortChain.Target}" ? null : $"its kubelet is at {node.Text("status", "nodeInfo", "kubeletVersion")}",
                node.HasCondition("Ready") ? null : "it is not Ready",
                node.Flag("spec", "unschedulable") ? "it is cordoned" : null,
                machine.IsHeld ? null : "its packages are not held",
                machine.RunningScript is null ? null : "the node script runs on it",
                machine.ApiServer is { } server && server.ToString() != ShortChain.Target ? $"its API server is at {server}" : null,
                .. Annotations(node).Except(["finished", "forecast", "from", "step-began", "step-by", "step-ended"], StringComparer.Ordinal).Select(left => $"it still has annotation {left}"),
            ];
            foreach (var each in wrong.OfType<string>())
            {
                yield return $"{name}: {each}";
            }
        }
    }

    private IEnumerable<string> State()
    {
        var left = Annotations(Cluster.Find(Kinds.Namespace, null, ShortChain.Namespace)!).ToList();
        if (!left.SequenceEqual(["last-snapshot"]))
        {
            yield return $"the namespace has annotations {string.Join(", ", left)}";
        }

        foreach (var deployment in Cluster.Store.List(Kinds.Deployment))
        {
            var wanted = _replicas[deployment.Key().ToString()];
            if (deployment.Number("spec", "replicas") != wanted || deployment.Number("status", "readyReplicas") != wanted || Annotations(deployment).Any())
            {
                yield return $"Deployment {deployment.Key()} had {wanted} replicas, and has {deployment.Number("spec", "replicas")}, {deployment.Number("status", "readyReplicas")} of them Ready, annotations {string.Join(", ", Annotations(deployment))}";
            }
        }

        foreach (var gauge in new[] { "k8s_upgrade_in_flight", "k8s_upgrade_snapshot_taken", "k8s_upgrade_started_timestamp", "k8s_upgrade_blocked", "k8s_upgrade_held" })
        {
            if (Cluster.Pushgateway.Value("k8s-version-upgrade", gauge) is not 0)
            {
                yield return $"gauge {gauge} is {Cluster.Pushgateway.Value("k8s-version-upgrade", gauge)}";
            }
        }

        if (!Cluster.Webhooks.Posts.Any(post => post.Body.Contains(":white_check_mark: K8s upgrade complete", StringComparison.Ordinal)))
        {
            yield return "nobody was told that the upgrade is complete";
        }
    }

    private static IEnumerable<string> Annotations(JsonObject body) => body.Map("metadata", "annotations").Keys
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Select(name => name[Prefix.Length..]).Order(StringComparer.Ordinal);

    private void Follow(StoreChange change)
    {
        if (change.Kind == Kinds.Job && change.Type == ChangeType.Added)
        {
            Count(change.Object.Labels(), change.Object.Namespace());
        }
        else if (change.Kind == Kinds.Deployment && change.Object.Name() == ShortChain.Quiesced)
        {
            _quiescedTo = change.Object.Number("spec", "replicas");
        }
    }

    // A continuation that runs elsewhere makes a run another one each time.
    private void LookAtThread()
    {
        if (!_toldOfThread && Environment.CurrentManagedThreadId != _thread)
        {
            _toldOfThread = true;
            _problems.Add($"the program has left the simulation's thread: {Environment.StackTrace}");
        }
    }

    // A step is what it says it is, whatever its name.
    private void Count(IReadOnlyDictionary<string, string> labels, string ns)
    {
        if (labels.TryGetValue("phase", out var phase))
        {
            _made.Add(($"{phase} {labels.GetValueOrDefault("target-node")}".TrimEnd(), Cluster.Time.GetUtcNow()));
        }
        else if (ns == "default")
        {
            _snapshots++;
        }
    }

    // Looked at after each event: the controller must stand still for as long as kubeadm may be at work.
    private void LookAtQuiesced()
    {
        if (!_toldOfQuiesced && _quiescedTo > 0 && _master.RunningScript is not null)
        {
            _toldOfQuiesced = true;
            _problems.Add($"Deployment {ShortChain.Quiesced} has {_quiescedTo} replicas while the node script runs on {_master}");
        }
    }
}
