using Stepper.Cluster.Nodes;
using Stepper.Cluster.NodeShell;
using Stepper.StepRunner.Spawning;

namespace Stepper.StepRunner.State;

/// <summary>What an earlier step of whatever run took and could not give back, since it was killed: given back by whatever runs next, once no node script runs.</summary>
internal sealed class Leftovers(
    NodeList nodes, ChainJobs jobs, INodeShell shell, Cordons cordons, StepMarks marks, Quiesced quiesced, Action<string> say)
{
    // The node script does without it too: it need not have been on the node.
    private const string Optional = "kubectl";

    /// <returns>The nodes as they are after that.</returns>
    public async Task<IReadOnlyList<ClusterNode>> GiveBackAsync(ResolvedStep resolved, CancellationToken ct)
    {
        var live = resolved.Nodes;
        var wasAtWork = await UncordonAsync(resolved, live, ct);
        if ((await quiesced.LeftAsync(ct)).Count > 0)
        {
            wasAtWork = true;
            await UnquiesceAsync(live, ct);
        }

        return wasAtWork ? await nodes.ListAsync(ct) : live;
    }

    /// <summary>What still is not as it was, as the end of a message; empty where nothing is.</summary>
    public async Task<string> TellAsync(CancellationToken ct)
    {
        var held = (await nodes.ListAsync(ct)).Where(cordons.IsChains).Select(node => node.Name).ToList();
        var still = await quiesced.LeftAsync(ct);
        return (held.Count == 0 ? "" : $". Still cordoned by the chain: {string.Join(", ", held)}") + (still.Count == 0 ? "" : $". Still at 0 replicas: {string.Join(", ", still)}");
    }

    private async Task UnquiesceAsync(IReadOnlyList<ClusterNode> live, CancellationToken ct)
    {
        foreach (var node in live.Where(node => node.IsControlPlane))
        {
            if ((await shell.InspectAsync(node.Target, ct)).ScriptRuns)
            {
                say($"the node script still runs on {node.Name}: what is quiesced stays so until it has ended");
                return;
            }
        }

        await quiesced.GiveBackAsync(ct);
    }

    // Not left to the node's own step: what waits for room on it may be what that step, or the next preflight, waits for. A Prometheus that has nowhere to run
    // answers no gate, and the chain would hold itself back for ever.
    private async Task<bool> UncordonAsync(ResolvedStep resolved, IReadOnlyList<ClusterNode> live, CancellationToken ct)
    {
        var held = live.Where(node => cordons.HeldBy(node) is not null && node.IsReady && !IsBroughtToItsEnd(node, resolved.Step)).ToList();
        if (held.Count == 0)
        {
            return false;
        }

        var ofNode = (await jobs.ListAsync(ct)).Where(job => job.Name != resolved.OwnJob?.Name).ToLookup(job => job.NodeLabel, job => job.State, StringComparer.Ordinal);
        foreach (var node in held.Where(node => !IsAtWork(node, [.. ofNode[DnsLabel.Of(node.Name)]], isOwn: node.Name == resolved.Step.Node)))
        {
            if (await IsWholeAsync(node, ct) && await cordons.GiveBackAsync(node.Name, isByItsStep: false, ct))
            {
                say($"{node.Name} uncordoned: a step that was killed had left it so, and its packages are whole");
            }
        }

        return true;
    }

    // Another step than this one. One by hand has no Job that tells whether it lives: those that failed before it do not.
    private bool IsAtWork(ClusterNode node, IReadOnlyList<JobState> ofNode, bool isOwn) =>
        ofNode.Contains(JobState.Active) || (!isOwn && marks.MayBeAtWork(node) && (ofNode.Count == 0 || marks.IsByHand(node)));

    // By its own step, which is this one.
    private static bool IsBroughtToItsEnd(ClusterNode node, Step step) => node.Name == step.Node && node.Kubelet == step.Target;

    // One whose packages were changed, and whose kubelet was not, stays cordoned on purpose.
    private async Task<bool> IsWholeAsync(ClusterNode node, CancellationToken ct)
    {
        try
        {
            var now = await shell.InspectAsync(node.Target, ct);
            return !now.ScriptRuns
                && NodeInspection.KubernetesPackages.All(package => now.Packages.ContainsKey(package) ? now.Release(package, node.Name) == node.Kubelet : package == Optional);
        }
        catch (ShellException e)
        {
            say($"{node.Name} stays cordoned: whether its packages are whole could not be asked ({e.Message})");
            return false;
        }
    }
}
