using Stepper.Cluster;
using Stepper.Cluster.Messages;
using Stepper.StepRunner.Gates;
using Stepper.StepRunner.Phases;
using Stepper.StepRunner.Phases.Parts;
using Stepper.StepRunner.Recovery;
using Stepper.StepRunner.Spawning;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner;

/// <summary>
/// Runs one step from its claim to its successor, and turns how it ended into one message, one annotation and one exit code. The only place that catches an abort.
/// </summary>
internal sealed class StepHost(
    IPhase phase, RunState state, ChainJobs jobs, KillSwitchGate killSwitch, Leftovers leftovers, Handover handover, Gauges gauges, Milestones milestones, Messenger messenger,
    News news, StandingReader standing, RecoveryCard card, string ns, Wait wait, Action<string> say)
{
    // Enough to give back what was taken, and to say so.
    private static readonly TimeSpan BeforeDeadline = TimeSpan.FromMinutes(5);

    // More than any Job is active, and less than a timer can't count.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    public async Task<int> RunAsync(ResolvedStep resolved, CancellationToken ct)
    {
        var (step, began) = (resolved.Step, wait.Now);
        try
        {
            var end = await WorkInTimeAsync(resolved, ct);
            await TellAsync(step, end, ct);
            await gauges.PushDurationAsync(step, wait.Now - began, ct);
            await gauges.FinishAsync(ct);
            if (resolved.OwnJob is { } job && !await jobs.TrySetOutcomeAsync(job, end.Kind, ct))
            {
                say($"Job {job.Name} is not there any more, so its outcome is written nowhere");
            }

            return ExitCode.DoneOrRefused;
        }
        catch (Exception e) when (e is AbortException or SourceException or UsageException)
        {
            say($"aborted: {e.Message}");
            // What is set up wrongly fails the Job at once.
            var triesAgain = e is not UsageException && TriesAgain(resolved);
            await messenger.SendAsync(step, $"ABORT: {AbortException.Sentence(e.Message)}\n{card.Of(await standing.ReadAsync(step, triesAgain, ct))}", ct);
            await gauges.FinishAsync(ct);
            if (e is UsageException)
            {
                throw;
            }

            return ExitCode.Aborted;
        }
    }

    // A refusal comes again at each detection until what it waits for is so: only its reason is news.
    private Task TellAsync(Step step, StepEnd end, CancellationToken ct) => end.Kind is EndKind.Refused
        ? news.TellRefusalAsync(step, end.Line, ct)
        : messenger.SendAsync(step, end.Line, ct);

    // A Job that reaches its deadline ends its pod without a word: the step ends itself before that, and says what it leaves.
    private async Task<StepEnd> WorkInTimeAsync(ResolvedStep resolved, CancellationToken ct)
    {
        if (TimeLeft(resolved) is not { } left)
        {
            return await WorkAsync(resolved, ct);
        }

        using var limit = new CancellationTokenSource(left < Longest ? left : Longest, wait.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            return await WorkAsync(resolved, both.Token);
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new AbortException(
                $"The step did not come to its end, and its Job's deadline is at {resolved.OwnJob!.Deadline:u}. It had come to: {milestones.Last}{(e is StoppedException stopped ? $". {stopped.Message}" : "")}", e);
        }
    }

    // Null where its Job has no deadline, or it has no Job.
    private TimeSpan? TimeLeft(ResolvedStep resolved) =>
        resolved.OwnJob?.Deadline - BeforeDeadline - wait.Now is { } left ? left > TimeSpan.Zero ? left : TimeSpan.Zero : null;

    private async Task<StepEnd> WorkAsync(ResolvedStep resolved, CancellationToken ct)
    {
        var step = resolved.Step;
        say($"{step.Title}: target {step.Target}, run {step.Run}");
        var flight = (await state.ReadAsync(ct)).InFlight;
        milestones.NoteOn(flight, byJob: resolved.OwnJob is not null);
        milestones.BeginAbout([.. Subjects(resolved)]);
        await gauges.PushStateAsync(flight, ct);
        if (await Claim.CheckAsync(step, resolved.OwnJob is null, flight, () => jobs.ListAsync(ct)) is { } nothingLeft)
        {
            return nothingLeft;
        }

        // Doing the work again would be in the way of the successor, which is at work by now.
        var end = Handover.HasBegun(resolved)
            ? StepEnd.Done("this step's work was done by an earlier try, and the chain has gone on")
            : await DoAsync(resolved, ct);
        return end.Kind is EndKind.Done && resolved.Spawns ? await handover.ToNextAsync(resolved, end, wasParked: flight?.ParkedUntil is not null, ct) : end;
    }

    private async Task<StepEnd> DoAsync(ResolvedStep resolved, CancellationToken ct)
    {
        // First what was taken: a brake must not keep from anybody what is his.
        var nodes = await leftovers.GiveBackAsync(resolved, ct);
        if (await killSwitch.CheckAsync(ct) is { StopsTheChain: true } stop)
        {
            return StepEnd.Refused($"not begun. decided by you: {stop.Reason}{await leftovers.TellAsync(ct)}");
        }

        return await phase.RunAsync(resolved.Step, nodes, ct);
    }

    private IEnumerable<EventSubject> Subjects(ResolvedStep resolved)
    {
        if (resolved.OwnJob is { } job)
        {
            yield return EventSubject.Job(ns, job.Name, job.Uid);
        }

        if (resolved.Step.Node is { } node)
        {
            yield return EventSubject.Node(node);
        }
    }

    private bool TriesAgain(ResolvedStep resolved) => resolved.OwnJob is { FailedPods: 0 } && TimeLeft(resolved) != TimeSpan.Zero;
}
