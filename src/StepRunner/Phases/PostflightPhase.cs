using System.Globalization;
using Stepper.Cluster;
using Stepper.Cluster.Nodes;
using Stepper.StepRunner.Phases.Parts;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Phases;

/// <summary>Proves that the upgrade is whole, and ends the run: all nodes done, nothing quiesced, workloads and cluster well; then the run's record is cleared.</summary>
internal sealed class PostflightPhase(
    NodeCheck check, Quiesced quiesced, PodReadiness readiness, AlertsHold alerts, SmokeTests smoke, RunState state, RunSummary summary,
    Gauges gauges, Milestones milestones) : IPhase
{
    private const double LeastReady = 0.9;
    private const int AtOnce = 32;

    public async Task<StepEnd> RunAsync(Step step, IReadOnlyList<ClusterNode> nodes, CancellationToken ct)
    {
        await MustBeDoneAsync(step, nodes, ct);
        await MustBeGivenBackAsync(ct);
        await milestones.ReachAsync($"all {nodes.Count} nodes are done", ct);
        var ratio = await MustBeReadyAsync(ct);
        await alerts.NoneMayBeNewAsync(step, ct);
        await smoke.MustPassAsync(ct);
        await milestones.ReachAsync("smoke tests passed", ct);
        var seen = await state.ReadAsync(ct);
        var text = await summary.OfAsync(step, nodes, ratio, seen.InFlight?.NotReadyBefore, ct);
        milestones.NoteOn(null, byJob: true);
        await ClearAsync(step, seen, ct);
        await gauges.PushStateAsync(null, ct);
        await gauges.PushNodesAsync(done: nodes.Count, working: 0, pending: 0, ct);
        await gauges.PushSuccessAsync(ct);
        return StepEnd.Done(text);
    }

    // Only this run's own record: another run may have begun since this one was claimed.
    private async Task ClearAsync(Step step, Flight seen, CancellationToken ct)
    {
        for (; seen.InFlight is { } flight; seen = await state.ReadAsync(ct))
        {
            if (flight.Run != step.Run)
            {
                throw new AbortException($"All is well, but the run {flight.Run} is in flight by now and this step is of {step.Run}; nothing was cleared");
            }

            if (await state.TryClearAsync(seen, ct))
            {
                return;
            }
        }
    }

    private async Task MustBeDoneAsync(Step step, IReadOnlyList<ClusterNode> all, CancellationToken ct)
    {
        var left = await Bounded.SelectAsync(all, AtOnce, async node => (node.Name, Left: await check.LeftAsync(node, step.Target, ct)));
        var undone = left.Where(node => !node.Left.IsDone).Select(node => $"{node.Name}: {node.Left.Why}").ToList();
        if (undone.Count > 0)
        {
            throw new AbortException($"{undone.Count} of {all.Count} nodes are not done: {string.Join("; ", undone)}");
        }
    }

    private async Task MustBeGivenBackAsync(CancellationToken ct)
    {
        if (await quiesced.LeftAsync(ct) is { Count: > 0 } left)
        {
            throw new AbortException($"Still quiesced: Deployment {string.Join(", ", left)}");
        }
    }

    private async Task<string> MustBeReadyAsync(CancellationToken ct)
    {
        var (ratio, words) = await readiness.RatioAsync(ct);
        await milestones.ReachAsync(words, ct);
        return ratio >= LeastReady
            ? words
            : throw new AbortException($"Too few pods are ready: {words}, and {LeastReady.ToString(CultureInfo.InvariantCulture)} is needed");
    }
}
