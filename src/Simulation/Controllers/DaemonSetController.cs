using System.Text.Json.Nodes;
using Stepper.Simulation.Api;

namespace Stepper.Simulation.Controllers;

/// <summary>Keeps one pod of a DaemonSet on each node that its own tolerations and selector allow; a cordon does not keep it away.</summary>
internal sealed class DaemonSetController
{
    private static readonly string[] Tolerated =
    [
        NodeTaints.Unschedulable, "node.kubernetes.io/disk-pressure", "node.kubernetes.io/memory-pressure", "node.kubernetes.io/pid-pressure",
    ];

    private readonly ControlPlane _plane;
    private readonly Scheduler _scheduler;
    private readonly WorkQueue _queue;
    // By the uid of the set.
    private readonly Dictionary<string, DaemonSetTally> _tallies = new(StringComparer.Ordinal);

    public DaemonSetController(ControlPlane plane, Scheduler scheduler)
    {
        _plane = plane;
        _scheduler = scheduler;
        _queue = new WorkQueue(plane, TimeSpan.FromMilliseconds(30), Look);
        plane.Store.Changed += Follow;
    }

    private void Follow(StoreChange change)
    {
        if (change.Kind == Kinds.DaemonSet)
        {
            FollowSet(change);
        }
        else if (change.Kind == Kinds.Pod)
        {
            FollowPod(change);
        }
        else if (change.Kind == Kinds.Node)
        {
            FollowNode(change);
        }
    }

    private void FollowSet(StoreChange change)
    {
        _queue.Add(change.Object.Key());
        if (change.Type == ChangeType.Modified && change.Old.Number("metadata", "generation") != change.Object.Number("metadata", "generation"))
        {
            foreach (var node in _scheduler.Nodes)
            {
                TallyOf(change.Object.Uid()).Change(node.Name);
            }
        }
    }

    private void FollowPod(StoreChange change)
    {
        if (change.Old is { } old && SetOf(old) is { } before)
        {
            TallyOf(before.Text("uid")).Take(old);
        }

        if (SetOf(change.Object) is not { } owner)
        {
            return;
        }

        if (change.Type != ChangeType.Deleted)
        {
            TallyOf(owner.Text("uid")).Put(change.Object);
        }

        if (PodChanges.Counts(change))
        {
            _queue.Add(new ObjectKey(change.Object.Namespace(), owner.Text("name")));
        }
    }

    private void FollowNode(StoreChange change)
    {
        foreach (var tally in _tallies.Values)
        {
            tally.Change(change.Stored.Name);
        }

        if (change.Old is { } old && JsonNode.DeepEquals(old.At("spec", "taints"), change.Object.At("spec", "taints")))
        {
            return;
        }

        foreach (var set in _plane.Store.List(Kinds.DaemonSet))
        {
            _queue.Add(set.Key());
        }
    }

    private static JsonObject? SetOf(JsonObject pod) => pod.Controller() is { } owner && owner.Text("kind") == "DaemonSet" ? owner : null;

    private DaemonSetTally TallyOf(string uid)
    {
        if (!_tallies.TryGetValue(uid, out var tally))
        {
            _tallies[uid] = tally = new DaemonSetTally(_scheduler.Nodes.Select(node => node.Name));
        }

        return tally;
    }

    private void Look(ObjectKey key)
    {
        if (_plane.Store.Find(Kinds.DaemonSet, key.Namespace, key.Name) is not { } set || set.IsBeingDeleted())
        {
            return;
        }

        var tally = TallyOf(set.Uid());
        var missing = tally.Missing(Wants(set));
        foreach (var pod in tally.Finished.ToList())
        {
            _plane.Delete(Kinds.Pod, pod);
        }

        foreach (var node in missing)
        {
            _plane.MakePod(Kinds.DaemonSet, set, $"{set.Name()}-{_plane.NameSuffix()}", pod => Pin(pod, node));
        }

        WriteStatus(key, tally.Wanted, tally.Ready);
    }

    private Func<string, bool> Wants(JsonObject set)
    {
        var pod = new JsonObject { ["spec"] = set.At("spec", "template", "spec")!.DeepClone() };
        var fit = new PodFit(pod);
        var tolerations = pod.Items("spec", "tolerations").ToList();
        return name => _scheduler.Node(name) is { } node && fit.IsWanted(node) && node.Taints.All(taint => IsTolerated(tolerations, taint));
    }

    private static bool IsTolerated(List<JsonObject> tolerations, JsonObject taint) =>
        taint.Text("key").StartsWith("node.kubernetes.io/", StringComparison.Ordinal)
        || tolerations.Exists(toleration => NodeTaints.Tolerates(toleration, taint));

    // As the real controller pins them: by a field of the node, so that the scheduler places them.
    private static void Pin(JsonObject pod, string node)
    {
        var spec = pod["spec"]!.AsObject();
        spec["affinity"] = new JsonObject
        {
            ["nodeAffinity"] = new JsonObject
            {
                ["requiredDuringSchedulingIgnoredDuringExecution"] = new JsonObject
                {
                    ["nodeSelectorTerms"] = new JsonArray(new JsonObject
                    {
                        ["matchFields"] = new JsonArray(new JsonObject { ["key"] = "metadata.name", ["operator"] = "In", ["values"] = new JsonArray(node) }),
                    }),
                },
            },
        };
        var tolerations = spec["tolerations"]!.AsArray();
        foreach (var toleration in tolerations.OfType<JsonObject>().Where(toleration => toleration["tolerationSeconds"] is not null))
        {
            toleration.Remove("tolerationSeconds");
        }

        foreach (var key in Tolerated)
        {
            tolerations.Add((JsonNode)new JsonObject { ["key"] = key, ["operator"] = "Exists", ["effect"] = "NoSchedule" });
        }
    }

    private void WriteStatus(ObjectKey key, int wanted, int ready) => _plane.Change(Kinds.DaemonSet, key, changed =>
    {
        var status = changed.Child("status");
        status["observedGeneration"] = (long?)changed["metadata"]!["generation"] ?? 1;
        status["desiredNumberScheduled"] = wanted;
        status["currentNumberScheduled"] = wanted;
        status["numberReady"] = ready;
        status["numberAvailable"] = ready;
    });
}
