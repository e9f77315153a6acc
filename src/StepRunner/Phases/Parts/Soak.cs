using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Cluster.Nodes;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>
/// Looks at an upgraded worker for a while before the next one's turn: no alert in all that time, the DaemonSets' pods back on it, and what was evicted back at
/// its replicas.
/// </summary>
internal sealed class Soak(
    KubeApi api, AlertsHold alerts, NodeLooks looks, Milestones milestones, Wait wait, TimeSpan length, TimeSpan workloadsWithin, Action<string> say)
{
    private static readonly TimeSpan WorkloadsEvery = TimeSpan.FromSeconds(30);

    /// <summary>Before the node is touched. A next try gets what the first one saw, which by then is no more to be seen on the node.</summary>
    /// <param name="nodes">All nodes.</param>
    /// <param name="pods">Those that are on the node.</param>
    /// <returns>What there is to compare with, and what is to be written on the node before it is touched.</returns>
    public async Task<(NodeLook Look, IReadOnlyList<Note> Notes)> LookAsync(Step step, ClusterNode node, IReadOnlyList<ClusterNode> nodes, IReadOnlyList<Pod> pods, CancellationToken ct)
    {
        if (looks.Of(node, step.Run) is { } kept)
        {
            return (kept, []);
        }

        var look = await LookAsync(pods, NodeList.AreFew(nodes), ct);
        return (look, [looks.Note(step.Run, look)]);
    }

    /// <summary>
    /// For a step that finds its node done. Where the look is still kept, an earlier try did not come to the end of its soak: it was killed, or an alert broke it
    /// off. Nobody has seen the node settle, and it soaks again.
    /// </summary>
    /// <exception cref="AbortException">It did not settle.</exception>
    public async Task GoOnAsync(Step step, ClusterNode node, IReadOnlyList<ClusterNode> nodes, CancellationToken ct)
    {
        if (looks.Of(node, step.Run) is { } before)
        {
            say($"{node.Name} has not soaked to the end; it soaks again");
            await RunAsync(step, before, nodes, ct);
        }
    }

    /// <exception cref="AbortException">It did not settle.</exception>
    public async Task RunAsync(Step step, NodeLook before, IReadOnlyList<ClusterNode> nodes, CancellationToken ct)
    {
        await alerts.MustHoldThroughoutAsync(
            step,
            length,
            left => milestones.ReachAsync(left > TimeSpan.Zero ? $"{step.NodeName} soaks: {left.TotalMinutes:0} min left" : $"{step.NodeName} has soaked", ct),
            ct);
        await MustBeBackAsync(step, before, nodes, ct);
    }

    private async Task<NodeLook> LookAsync(IReadOnlyList<Pod> pods, bool areFew, CancellationToken ct)
    {
        var owners = pods.Where(pod => !pod.IsFinished && pod.Metadata.DeletionTimestamp is null)
            .Select(pod => (pod.Metadata.Controller?.Kind, Namespace: pod.Metadata.Namespace!, pod.Metadata.Controller?.Name))
            .Where(owner => owner.Kind is "ReplicaSet" or "StatefulSet")
            .Distinct()
            .Select(owner => (owner.Kind!, owner.Namespace, owner.Name!)).ToList();
        // What was degraded before is not this upgrade's doing, and would be waited for in vain.
        var degraded = await ShortAsync(owners, areFew, ct);
        return new NodeLook(DaemonSetsOf(pods), [.. owners.Where(owner => !degraded.ContainsKey(owner))]);
    }

    private async Task MustBeBackAsync(Step step, NodeLook before, IReadOnlyList<ClusterNode> nodes, CancellationToken ct)
    {
        var back = DaemonSetsOf((await api.ListAsync(Resources.Pods, null, new KubeQuery(Fields: $"spec.nodeName={step.NodeName}"), ct)).Items);
        if (before.DaemonSets.Except(back, StringComparer.Ordinal).ToList() is { Count: > 0 } missing)
        {
            say($"warning: no Ready pod on {step.NodeName} any more of DaemonSet {string.Join(", ", missing)}");
        }

        if (await wait.UntilAsync(workloadsWithin, WorkloadsEvery, token => MissingAsync(before, NodeList.AreFew(nodes), token), ct) is { } still)
        {
            throw new AbortException($"{step.NodeName} is upgraded and in use again, but what was evicted from it is not back after {workloadsWithin.TotalMinutes:0} min: {still}");
        }

        await looks.ForgetAsync(step.NodeName, ct);
    }

    private async Task<string?> MissingAsync(NodeLook before, bool areFew, CancellationToken ct)
    {
        var missing = await ShortAsync(before.Workloads, areFew, ct);
        return missing.Count == 0 ? null : string.Join(", ", missing.Values);
    }

    // Those that lack replicas, with how many. One that is gone, or was scaled down, lacks none.
    private async Task<IReadOnlyDictionary<(string Kind, string Namespace, string Name), string>> ShortAsync(
        IEnumerable<(string Kind, string Namespace, string Name)> owners, bool areFew, CancellationToken ct)
    {
        var found = new Dictionary<(string, string, string), string>();
        foreach (var kind in owners.GroupBy(owner => owner.Kind, StringComparer.Ordinal))
        {
            var wanted = kind.Select(owner => (owner.Namespace, owner.Name)).ToHashSet();
            var there = await ListAsync(kind.Key == "ReplicaSet" ? Resources.ReplicaSets : Resources.StatefulSets, wanted, areFew, ct);
            foreach (var owner in there.Where(owner => wanted.Contains((owner.Metadata.Namespace!, owner.Metadata.Name)) && owner.Status.ReadyReplicas < owner.Spec.Replicas))
            {
                found[(kind.Key, owner.Metadata.Namespace!, owner.Metadata.Name)] =
                    $"{kind.Key} {owner.Metadata.Namespace}/{owner.Metadata.Name} has {owner.Status.ReadyReplicas} of {owner.Spec.Replicas} replicas Ready";
            }
        }

        return found;
    }

    // By one list where all there are make no long one, else by one of each namespace, and of its name where only one is wanted there.
    private async Task<IReadOnlyList<ReplicatedWorkload>> ListAsync(
        ResourceType<ReplicatedWorkload> type, IReadOnlySet<(string Namespace, string Name)> wanted, bool areFew, CancellationToken ct)
    {
        var namespaces = wanted.ToLookup(each => each.Namespace, each => each.Name, StringComparer.Ordinal);
        if (areFew && namespaces.Count > 1)
        {
            return (await api.ListAsync(type, null, KubeQuery.All, ct)).Items;
        }

        var all = new List<ReplicatedWorkload>();
        foreach (var names in namespaces)
        {
            all.AddRange((await api.ListAsync(type, names.Key, names.Count() == 1 ? KubeQuery.Named(names.First()) : KubeQuery.All, ct)).Items);
        }

        return all;
    }

    private static IReadOnlyList<string> DaemonSetsOf(IReadOnlyList<Pod> pods) =>
        [.. pods.Where(pod => pod.IsReady && pod.Metadata.Controller is { Kind: "DaemonSet" })
            .Select(pod => $"{pod.Metadata.Namespace}/{pod.Metadata.Controller!.Name}").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
