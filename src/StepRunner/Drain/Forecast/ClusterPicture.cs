using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.Workloads;

namespace Stepper.StepRunner.Drain.Forecast;

/// <summary>What a forecast is made of: nodes with the room that is left on them, and what the drain of some of them would evict.</summary>
/// <param name="drained">The nodes whose drain is in question.</param>
/// <param name="goneDaemonSets">Uids of DaemonSets that pods name and that are not there.</param>
/// <param name="ownPod"><see cref="DrainOptions.OwnPod"/>: is gone when a drain begins.</param>
internal sealed class ClusterPicture(
    IReadOnlyList<ClusterNode> nodes, IReadOnlySet<string> drained, IReadOnlyList<PodDisruptionBudget> budgets, IReadOnlySet<string> goneDaemonSets, string? ownPod)
{
    private readonly Dictionary<string, RoomNode> _rooms = new(StringComparer.Ordinal);
    private readonly ILookup<string, PodDisruptionBudget> _budgets = budgets.ToLookup(budget => budget.Metadata.Namespace ?? "", StringComparer.Ordinal);
    private readonly Dictionary<string, List<EvictedPod>> _evicted = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Owner, string Asks), PodWishes> _wishes = [];
    private readonly Dictionary<(string Owner, string Namespace), IReadOnlyList<PodAffinityTerm>> _repelling = [];
    private readonly Dictionary<string, Pod> _ofDaemonSets = new(StringComparer.Ordinal);
    private readonly HashSet<string> _assumedDaemonSets = new(StringComparer.Ordinal);

    public ResourceNames Names { get; } = new();

    /// <summary>Those whose pods are known.</summary>
    public IEnumerable<RoomNode> Rooms => _rooms.Values;

    /// <summary>Nodes of which it is not known what runs on them.</summary>
    public IReadOnlyList<ClusterNode> Unread => [.. nodes.Where(node => !_rooms.ContainsKey(node.Name))];

    public int Nodes => nodes.Count;

    /// <summary>How many pods of a controller have had no node before; by its uid.</summary>
    public Dictionary<string, int> Unscheduled { get; } = new(StringComparer.Ordinal);

    /// <summary>A pod of each DaemonSet that was taken to be there.</summary>
    public IEnumerable<Pod> OfDaemonSets => _ofDaemonSets.Values;

    public IReadOnlyList<EvictedPod> On(string node) => _evicted.GetValueOrDefault(node, []);

    /// <summary>All pods of a node are added.</summary>
    public void Know(params IEnumerable<ClusterNode> known)
    {
        foreach (var node in known)
        {
            _rooms.TryAdd(node.Name, new RoomNode(node, Names));
        }
    }

    public void Add(SchedulablePod pod)
    {
        if (pod.Spec.NodeName.Length == 0)
        {
            if (!IsOver(pod) && pod.Metadata.Controller is { } owner)
            {
                Unscheduled[owner.Uid] = Unscheduled.GetValueOrDefault(owner.Uid) + 1;
            }

            return;
        }

        var wishes = IsOver(pod) ? null : WishesOf(pod);
        if (wishes is not null && _rooms.TryGetValue(pod.Spec.NodeName, out var room))
        {
            room.Take(wishes.Asks, pod.Spec.Priority);
            Repel(pod);
        }

        if (wishes is not null && drained.Contains(pod.Spec.NodeName) && Decide(pod.AsPod()) is { } light)
        {
            EvictedOn(pod.Spec.NodeName).Add(new EvictedPod(light, wishes, [.. _budgets[wishes.Namespace].Where(budget => budget.Spec.Selector?.Selects(pod.Metadata.Labels) is true)]));
        }
    }

    /// <summary>Whether pods that run somewhere may keep others off by their anti-affinity.</summary>
    public bool IsRepelled(PodWishes wishes) => _repelling.Any(entry => entry.Value.Any(term =>
        (term.NamespaceSelector is not null || (term.Namespaces.Count > 0 ? term.Namespaces.Contains(wishes.Namespace, StringComparer.Ordinal) : entry.Key.Namespace == wishes.Namespace))
        && term.LabelSelector?.Selects(wishes.Labels) is true));

    private static bool IsOver(SchedulablePod pod) => pod.Status.IsFinished;

    private PodWishes WishesOf(SchedulablePod pod)
    {
        var asks = Names.Asked(PodRequests.Of(pod.Spec));
        var key = (pod.Metadata.Controller?.Uid ?? pod.Metadata.Uid, string.Join(' ', asks));
        if (!_wishes.TryGetValue(key, out var wishes))
        {
            wishes = new PodWishes(pod, asks);
            if (drained.Contains(pod.Spec.NodeName))
            {
                _wishes[key] = wishes;
            }
        }

        return wishes;
    }

    private void Repel(SchedulablePod pod)
    {
        if (pod.Spec.Affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution is { Count: > 0 } terms)
        {
            _repelling.TryAdd((pod.Metadata.Controller?.Uid ?? pod.Metadata.Uid, pod.Metadata.Namespace ?? ""), terms);
        }
    }

    // Null when the drain leaves it, or somebody ends it already.
    private Pod? Decide(Pod pod)
    {
        if (pod.Metadata.Controller is { Kind: "DaemonSet" } owner && !goneDaemonSets.Contains(owner.Uid) && _assumedDaemonSets.Add(owner.Uid))
        {
            _ofDaemonSets[owner.Uid] = pod;
        }

        return PodFilters.Decide(pod, new DrainFacts(_assumedDaemonSets, ownPod)).Fate == PodFate.Evict ? EvictedPod.Trimmed(pod) : null;
    }

    private List<EvictedPod> EvictedOn(string node)
    {
        if (!_evicted.TryGetValue(node, out var pods))
        {
            _evicted[node] = pods = [];
        }

        return pods;
    }
}
