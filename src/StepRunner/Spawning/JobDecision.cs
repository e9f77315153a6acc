namespace Stepper.StepRunner.Spawning;

/// <summary>Who wants the Job: that decides whether one that failed or refused is made again.</summary>
internal enum SpawnedBy
{
    Chain,
    Detection,

    /// <summary><c>start</c> and <c>retry</c>.</summary>
    Operator,
}

internal enum JobAction
{
    Make,
    WaitUntilGone,
    DeleteFirst,
    LeaveAlone,
    Abort,
}

/// <param name="Why">A line for a person; empty where there is nothing to say.</param>
internal sealed record JobDecision(JobAction Action, string Why)
{
    /// <summary>What a Job that has the step's name already means (SPEC section 2). Pure.</summary>
    public static JobDecision About(ChainJob? found, Step step, SpawnedBy by) => found switch
    {
        null => new(JobAction.Make, ""),
        { State: JobState.BeingDeleted } => new(JobAction.WaitUntilGone, $"Job {found.Name} is being deleted"),
        _ when !IsFor(found, step) => new(JobAction.Abort,
            $"Job {found.Name} is there, but for {found.Phase?.Text() ?? "no phase"} {found.NodeLabel} to {found.TargetLabel}; look at it and delete it: kubectl delete job {found.Name}"),
        { State: JobState.Active } when found.Run != step.Run => new(JobAction.Abort,
            $"Job {found.Name} of another run ({found.Run}) is still active; wait for it, or delete it: kubectl delete job {found.Name}"),
        { State: JobState.Active } => new(JobAction.LeaveAlone, $"Job {found.Name} of this run is there already"),
        _ when found.Run != step.Run => new(JobAction.DeleteFirst, $"Job {found.Name} is of another run ({found.Run}), and over"),
        { State: JobState.Failed } => by is SpawnedBy.Chain
            ? new(JobAction.LeaveAlone, $"Job {found.Name} of this run has failed ({found.FailureMessage}) and is left for a person")
            : new(JobAction.DeleteFirst, $"Job {found.Name} failed and is made again"),
        { Outcome: EndKind.Refused or EndKind.Parked } when by is not SpawnedBy.Chain => new(JobAction.DeleteFirst, $"Job {found.Name} had {found.Outcome!.Value.ToString().ToLowerInvariant()} and is made again"),
        _ => new(JobAction.LeaveAlone, $"Job {found.Name} of this run is done already"),
    };

    private static bool IsFor(ChainJob found, Step step) =>
        found.Phase == step.Phase && found.TargetLabel == step.Target.Dashed && found.NodeLabel == (step.Node is null ? null : DnsLabel.Of(step.Node));
}
