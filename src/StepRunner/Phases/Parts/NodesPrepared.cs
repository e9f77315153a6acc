using Stepper.Cluster;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.NodeShell;
using Stepper.Detection;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>
/// What is done on the nodes ahead of the chain, while they still work: old kubeadm scratch goes, the package source is the target's minor, and its packages and
/// images are fetched. What only saves time later is said when it fails, and does not abort.
/// </summary>
internal sealed class NodesPrepared(INodeShell shell, string repository, Milestones milestones, Action<string> say)
{
    private const int AtOnce = 32;
    private static readonly TimeSpan ScratchIsOldAfter = TimeSpan.FromDays(3);

    public async Task PrepareAsync(Step step, IReadOnlyList<ClusterNode> nodes, CancellationToken ct)
    {
        await Bounded.SelectAsync([.. nodes.Where(node => node.IsControlPlane)], AtOnce, node => TryAsync("prune kubeadm's old scratch", node, async () =>
        {
            await shell.PruneKubeadmScratchAsync(node.Target, ScratchIsOldAfter, ct);
            return null;
        }));
        if (step.Kind is UpgradeKind.Minor)
        {
            await Bounded.SelectAsync(nodes, AtOnce, async node =>
            {
                await shell.UseReleaseLineAsync(node.Target, step.Target.Line, repository, ct);
                return node;
            });
            await milestones.ReachAsync($"the package source of every node is that of {step.Target.Line}", ct);
        }

        var fetched = await Bounded.SelectAsync(nodes, AtOnce, node => TryAsync($"fetch {step.Target} ahead", node, async () =>
            await shell.FetchAheadAsync(node.Target, step.Target, ct) is { ExitCode: not 0 } failed ? failed.LastLine : null));
        await milestones.ReachAsync($"the packages and images of {step.Target} are fetched ahead on {fetched.Count(isFetched => isFetched)} of {nodes.Count} nodes", ct);
    }

    private async Task<bool> TryAsync(string what, ClusterNode node, Func<Task<string?>> work)
    {
        try
        {
            if (await work() is not { } problem)
            {
                return true;
            }

            say($"warning: {node.Name}: could not {what}: {problem}");
        }
        catch (SourceException e)
        {
            say($"warning: {node.Name}: could not {what}: {e.Message}");
        }

        return false;
    }
}
