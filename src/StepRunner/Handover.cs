using Stepper.Cluster;
using Stepper.Cluster.Nodes;
using Stepper.StepRunner.Gates;
using Stepper.StepRunner.Phases.Parts;
using Stepper.StepRunner.Spawning;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner;

/// <summary>
/// From a step that is done to the next: reads what is there, lets <see cref="Chain"/> decide, has the Job made; or parks the chain between two nodes, where its
/// window has shut meanwhile.
/// </summary>
internal sealed class Handover(NodeList nodes, NodeCheck check, ChainJobs jobs, Spawner spawner, Window window, RunState state, Gauges gauges, Action<string> say)
{
    private const int AtOnce = 32;

    /// <summary>Whether an earlier try of this step has begun its successor before it was killed: then all of the step's own work is done.</summary>
    public static bool HasBegun(ResolvedStep step) =>
        step.OwnJob is { } own && step.Jobs.Any(job => job.Run == own.Run && job.Made > own.Made);

    /// <param name="end">How the step ended: done.</param>
    /// <param name="wasParked">The run was, when the step began: a person has gone on by hand.</param>
    /// <returns>The same end, or that the chain is parked after it.</returns>
    public async Task<StepEnd> ToNextAsync(ResolvedStep resolved, StepEnd end, bool wasParked, CancellationToken ct)
    {
        var done = resolved.Step;
        if (Chain.EndsWith(done))
        {
            return end;
        }

        var live = await nodes.ListAsync(ct);
        var all = await jobs.ListAsync(ct);
        var chain = await ChainNodesAsync(resolved, live, all, ct);
        if (Chain.Next(done, chain) is not { } next)
        {
            return end;
        }

        // Only before a node is touched: an upgrade of which nothing but its last look is left is not held up.
        if (next.Node is not null && window.ShutUntil is { } until)
        {
            await gauges.PushStateAsync(await state.ParkAsync(until, ct), ct);
            return StepEnd.Parked($"{end.Line}. Parked before {next.Title}: {window.WhyShut(until)}; the first detection after that goes on");
        }

        if (wasParked)
        {
            await gauges.PushStateAsync(await state.ParkAsync(null, ct), ct);
        }

        var doneNames = chain.Where(node => node.IsDone).Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        var working = next.Node is null ? 0 : 1;
        await gauges.PushNodesAsync(doneNames.Count, working, live.Count - doneNames.Count - working, ct);
        say(await spawner.SpawnAsync(next, SpawnedBy.Chain, Chain.BestHost(next, chain), live, doneNames, ct, all));
        return end;
    }

    // Where this run has a step of its own for a node, that step says whether it is done: one that only soaks looks done before it is. What was made before this
    // step led to it, and is done. Only nodes without such a step are asked.
    private async Task<IReadOnlyList<ChainNode>> ChainNodesAsync(ResolvedStep resolved, IReadOnlyList<ClusterNode> live, IReadOnlyList<ChainJob> all, CancellationToken ct)
    {
        var (done, own) = (resolved.Step, resolved.OwnJob);
        var steps = all.Where(job => job.Run == done.Run).ToLookup(job => job.NodeLabel, job => job.IsDone || job.Made < own?.Made, StringComparer.Ordinal);
        return await Bounded.SelectAsync(live, AtOnce, async node => new ChainNode(node.Name, node.IsControlPlane, await IsDoneAsync(node)));

        async Task<bool> IsDoneAsync(ClusterNode node)
        {
            var ofNode = steps[DnsLabel.Of(node.Name)].ToList();
            return node.Name == done.Node || (ofNode.Count > 0 ? ofNode.TrueForAll(isDone => isDone) : await check.IsDoneAsync(node, done.Target, ct));
        }
    }
}
