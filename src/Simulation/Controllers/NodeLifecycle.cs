using System.Text.Json.Nodes;
using Stepper.Simulation.Api;

namespace Stepper.Simulation.Controllers;

/// <summary>
/// Marks nodes by their condition with taints, takes a node whose kubelet says nothing any more for unknown, and ends the pods that do not tolerate it, and
/// those whose node is no more.
/// </summary>
internal sealed class NodeLifecycle
{
    /// <summary>After this long without a word from its kubelet a node is unknown.</summary>
    public static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(40);

    // As the pod garbage collector does, which waits 40 s to be sure of it and looks every 20 s.
    private static readonly TimeSpan OrphansStay = TimeSpan.FromSeconds(60);

    private readonly ControlPlane _plane;
    private readonly WorkQueue _taints;
    private readonly WorkQueue _evictions;

    public NodeLifecycle(ControlPlane plane)
    {
        _plane = plane;
        _taints = new WorkQueue(plane, TimeSpan.FromMilliseconds(30), SetTaints);
        _evictions = new WorkQueue(plane, TimeSpan.FromMilliseconds(30), EndPods);
        plane.Store.Changed += Follow;
    }

    /// <summary>A kubelet has stopped; nothing follows if it is there again in time.</summary>
    public void KubeletStopped(string node, Func<bool> isBack) =>
        _plane.Time.After(GracePeriod, () => _plane.WhenUp(() =>
        {
            if (!isBack())
            {
                TakeForUnknown(node);
            }
        }));

    private void Follow(StoreChange change)
    {
        if (change.Kind == Kinds.Node && change.Type == ChangeType.Deleted)
        {
            _plane.Time.After(OrphansStay, () => _plane.WhenUp(() => EndOrphans(change.Object.Name())));
        }
        else if (change.Kind == Kinds.Node)
        {
            _taints.Add(change.Object.Key());
            if (NoExecute(change.Object).Any())
            {
                _evictions.Add(change.Object.Key());
            }
        }
    }

    private void TakeForUnknown(string node)
    {
        _plane.Change(Kinds.Node, new ObjectKey("", node), changed =>
        {
            foreach (var condition in changed.Items("status", "conditions").ToList())
            {
                changed.SetCondition(condition.Text("type"), "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.", _plane.Now);
            }
        });
        foreach (var pod in _plane.Pods.OnNode(node).Where(ObjectFields.IsReady).ToList())
        {
            _plane.Change(Kinds.Pod, pod.Key(), changed => changed.SetCondition("Ready", "False", null, null, _plane.Now));
        }
    }

    private void SetTaints(ObjectKey key)
    {
        if (_plane.Store.Find(Kinds.Node, null, key.Name) is not { } node)
        {
            return;
        }

        var ready = node.Condition("Ready").Text("status");
        List<(string Key, string Effect)> wanted = [];
        if (node.Flag("spec", "unschedulable"))
        {
            wanted.Add((NodeTaints.Unschedulable, "NoSchedule"));
        }

        if (ready != "True")
        {
            var taint = ready == "Unknown" ? NodeTaints.Unreachable : NodeTaints.NotReady;
            wanted.Add((taint, "NoSchedule"));
            wanted.Add((taint, "NoExecute"));
        }

        _plane.Change(Kinds.Node, key, changed => SetTaints(changed, wanted));
    }

    private void SetTaints(JsonObject node, List<(string Key, string Effect)> wanted)
    {
        var spec = node.Child("spec");
        var taints = spec["taints"] as JsonArray ?? [];
        taints.RemoveAll(taint => IsOurs(taint.Text("key")) && !wanted.Contains((taint.Text("key"), taint.Text("effect"))));
        foreach (var (key, effect) in wanted.Where(want => !taints.Any(taint => taint.Text("key") == want.Key && taint.Text("effect") == want.Effect)))
        {
            taints.Add((JsonNode)new JsonObject { ["key"] = key, ["effect"] = effect, ["timeAdded"] = _plane.Now.AsField() });
        }

        if (taints.Count == 0)
        {
            spec.Remove("taints");
        }
        else
        {
            spec["taints"] ??= taints;
        }
    }

    private static bool IsOurs(string key) => key is NodeTaints.Unschedulable or NodeTaints.Unreachable or NodeTaints.NotReady;

    private void EndPods(ObjectKey key)
    {
        if (_plane.Store.Find(Kinds.Node, null, key.Name) is not { } node)
        {
            return;
        }

        foreach (var pod in _plane.Pods.OnNode(key.Name).Where(pod => !pod.IsBeingDeleted()).ToList())
        {
            if (LeavesAt(pod, node) is not { } time)
            {
                continue;
            }

            if (time > _plane.Now)
            {
                _evictions.AddAt(key, time);
                continue;
            }

            _plane.Change(Kinds.Pod, pod.Key(), changed =>
                changed.SetCondition("DisruptionTarget", "True", "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint", _plane.Now));
            _plane.Delete(Kinds.Pod, pod);
        }
    }

    private void EndOrphans(string node)
    {
        if (_plane.Store.Find(Kinds.Node, null, node) is not null)
        {
            return;
        }

        foreach (var pod in _plane.Pods.OnNode(node).ToList())
        {
            _plane.Change(Kinds.Pod, pod.Key(), changed =>
            {
                changed.SetCondition("DisruptionTarget", "True", "DeletionByPodGC", "PodGC: node no longer exists", _plane.Now);
                if (!changed.IsFinished())
                {
                    changed.Child("status")["phase"] = "Failed";
                }
            });
            _plane.Delete(Kinds.Pod, pod, graceSeconds: 0);
        }
    }

    // Null for a pod that stays.
    private DateTimeOffset? LeavesAt(JsonObject pod, JsonObject node)
    {
        DateTimeOffset? earliest = null;
        foreach (var taint in NoExecute(node))
        {
            var tolerating = pod.Items("spec", "tolerations").Where(toleration => NodeTaints.Tolerates(toleration, taint)).ToList();
            if (tolerating.Exists(toleration => toleration["tolerationSeconds"] is null))
            {
                continue;
            }

            var seconds = tolerating.Count == 0 ? 0 : tolerating.Min(toleration => toleration.Number("tolerationSeconds"));
            var time = (taint.Time("timeAdded") ?? _plane.Now).AddSeconds(seconds);
            earliest = earliest < time ? earliest : time;
        }

        return earliest;
    }

    private static IEnumerable<JsonObject> NoExecute(JsonObject node) => node.Items("spec", "taints").Where(taint => taint.Text("effect") == "NoExecute");
}
