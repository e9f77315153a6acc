using Stepper.Cluster;
using Stepper.StepRunner.Spawning;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Gates;

/// <summary>
/// No other run is in flight: one chain at a time, whatever the target. A run that has stopped is taken over by a preflight of the same target.
/// </summary>
internal sealed class OneRunGate(RunState state, ChainJobs jobs, Wait wait) : IGate
{
    /// <summary>A run without an active Job is stopped when its last milestone is older than this, or one of its Jobs has failed after it.</summary>
    public static readonly TimeSpan StoppedAfter = TimeSpan.FromMinutes(10);

    public string Condition => "no other run to be in flight";

    public string Show => $"kubectl -n {jobs.Namespace} get jobs -l app={ChainJobs.App}";

    public async Task<Verdict> CheckAsync(GateFacts facts, CancellationToken ct) =>
        (await state.ReadAsync(ct)).InFlight is { } flight && WhyNot(flight, facts.Step.Run, await jobs.ListAsync(ct), wait.Now) is { } why
            ? Verdict.Of(Finding.RefusesForNow(why, Show, flight.Run.Start))
            : Verdict.Holds;

    /// <summary>Why a run may not be the one in flight; null when it may. Pure.</summary>
    public static string? WhyNot(InFlight? flight, Run run, IReadOnlyList<ChainJob> jobs, DateTimeOffset now) => flight switch
    {
        null => null,
        _ when flight.Run == run => null,
        _ when flight.Run.Target != run.Target => $"the run {flight.Run} is in flight; its target goes first, and {run.Target} after it",
        _ => WhyActive(flight, jobs, now),
    };

    /// <summary>Why a run in flight counts as active; null when it has stopped, or is parked. Pure.</summary>
    public static string? WhyActive(InFlight flight, IReadOnlyList<ChainJob> jobs, DateTimeOffset now)
    {
        if (ActiveJob(flight, jobs) is { } active)
        {
            return $"the run {flight.Run} is in flight, and its Job {active.Name} is active";
        }

        if (flight.ParkedUntil is not null)
        {
            return null;
        }

        var moved = flight.Progress ?? flight.Run.Start;
        return now - moved >= StoppedAfter || jobs.Any(job => HasStopped(job, flight.Run, moved))
            ? null
            : $"the run {flight.Run} is in flight, and moved at {moved:u}; without an active Job it counts as stopped from {moved + StoppedAfter:u} on";
    }

    // Nothing follows a Job that failed, and nobody has gone on by hand since. Its preflight that failed is gone when another one takes its place, and says so.
    private static bool HasStopped(ChainJob job, Run run, DateTimeOffset moved) =>
        (job.Run == run && job.FailedAt >= moved) || (job.TakesOver == run && job.Made >= moved);

    /// <summary>The Job of the run that is at work; null when none is. Pure.</summary>
    public static ChainJob? ActiveJob(InFlight flight, IReadOnlyList<ChainJob> jobs) => jobs.FirstOrDefault(job => job.State is JobState.Active && job.Run == flight.Run);
}
