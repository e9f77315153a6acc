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
        // Two detections, or one beside a start by hand: the other one was faster, and the chain that was wanted goes already.
        { State: JobState.Active } when found.Run != step.Run && by is not SpawnedBy.Chain && IsFor(found, step) =>
            new(JobAction.LeaveAlone, $"Job {found.Name} is active already, of the run {RunOf(found)}"),
        { State: JobState.Active } when found.Run != step.Run => new(JobAction.Abort,
            $"Job {found.Name} of another run ({RunOf(found)}) is still active; wait for it, or delete it: kubectl delete job {found.Name}"),
        _ when found.Run != step.Run => new(JobAction.DeleteFirst, $"Job {found.Name} is of another run ({RunOf(found)}), and over"),
        _ when !IsFor(found, step) => new(JobAction.Abort,
            $"Job {found.Name} is there, but for {For(found.Phase?.Text(), found.NodeLabel, found.TargetLabel)}; look at it and delete it: kubectl delete job {found.Name}"),
        { State: JobState.Active } => new(JobAction.LeaveAlone, $"Job {found.Name} of this run is there already"),
        { State: JobState.Failed } => by is SpawnedBy.Chain
            ? new(JobAction.LeaveAlone, $"Job {found.Name} of this run has failed ({found.FailureMessage}) and is left for a person")
            : new(JobAction.DeleteFirst, $"Job {found.Name} failed and is made again"),
        { Outcome: (EndKind.Refused or EndKind.Parked) and var outcome } => by is SpawnedBy.Chain
            ? new(JobAction.LeaveAlone, $"Job {found.Name} of this run had {Text(outcome)} and is left for the next detection")
            : new(JobAction.DeleteFirst, $"Job {found.Name} had {Text(outcome)} and is made again"),
        _ => new(JobAction.LeaveAlone, $"Job {found.Name} of this run is done already"),
    };

    private static bool IsFor(ChainJob found, Step step) =>
        found.Phase == step.Phase && found.TargetLabel == step.Target.Dashed && found.NodeLabel == (step.Node is null ? null : DnsLabel.Of(step.Node));

    private static string For(string? phase, string? node, string? target) => $"{phase ?? "no phase"}{(node is null ? "" : $" {node}")} to {target ?? "no version"}";

    private static string RunOf(ChainJob job) => job.Run?.ToString() ?? "none that can be read";

    private static string Text(EndKind outcome) => outcome is EndKind.Refused ? "refused" : "parked";
}
