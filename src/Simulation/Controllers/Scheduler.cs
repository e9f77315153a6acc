using System.Text.Json.Nodes;
using Stepper.Cluster;
using Stepper.Simulation.Api;

namespace Stepper.Simulation.Controllers;

/// <summary>
/// Finds a node for each pod: one that the pod's selector, affinity and tolerations allow and that has room; of those, one with few of its siblings and few
/// pods. A pod that fits nowhere says why, and is looked at again when a node or a pod has changed.
/// </summary>
internal sealed class Scheduler
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(20);

    private readonly ControlPlane _plane;
    private readonly WorkQueue _queue;
    private readonly SortedDictionary<string, SchedulerNode> _nodes = new(NaturalOrder.OfNames);
    // By the uid of the controller: how many of its pods are on which node.
    private readonly Dictionary<string, Dictionary<string, int>> _siblings = new(StringComparer.Ordinal);

    private readonly SortedSet<ObjectKey> _unfit = new(Comparer<ObjectKey>.Create((x, y) => string.CompareOrdinal(x.ToString(), y.ToString())));

    public Scheduler(ControlPlane plane)
    {
        _plane = plane;
        _queue = new WorkQueue(plane, Delay, Look);
        plane.Store.Changed += Follow;
    }

    /// <summary>Null for a node that is not there.</summary>
    public SchedulerNode? Node(string name) => _nodes.GetValueOrDefault(name);

    public IEnumerable<SchedulerNode> Nodes => _nodes.Values;

    private void Follow(StoreChange change)
    {
        if (change.Kind == Kinds.Node)
        {
            FollowNode(change);
        }
        else if (change.Kind == Kinds.Pod)
        {
            FollowPod(change);
        }
    }

    private void FollowNode(StoreChange change)
    {
        if (change.Type == ChangeType.Deleted)
        {
            _nodes.Remove(change.Object.Name());
            return;
        }

        Known(change.Object.Name()).Read(change.Object);
        LookAgain();
    }

    private void FollowPod(StoreChange change)
    {
        var takes = Takes(change.Type == ChangeType.Deleted ? null : change.Object);
        var took = Takes(change.Old);
        if (took && !takes)
        {
            // Its node may be gone by then, and must not come back by this.
            if (Node(change.Old!.NodeName()) is { } node)
            {
                node.Used -= Amounts.OfPod(change.Old!);
            }

            CountSibling(change.Old!, -1);
            LookAgain();
        }
        else if (takes && !took)
        {
            Known(change.Object.NodeName()).Used += Amounts.OfPod(change.Object);
            CountSibling(change.Object, 1);
        }

        if (change.Type == ChangeType.Deleted)
        {
            _unfit.Remove(change.Object.Key());
        }
        else if (change.Type == ChangeType.Added && change.Object.NodeName().Length == 0)
        {
            _queue.Add(change.Object.Key());
        }
    }

    private static bool Takes(JsonObject? pod) => pod is not null && pod.NodeName().Length > 0 && !pod.IsFinished();

    private SchedulerNode Known(string name)
    {
        if (!_nodes.TryGetValue(name, out var node))
        {
            _nodes[name] = node = new SchedulerNode(name);
        }

        return node;
    }

    private void LookAgain()
    {
        foreach (var key in _unfit)
        {
            _queue.Add(key);
        }

        _unfit.Clear();
    }

    private void Look(ObjectKey key)
    {
        if (_plane.Store.Find(Kinds.Pod, key.Namespace, key.Name) is not { } pod || pod.NodeName().Length > 0 || pod.IsBeingDeleted())
        {
            return;
        }

        var fit = new PodFit(pod);
        var best = Best(pod, fit, out var reasons);
        if (best is null)
        {
            _unfit.Add(key);
            SayWhyNot(key, reasons);
            return;
        }

        _plane.Change(Kinds.Pod, key, changed =>
        {
            changed["spec"]!["nodeName"] = best.Name;
            changed.SetCondition("PodScheduled", "True", null, null, _plane.Now);
        });
    }

    private SchedulerNode? Best(JsonObject pod, PodFit fit, out SortedDictionary<string, int> reasons)
    {
        reasons = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var siblings = _siblings.GetValueOrDefault(pod.Controller().Text("uid"));
        SchedulerNode? best = null;
        var bestCost = (Siblings: int.MaxValue, Pods: int.MaxValue);
        var only = fit.OnlyNode;
        foreach (var node in only is not null && Node(only) is { } one && fit.WhyNot(one) is null ? [one] : Nodes)
        {
            if (fit.WhyNot(node) is { } why)
            {
                reasons[why] = reasons.GetValueOrDefault(why) + 1;
                continue;
            }

            var cost = (siblings?.GetValueOrDefault(node.Name) ?? 0, node.Used.Pods);
            if (cost.CompareTo(bestCost) < 0)
            {
                (best, bestCost) = (node, cost);
            }
        }

        return best;
    }

    private void CountSibling(JsonObject pod, int by)
    {
        if (pod.Controller() is not { } owner)
        {
            return;
        }

        if (!_siblings.TryGetValue(owner.Text("uid"), out var count))
        {
            _siblings[owner.Text("uid")] = count = new Dictionary<string, int>(StringComparer.Ordinal);
        }

        count[pod.NodeName()] = count.GetValueOrDefault(pod.NodeName()) + by;
    }

    private void SayWhyNot(ObjectKey key, SortedDictionary<string, int> reasons)
    {
        // Sorted with their numbers, as the real one has them.
        var parts = reasons.Select(reason => $"{reason.Value} {reason.Key}").Order(StringComparer.Ordinal);
        var message = $"0/{_nodes.Count} nodes are available: {string.Join(", ", parts)}. preemption: 0/{_nodes.Count} nodes are available: "
            + $"{_nodes.Count} Preemption is not helpful for scheduling.";
        _plane.Change(Kinds.Pod, key, pod => pod.SetCondition("PodScheduled", "False", "Unschedulable", message, _plane.Now));
        _plane.Record(_plane.Store.Find(Kinds.Pod, key.Namespace, key.Name)!, "Pod", "Warning", "FailedScheduling", message);
    }
}
