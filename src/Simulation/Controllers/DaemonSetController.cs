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
            _queue.Add(change.Object.Key());
        }
        else if (change.Kind == Kinds.Pod && change.Object.Controller() is { } owner && owner.Text("kind") == "DaemonSet" && PodChanges.Counts(change))
        {
            _queue.Add(new ObjectKey(change.Object.Namespace(), owner.Text("name")));
        }
        else if (change.Kind == Kinds.Node && (change.Old is not { } old || !JsonNode.DeepEquals(old.At("spec", "taints"), change.Object.At("spec", "taints"))))
        {
            foreach (var set in _plane.Store.List(Kinds.DaemonSet))
            {
                _queue.Add(set.Key());
            }
        }
    }

    private void Look(ObjectKey key)
    {
        if (_plane.Store.Find(Kinds.DaemonSet, key.Namespace, key.Name) is not { } set || set.IsBeingDeleted())
        {
            return;
        }

        var pods = _plane.Pods.OwnedBy(set.Uid()).ToList();
        foreach (var pod in pods.Where(pod => pod.IsFinished() && !pod.IsBeingDeleted()))
        {
            _plane.Delete(Kinds.Pod, pod);
        }

        var there = pods.Select(TargetNode).ToHashSet(StringComparer.Ordinal);
        var wanted = NodesFor(set);
        foreach (var node in wanted.Where(node => !there.Contains(node)))
        {
            _plane.MakePod(Kinds.DaemonSet, set, $"{set.Name()}-{_plane.NameSuffix()}", pod => Pin(pod, node));
        }

        WriteStatus(key, wanted.Count, _plane.Pods.OwnedBy(set.Uid()).Count(pod => pod.IsReady()));
    }

    private List<string> NodesFor(JsonObject set)
    {
        var pod = new JsonObject { ["spec"] = set.At("spec", "template", "spec")!.DeepClone() };
        var fit = new PodFit(pod);
        var tolerations = pod.Items("spec", "tolerations").ToList();
        return
        [
            .. _scheduler.Nodes
                .Where(node => fit.IsWanted(node) && node.Taints.All(taint => IsTolerated(tolerations, taint)))
                .Select(node => node.Name),
        ];
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

    // Where it is, is where it was pinned.
    private static string TargetNode(JsonObject pod) => pod.NodeName() is { Length: > 0 } there
        ? there
        : pod.Items("spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
            .SelectMany(term => term.Items("matchFields")).SelectMany(field => field.Words("values")).FirstOrDefault() ?? "";

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
