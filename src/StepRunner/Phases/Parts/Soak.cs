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
    KubeApi api, AlertsHold alerts, StepMarks marks, NodeLooks looks, Milestones milestones, Wait wait, TimeSpan length, TimeSpan workloadsWithin, Action<string> say)
{
    private static readonly TimeSpan WorkloadsEvery = TimeSpan.FromSeconds(30);

    /// <summary>Before the node is touched. A next try gets what the first one saw, which by then is no more to be seen on the node.</summary>
    public async Task<NodeLook> LookAsync(Step step, ClusterNode node, CancellationToken ct)
    {
        if (looks.Of(node, step.Run) is { } kept)
        {
            return kept;
        }

        var look = await LookAsync(node.Name, ct);
        await looks.KeepAsync(node.Name, step.Run, look, ct);
        return look;
    }

    /// <summary>For a step whose first try was killed after the node was done: it soaks again if it can't have soaked to the end, and waits for what is not back.</summary>
    /// <exception cref="AbortException">It did not settle.</exception>
    public async Task GoOnAsync(Step step, ClusterNode node, CancellationToken ct)
    {
        var before = looks.Of(node, step.Run);
        if (marks.EndedWithin(node, length))
        {
            await RunAsync(step, before ?? NodeLook.Nothing, ct);
        }
        else if (before is not null)
        {
            await MustBeBackAsync(step, before, ct);
        }
    }

    /// <exception cref="AbortException">It did not settle.</exception>
    public async Task RunAsync(Step step, NodeLook before, CancellationToken ct)
    {
        await alerts.MustHoldThroughoutAsync(
            step,
            length,
            left => milestones.ReachAsync(left > TimeSpan.Zero ? $"{step.NodeName} soaks: {left.TotalMinutes:0} min left" : $"{step.NodeName} has soaked", ct),
            ct);
        await MustBeBackAsync(step, before, ct);
    }

    private async Task<NodeLook> LookAsync(string node, CancellationToken ct)
    {
        var pods = await PodsAsync(node, ct);
        var whole = new List<(string, string, string)>();
        foreach (var (kind, ns, name) in pods.Where(pod => !pod.IsFinished && pod.Metadata.DeletionTimestamp is null)
            .Select(pod => (pod.Metadata.Controller?.Kind, Namespace: pod.Metadata.Namespace!, pod.Metadata.Controller?.Name))
            .Where(owner => owner.Kind is "ReplicaSet" or "StatefulSet")
            .Distinct()
            .Select(owner => (owner.Kind!, owner.Namespace, owner.Name!)))
        {
            // What was degraded before is not this upgrade's doing, and would be waited for in vain.
            if (await MissingAsync(kind, ns, name, ct) is null)
            {
                whole.Add((kind, ns, name));
            }
        }

        return new NodeLook(DaemonSetsOf(pods), whole);
    }

    private async Task MustBeBackAsync(Step step, NodeLook before, CancellationToken ct)
    {
        var back = DaemonSetsOf(await PodsAsync(step.NodeName, ct));
        if (before.DaemonSets.Except(back, StringComparer.Ordinal).ToList() is { Count: > 0 } missing)
        {
            say($"warning: no Ready pod on {step.NodeName} any more of DaemonSet {string.Join(", ", missing)}");
        }

        if (await wait.UntilAsync(workloadsWithin, WorkloadsEvery, token => MissingAsync(before, token), ct) is { } still)
        {
            throw new AbortException($"{step.NodeName} is upgraded and in use again, but what was evicted from it is not back after {workloadsWithin.TotalMinutes:0} min: {still}");
        }

        await looks.ForgetAsync(step.NodeName, ct);
    }

    private async Task<string?> MissingAsync(NodeLook before, CancellationToken ct)
    {
        var missing = new List<string>();
        foreach (var (kind, ns, name) in before.Workloads)
        {
            if (await MissingAsync(kind, ns, name, ct) is { } what)
            {
                missing.Add(what);
            }
        }

        return missing.Count == 0 ? null : string.Join(", ", missing);
    }

    // One that is gone, or was scaled down, misses nothing.
    private async Task<string?> MissingAsync(string kind, string ns, string name, CancellationToken ct) =>
        await api.FindAsync(kind == "ReplicaSet" ? Resources.ReplicaSets : Resources.StatefulSets, ns, name, ct) is { } owner && owner.Status.ReadyReplicas < owner.Spec.Replicas
            ? $"{kind} {ns}/{name} has {owner.Status.ReadyReplicas} of {owner.Spec.Replicas} replicas Ready"
            : null;

    private async Task<IReadOnlyList<Pod>> PodsAsync(string node, CancellationToken ct) =>
        (await api.ListAsync(Resources.Pods, null, new KubeQuery(Fields: $"spec.nodeName={node}"), ct)).Items;

    private static IReadOnlyList<string> DaemonSetsOf(IReadOnlyList<Pod> pods) =>
        [.. pods.Where(pod => pod.IsReady && pod.Metadata.Controller is { Kind: "DaemonSet" })
            .Select(pod => $"{pod.Metadata.Namespace}/{pod.Metadata.Controller!.Name}").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
