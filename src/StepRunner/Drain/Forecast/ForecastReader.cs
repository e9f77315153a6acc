using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Cluster.Nodes;

namespace Stepper.StepRunner.Drain.Forecast;

/// <summary>Reads from the API what a forecast is made of, and changes nothing.</summary>
/// <param name="ownPod"><see cref="DrainOptions.OwnPod"/>.</param>
internal sealed class ForecastReader(KubeApi api, DaemonSets daemonSets, string? ownPod)
{
    // A small cluster is read whole with one list; of a bigger one only as many nodes as there must be to find room for what one node has.
    private const int FirstNodes = 4;
    private const int NodesAtMost = 64;
    private const int AtOnce = 8;

    /// <summary>All pods of the cluster, listed once; of a big one no more than a page is held.</summary>
    /// <param name="drained">The nodes whose drain is in question.</param>
    public async Task<ClusterPicture> ReadAsync(IReadOnlyList<ClusterNode> nodes, IReadOnlySet<string> drained, CancellationToken ct)
    {
        var budgets = (await api.ListAsync(Resources.DisruptionBudgets, null, KubeQuery.All, ct)).Items;
        var gone = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            var (picture, _) = await api.GatherAsync(Resources.SchedulablePods, null, KubeQuery.All, Begin, (all, pod) => all.Add(pod), ct);
            if (!await LearnAsync(picture, gone, ct))
            {
                return picture;
            }

            ClusterPicture Begin()
            {
                var begun = new ClusterPicture(nodes, drained, budgets, gone, ownPod);
                begun.Know(nodes);
                return begun;
            }
        }
    }

    /// <summary>What the drain of one node is about, cheaply.</summary>
    public async Task<ClusterPicture> ReadAsync(IReadOnlyList<ClusterNode> nodes, ClusterNode node, CancellationToken ct)
    {
        var drained = new HashSet<string>([node.Name], StringComparer.Ordinal);
        if (NodeList.AreFew(nodes))
        {
            return await ReadAsync(nodes, drained, ct);
        }

        var own = (await api.ListAsync(Resources.SchedulablePods, null, On(node.Name), ct)).Items;
        var budgets = await BudgetsAsync(own.Select(pod => pod.Metadata.Namespace!), ct);
        var without = (await api.ListAsync(Resources.SchedulablePods, null, On(""), ct)).Items;
        var gone = new HashSet<string>(StringComparer.Ordinal);
        ClusterPicture picture;
        do
        {
            picture = new ClusterPicture(nodes, drained, budgets, gone, ownPod);
            picture.Know(node);
            Add(picture, [.. own, .. without]);
        }
        while (await LearnAsync(picture, gone, ct));

        var isPlaced = !picture.On(node.Name).Any(pod => pod.ComesBack);
        for (var read = FirstNodes; !isPlaced && read <= NodesAtMost; read *= 2)
        {
            // Those that would let one of the pods in, as long as there are any.
            List<ClusterNode> next = [.. picture.Unread.Where(other => picture.On(node.Name).Any(pod => pod.Wishes.MayRunOn(other, picture.Names))).Take(read)];
            picture.Know(next);
            await Bounded.SelectAsync(next, AtOnce, async other =>
            {
                Add(picture, (await api.ListAsync(Resources.SchedulablePods, null, On(other.Name), ct)).Items);
                return true;
            });
            isPlaced = RoomForecast.Of(picture, node.Name).AllPlaced;
        }

        return picture;
    }

    /// <summary>How many pods of a controller the scheduler finds no node for, now; by its uid.</summary>
    public async Task<IReadOnlyDictionary<string, int>> UnscheduledAsync(CancellationToken ct)
    {
        var pods = (await api.ListAsync(Resources.Pods, null, On(""), ct)).Items;
        return pods.Where(pod => !pod.IsFinished && pod.Metadata is { DeletionTimestamp: null, Controller: not null })
            .Where(pod => pod.Status.Conditions.Any(condition => condition is { Type: "PodScheduled", Status: "False", Reason: "Unschedulable" }))
            .CountBy(pod => pod.Metadata.Controller!.Uid, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
    }

    private static void Add(ClusterPicture picture, IReadOnlyList<SchedulablePod> pods)
    {
        foreach (var pod in pods)
        {
            picture.Add(pod);
        }
    }

    // A big cluster has many more than those of the namespaces that a node has pods of.
    private async Task<IReadOnlyList<PodDisruptionBudget>> BudgetsAsync(IEnumerable<string> namespaces, CancellationToken ct) =>
        [.. (await Bounded.SelectAsync([.. namespaces.Distinct(StringComparer.Ordinal)], AtOnce, ns => api.ListAsync(Resources.DisruptionBudgets, ns, KubeQuery.All, ct))).SelectMany(list => list.Items)];

    // A DaemonSet is taken to be there until it is looked for; one that is not changes what a drain leaves, and so all is read once more.
    private async Task<bool> LearnAsync(ClusterPicture picture, HashSet<string> gone, CancellationToken ct)
    {
        var there = await daemonSets.OfAsync(picture.OfDaemonSets, ct);
        var before = gone.Count;
        gone.UnionWith(picture.OfDaemonSets.Select(pod => pod.Metadata.Controller!).Where(owner => owner.ApiVersion == "apps/v1" && !there.Contains(owner.Uid)).Select(owner => owner.Uid));
        return gone.Count > before;
    }

    private static KubeQuery On(string node) => new(Fields: $"spec.nodeName={node}");
}
