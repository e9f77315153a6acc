using Stepper.Cluster.Nodes;
using Stepper.Cluster.NodeShell;
using Stepper.StepRunner.Spawning;

namespace Stepper.StepRunner.State;

/// <summary>What an earlier step of whatever run took and could not give back, since it was killed: given back by whatever runs next, once no node script runs.</summary>
internal sealed class Leftovers(NodeList nodes, ChainJobs jobs, INodeShell shell, Cordons cordons, Quiesced quiesced, Action<string> say)
{
    public async Task GiveBackAsync(ResolvedStep resolved, CancellationToken ct)
    {
        var live = await nodes.ListAsync(ct);
        await UncordonAsync(resolved, live, ct);
        if ((await quiesced.LeftAsync(ct)).Count == 0)
        {
            return;
        }

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
    private async Task UncordonAsync(ResolvedStep resolved, IReadOnlyList<ClusterNode> live, CancellationToken ct)
    {
        var held = live.Where(node => cordons.IsChains(node) && node.IsReady && !IsBroughtToItsEnd(node, resolved.Step)).ToList();
        if (held.Count == 0)
        {
            return;
        }

        var atWork = (await jobs.ListAsync(ct)).Where(job => job.State is JobState.Active && job.Name != resolved.OwnJob?.Name)
            .Select(job => job.NodeLabel).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var node in held.Where(node => !atWork.Contains(DnsLabel.Of(node.Name))))
        {
            if (await IsWholeAsync(node, ct) && await cordons.GiveBackAsync(node.Name, ct))
            {
                say($"{node.Name} uncordoned: a step that was killed had left it so, and its packages are whole");
            }
        }
    }

    // By its own step, which is this one.
    private static bool IsBroughtToItsEnd(ClusterNode node, Step step) => node.Name == step.Node && node.Kubelet == step.Target;

    // One whose packages were changed, and whose kubelet was not, stays cordoned on purpose.
    private async Task<bool> IsWholeAsync(ClusterNode node, CancellationToken ct)
    {
        try
        {
            var now = await shell.InspectAsync(node.Target, ct);
            return !now.ScriptRuns
                && NodeInspection.KubernetesPackages.All(package => now.Packages.ContainsKey(package) && now.Release(package, node.Name) == node.Kubelet);
        }
        catch (ShellException e)
        {
            say($"{node.Name} stays cordoned: whether its packages are whole could not be asked ({e.Message})");
            return false;
        }
    }
}
