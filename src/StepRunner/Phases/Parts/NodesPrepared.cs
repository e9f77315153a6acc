using Stepper.Cluster;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;
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
            await UseReleaseLineAsync(step.Target.Line, nodes, ct);
            await milestones.ReachAsync($"the package source of every node is that of {step.Target.Line}", ct);
        }

        var fetched = await Bounded.SelectAsync(nodes, AtOnce, node => TryAsync($"fetch {step.Target} ahead", node, async () =>
            await shell.FetchAheadAsync(node.Target, step.Target, ct) is { ExitCode: not 0 } failed ? AptWords.WhyFailed(failed.Output) ?? failed.LastLine : null));
        await milestones.ReachAsync($"the packages and images of {step.Target} are fetched ahead on {fetched.Count(isFetched => isFetched)} of {nodes.Count} nodes", ct);
    }

    // Tried on all of them before it is said where it failed: who is woken mends all at once.
    private async Task UseReleaseLineAsync(MinorVersion line, IReadOnlyList<ClusterNode> nodes, CancellationToken ct)
    {
        var problems = await Bounded.SelectAsync<ClusterNode, string?>(nodes, AtOnce, async node =>
        {
            try
            {
                await shell.UseReleaseLineAsync(node.Target, line, repository, ct);
                return null;
            }
            catch (SourceException e)
            {
                return $"{node.Name}: {e.Message}";
            }
        });
        if (problems.OfType<string>().ToList() is { Count: > 0 } failed)
        {
            throw new AbortException(
                $"The package source could not be set to {line} on {failed.Count} of {nodes.Count} nodes: {string.Join("; ", failed)}. No package was changed anywhere, and no node is cordoned");
        }
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
