using Stepper.Cluster;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.Versions;
using Stepper.Detection;
using Stepper.StepRunner.Gates;
using Stepper.StepRunner.Phases.Parts;
using Stepper.StepRunner.Spawning;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner;

/// <summary>
/// What the detection CronJob does: first the run in flight, if any: left alone, taken up again, or cleared; only then is a new version looked for, and a
/// chain begun by making its preflight Job.
/// </summary>
internal sealed class DetectionRun(
    KillSwitchGate killSwitch, LostPods lostPods, RunState state, ChainJobs jobs, NodeList nodes, NodeCheck check, Quiesced quiesced, Detector detector, Window window,
    ChainStart start, Gauges gauges, Messenger messenger, Wait wait, Action<string> say)
{
    /// <param name="policy">Null: nothing new is looked for, only a run that has parked or stopped is taken up again.</param>
    /// <param name="dryRun">Pushes and says what it would do, and does none of it.</param>
    /// <exception cref="SourceException">Something could not be asked: that is never "no upgrade needed".</exception>
    /// <exception cref="AbortException">The chain could not be begun.</exception>
    public async Task RunAsync(DetectionPolicy? policy, bool dryRun, CancellationToken ct)
    {
        // First, and under the brake too: what holds back a node's reboot is only a copy of the state, and Pushgateway may have forgotten it, or kept it too long.
        await gauges.PushStateAsync((await state.ReadAsync(ct)).InFlight, ct);
        if (await killSwitch.CheckAsync(ct) is { StopsTheChain: true } stop)
        {
            say($"nothing is detected: {stop.Reason}");
            await PushCheckedAsync(policy, ct);
        }
        else if (!await IsFreeAsync(dryRun, ct))
        {
            await PushCheckedAsync(policy, ct);
        }
        else if (policy is null)
        {
            say("there is no run to take up again");
        }
        else
        {
            await LookForNewAsync(policy, dryRun, ct);
        }

        await gauges.FinishAsync(ct);
    }

    // What does not look for a version has not checked for one.
    private Task PushCheckedAsync(DetectionPolicy? policy, CancellationToken ct) => policy is null ? Task.CompletedTask : gauges.PushCheckedAsync(ct);

    // Whether no run is in flight, nor about to be: one that is over by now is dealt with here.
    private async Task<bool> IsFreeAsync(bool dryRun, CancellationToken ct)
    {
        var lost = await lostPods.TakeAwayAsync(dryRun, ct);
        if (lost.IsOneLeft)
        {
            throw new AbortException("A lost pod of the chain had to be left; while it is there nothing is begun");
        }

        var seen = await state.ReadAsync(ct);
        // In a dry run they are still there.
        var there = (await jobs.ListAsync(ct)).Where(job => !lost.Jobs.Contains(job.Uid, StringComparer.Ordinal)).ToList();
        return seen.InFlight is { } flight ? await IsOverAsync(flight, seen, there, dryRun, ct) : NothingBegins(there);
    }

    // A preflight is at work before its run is in flight: that of this detection's own first try, perhaps.
    private bool NothingBegins(IReadOnlyList<ChainJob> there)
    {
        if (there.FirstOrDefault(job => job.State is JobState.Active) is not { } active)
        {
            return true;
        }

        say($"left alone: Job {active.Name} of the run {active.Run} is active");
        return false;
    }

    // A run that is in flight is dealt with here; true when it was cleared and there is none any more.
    private async Task<bool> IsOverAsync(InFlight flight, Flight seen, IReadOnlyList<ChainJob> there, bool dryRun, CancellationToken ct)
    {
        if (OneRunGate.WhyActive(flight, there, wait.Now) is { } active)
        {
            say($"left alone: {active}");
            return false;
        }

        var live = await nodes.ListAsync(ct);
        if (await AllDoneAsync(live, flight.Run.Target, ct))
        {
            say($"all {live.Count} nodes are done at {flight.Run.Target}, and only the record of the run {flight.Run} is left: {(dryRun ? "it would be" : "it is")} cleared");
            return !dryRun && await ClearAsync(flight, seen, live.Count, ct);
        }

        if (window.ShutUntil is { } until)
        {
            await LeaveAsync(flight, until, dryRun, ct);
            return false;
        }

        var how = flight.ParkedUntil is null ? "stopped" : "been parked";
        say($"the run {flight.Run} has {how}; {(dryRun ? "it would be" : "it is")} taken up again");
        if (!dryRun)
        {
            await start.BeginAsync(flight.Run.Target, live, SpawnedBy.Detection, flight.Run, $"taken up again: the run {flight.Run} had {how}", ct);
        }

        return false;
    }

    // In the shut window. Only what the chain has parked itself rests as it should: a run that has stopped stays one, or nobody would be told of its cordoned node.
    private async Task LeaveAsync(InFlight flight, DateTimeOffset until, bool dryRun, CancellationToken ct)
    {
        if (flight.ParkedUntil is not { } before)
        {
            say($"left alone: the run {flight.Run} has stopped, and is taken up again by the first detection in the window: {window.WhyShut(until)}");
            return;
        }

        say($"left alone: the run {flight.Run} is parked: {window.WhyShut(until)}");
        if (!dryRun && before != until)
        {
            await gauges.PushStateAsync(await state.ParkAsync(until, ct), ct);
        }
    }

    // Its postflight never passed, or it would have cleared it: what that gives back and says is given back and said here.
    private async Task<bool> ClearAsync(InFlight flight, Flight seen, int nodeCount, CancellationToken ct)
    {
        await quiesced.GiveBackAsync(ct);
        if (!await state.TryClearAsync(seen, ct) && (await state.ReadAsync(ct)).InFlight is { } now)
        {
            say($"not cleared: the record has changed meanwhile; the run {now.Run} is in flight");
            return false;
        }

        await gauges.PushStateAsync(null, ct);
        await gauges.PushCompatibilityAsync(Readiness.Ready, ct);
        await gauges.PushNodesAsync(done: nodeCount, working: 0, pending: 0, ct);
        await messenger.SendAsync(
            Messenger.Detection,
            $"All {nodeCount} nodes are done at {flight.Run.Target}, but postflight of the run {flight.Run} never passed. The run's record is cleared. What postflight looks at (pods, alerts, smoke tests) is looked at by: stepper --phase postflight",
            ct);
        return true;
    }

    private async Task<bool> AllDoneAsync(IReadOnlyList<ClusterNode> live, KubeVersion target, CancellationToken ct)
    {
        foreach (var node in live)
        {
            if (!await check.IsDoneAsync(node, target, ct))
            {
                return false;
            }
        }

        return true;
    }

    private async Task LookForNewAsync(DetectionPolicy policy, bool dryRun, CancellationToken ct)
    {
        var choice = (await detector.DetectAsync(policy, ct)).Choice;
        await gauges.PushDetectedAsync(choice, ct);
        if (choice.Target is not { } target)
        {
            // What kept an earlier target back keeps back nothing any more, and no preflight will say so.
            await gauges.PushCompatibilityAsync(Readiness.Ready, ct);
            say($"nothing to upgrade to: {choice.Reason}");
            return;
        }

        say($"{choice.Running} runs, {target} is the target: {choice.Reason}");
        if (dryRun)
        {
            say($"dry run: the preflight to {target} would be begun");
            return;
        }

        await start.BeginAsync(target, await nodes.ListAsync(ct), SpawnedBy.Detection, takesOver: null, choice.Reason, ct);
    }
}
