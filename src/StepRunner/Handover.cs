using Stepper.Cluster;
using Stepper.Cluster.Nodes;
using Stepper.StepRunner.Phases.Parts;
using Stepper.StepRunner.Spawning;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner;

/// <summary>From a step that is done to the next: reads what is there, lets <see cref="Chain"/> decide, has the Job made.</summary>
internal sealed class Handover(NodeList nodes, NodeCheck check, ChainJobs jobs, Spawner spawner, Gauges gauges)
{
    private const int AtOnce = 32;

    /// <returns>What was begun, as a line for a person; null at the end of the chain.</returns>
    public async Task<string?> ToNextAsync(Step done, CancellationToken ct)
    {
        var live = await nodes.ListAsync(ct);
        var chain = await ChainNodesAsync(done, live, ct);
        if (Chain.Next(done, chain) is not { } next)
        {
            return null;
        }

        var doneNames = chain.Where(node => node.IsDone).Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        var working = next.Node is null ? 0 : 1;
        await gauges.PushNodesAsync(doneNames.Count, working, live.Count - doneNames.Count - working, ct);
        return await spawner.SpawnAsync(next, SpawnedBy.Chain, Chain.BestHost(next, chain), live, doneNames, ct);
    }

    // A node is done when this run's own step on it ended so; only those without such a step are asked, and over the shell only those that look done.
    private async Task<IReadOnlyList<ChainNode>> ChainNodesAsync(Step done, IReadOnlyList<ClusterNode> live, CancellationToken ct)
    {
        var stepped = (await jobs.ListAsync(ct)).Where(job => job.Run == done.Run && job.IsDone).Select(job => job.NodeLabel).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return await Bounded.SelectAsync(live, AtOnce, async node => new ChainNode(
            node.Name, node.IsControlPlane, IsDone: node.Name == done.Node || stepped.Contains(DnsLabel.Of(node.Name)) || await check.IsDoneAsync(node, done.Target, ct)));
    }
}
