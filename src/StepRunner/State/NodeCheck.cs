using Stepper.Cluster;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;
using Stepper.Cluster.Workloads;

namespace Stepper.StepRunner.State;

/// <summary>What is left to do on a node before it is done. All false: it is done.</summary>
/// <param name="Upgrade">Its kubelet, or its control plane, is not at the target.</param>
/// <param name="Hold">Its packages are not held.</param>
/// <param name="ScriptRuns">A run of the node script is alive on it.</param>
/// <param name="NotReady">Its kubelet is not Ready.</param>
/// <param name="Cordon">It bears a cordon of the chain.</param>
/// <param name="Why">All of that in words; empty when it is done.</param>
internal sealed record NodeLeft(bool Upgrade, bool Hold, bool ScriptRuns, bool NotReady, bool Cordon, string Why)
{
    public bool IsDone => Why.Length == 0;

    /// <summary>Does what comes before the node is touched; where that can't go on, the message says how the node was found and is left.</summary>
    /// <exception cref="AbortException">With what went wrong, and how the node stands.</exception>
    public async Task<T> OrAsFoundAsync<T>(string node, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (e is AbortException or SourceException)
        {
            throw new AbortException(
                $"{e.Message.TrimEnd('.')}. {(Cordon ? $"{node} is as an earlier try left it, and stays cordoned: {Why}" : $"{node} was not touched")}", e);
        }
    }
}

/// <summary>
/// The one test of *done*: the kubelet is at the target and Ready, the packages are held, no run of the node script is alive, no cordon of the chain is on the
/// node, and a control-plane node's static pods run the target's images. The chain, skipping, resuming and postflight all ask this and nothing else.
/// </summary>
internal sealed class NodeCheck(INodeShell shell, Reach reach, NodeList live, ControlPlanePods controlPlane, Cordons cordons)
{
    /// <summary>Whether nothing is left. The shell is asked only where the API leaves it open.</summary>
    public async Task<bool> IsDoneAsync(ClusterNode node, KubeVersion target, CancellationToken ct)
    {
        // Of a node that is not done by itself its pods tell nothing more.
        if (!Left(node, target, [], null).IsDone)
        {
            return false;
        }

        var pods = await PodsOfAsync(node, ct);
        return Left(node, target, pods, null).IsDone && Left(node, target, pods, await shell.InspectAsync(node.Target, ct)).IsDone;
    }

    public async Task<NodeLeft> LeftAsync(ClusterNode node, KubeVersion target, CancellationToken ct) =>
        Left(node, target, await PodsOfAsync(node, ct), await shell.InspectAsync(node.Target, ct));

    /// <summary>A node and what is left of it, for the step that will do it: one that can't be reached just now is waited for.</summary>
    /// <param name="nodes">All nodes, as they were just read.</param>
    public async Task<(ClusterNode Node, NodeLeft Left)> LookAsync(string name, IReadOnlyList<ClusterNode> nodes, KubeVersion target, CancellationToken ct)
    {
        // Both anew each further time: while the node could not be reached, the node script of an earlier try may have come to its end.
        var seen = nodes.FirstOrDefault(node => node.Name == name);
        var (node, inspection) = await reach.AskAsync(name, async () =>
        {
            var node = seen ?? await live.GetAsync(name, ct);
            seen = null;
            return (node, await shell.InspectAsync(node.Target, ct));
        }, ct);
        return (node, Left(node, target, await PodsOfAsync(node, ct), inspection));
    }

    private async Task<IReadOnlyList<ControlPlanePod>> PodsOfAsync(ClusterNode node, CancellationToken ct) =>
        node.IsControlPlane ? [.. (await controlPlane.ListAsync(ct)).Where(pod => pod.Node == node.Name)] : [];

    private NodeLeft Left(ClusterNode node, KubeVersion target, IReadOnlyList<ControlPlanePod> pods, NodeInspection? inspection)
    {
        var old = pods.Where(pod => pod.Release is { } release && release != target).ToList();
        var upgrade = node.Kubelet != target || old.Count > 0;
        var hold = inspection is { IsHeld: false };
        var scriptRuns = inspection is { ScriptRuns: true };
        var cordon = cordons.HeldBy(node) is not null;
        string?[] why =
        [
            node.Kubelet != target ? $"its kubelet is at {node.Kubelet}" : null,
            .. old.Select(pod => $"its {pod.Component} is at {pod.Release}"),
            node.IsReady ? null : "it is not Ready",
            hold ? "its packages are not held" : null,
            scriptRuns ? "the node script runs on it" : null,
            cordons.IsChains(node) ? "it bears the chain's cordon" : cordon ? "a step of the chain that began on it, under somebody's cordon, never came to its end" : null,
        ];
        return new NodeLeft(upgrade, hold, scriptRuns, !node.IsReady, cordon, string.Join(", ", why.OfType<string>()));
    }
}
