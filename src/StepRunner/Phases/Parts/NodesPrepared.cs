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
internal sealed class NodesPrepared(INodeShell shell, string repository, Milestones milestones, Wait wait, Action<string> say)
{
    private const int AtOnce = 32;
    private static readonly TimeSpan ScratchIsOldAfter = TimeSpan.FromDays(3);

    // What the shell gives it on each node.
    private static readonly TimeSpan PruneWithin = TimeSpan.FromMinutes(10);

    // All nodes together.
    private static readonly TimeSpan SourceWithin = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan FetchWithin = TimeSpan.FromMinutes(30);

    /// <summary>How long all of it may take.</summary>
    public static TimeSpan AtMost => PruneWithin + SourceWithin + FetchWithin;

    public async Task PrepareAsync(Step step, IReadOnlyList<ClusterNode> nodes, CancellationToken ct)
    {
        await Bounded.SelectAsync([.. nodes.Where(node => node.IsControlPlane)], AtOnce, node => TryAsync("prune kubeadm's old scratch", node, async () =>
        {
            await shell.PruneKubeadmScratchAsync(node.Target, ScratchIsOldAfter, ct);
            return null;
        }, ct));
        if (step.Kind is UpgradeKind.Minor)
        {
            await UseReleaseLineAsync(step.Target.Line, nodes, ct);
            await milestones.ReachAsync($"the package source of every node is that of {step.Target.Line}", ct);
        }

        using var limit = new CancellationTokenSource(FetchWithin, wait.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        var inTime = both.Token;
        var fetched = await Bounded.SelectAsync(nodes, AtOnce, node => TryAsync($"fetch {step.Target} ahead within {FetchWithin.TotalMinutes:0} min", node, async () =>
            await shell.FetchAheadAsync(node.Target, step.Target, inTime) is { ExitCode: not 0 } failed ? AptWords.WhyFailed(failed.Output) ?? failed.LastLine : null, ct));
        await milestones.ReachAsync($"the packages and images of {step.Target} are fetched ahead on {fetched.Count(isFetched => isFetched)} of {nodes.Count} nodes", ct);
    }

    // Tried on all of them before it is said where it failed: who is woken mends all at once.
    private async Task UseReleaseLineAsync(MinorVersion line, IReadOnlyList<ClusterNode> nodes, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(SourceWithin, wait.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        var inTime = both.Token;
        var problems = await Bounded.SelectAsync<ClusterNode, string?>(nodes, AtOnce, async node =>
        {
            try
            {
                await shell.UseReleaseLineAsync(node.Target, line, repository, inTime);
                return null;
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                return $"{node.Name}: not within {SourceWithin.TotalMinutes:0} min";
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

    private async Task<bool> TryAsync(string what, ClusterNode node, Func<Task<string?>> work, CancellationToken ct)
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
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            say($"warning: {node.Name}: could not {what}; its own step does it");
        }

        return false;
    }
}
