using Stepper.Cluster;
using Stepper.Cluster.Monitoring;
using Stepper.Detection;
using Stepper.StepRunner.Gates;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>
/// The gauges of a chain: only a copy of what the API says, pushed again by each step. A push that fails is said, tried again, and never fails a step.
/// </summary>
internal sealed class Gauges(PushBoard board, Wait wait)
{
    /// <summary>What the namespace says of the run in flight; all zero when there is none.</summary>
    public Task PushStateAsync(InFlight? flight, CancellationToken ct)
    {
        MetricValue[] state =
        [
            Metrics.InFlight.Is(flight is not null),
            Metrics.Started.Is(flight?.Run.Start.ToUnixTimeSeconds() ?? 0),
            Metrics.SnapshotTaken.Is(flight?.SnapshotPath is not null),
            Metrics.Parked.Is(flight?.ParkedUntil is not null),
        ];
        // Where Pushgateway has forgotten it, nothing would tell a run that has stopped from one that moves.
        return PushAsync(PushGroup.Upgrade, ct, flight?.Progress is { } progress ? [.. state, Metrics.LastProgress.Is(progress)] : state);
    }

    public Task PushProgressAsync(CancellationToken ct) => PushAsync(PushGroup.Upgrade, ct, Metrics.LastProgress.Is(wait.Now));

    /// <summary>How many nodes are in which state: always the whole set of states, so that none keeps an old number.</summary>
    public Task PushNodesAsync(int done, int working, int pending, CancellationToken ct) => PushAsync(
        PushGroup.Upgrade,
        ct,
        Metrics.Nodes.Is(done, ("state", "done")),
        Metrics.Nodes.Is(working, ("state", "working")),
        Metrics.Nodes.Is(pending, ("state", "pending")));

    /// <summary>What the compatibility gate came to, whatever else blocks: held wins over blocked, so that nobody is called to act in vain.</summary>
    public Task PushCompatibilityAsync(Readiness readiness, CancellationToken ct) =>
        PushAsync(PushGroup.Upgrade, ct, Metrics.Blocked.Is(readiness is Readiness.Blocked), Metrics.Held.Is(readiness is Readiness.Held));

    /// <summary>A run has ended well: nothing is blocked or held any more.</summary>
    public Task PushSuccessAsync(CancellationToken ct) =>
        PushAsync(PushGroup.Upgrade, ct, Metrics.Blocked.Is(false), Metrics.Held.Is(false), Metrics.LastSuccess.Is(wait.Now));

    /// <summary>What detection found; replaces the whole group, so that an old target's series goes.</summary>
    public Task PushDetectedAsync(TargetChoice choice, CancellationToken ct) => board.PutAsync(
        PushGroup.VersionCheck,
        [
            choice is { Target: { } target, Kind: { } kind }
                ? Metrics.Available.Is(1, ("kind", kind.Text()), ("running", choice.Running.ToString()), ("target", target.ToString()))
                : Metrics.Available.Is(0, ("kind", "none"), ("running", choice.Running.ToString()), ("target", choice.Running.ToString())),
            Metrics.LastCheck.Is(wait.Now),
        ],
        ct);

    /// <summary>Detection came to an answer that is not about versions: a run in flight, the kill switch.</summary>
    public Task PushCheckedAsync(CancellationToken ct) => PushAsync(PushGroup.VersionCheck, ct, Metrics.LastCheck.Is(wait.Now));

    /// <summary>How long a step took, in a group of its own.</summary>
    public Task PushDurationAsync(Step step, TimeSpan duration, CancellationToken ct) =>
        PushAsync(PushGroup.Phase(step.Phase.Text(), step.Node ?? ""), ct, Metrics.PhaseDuration.Is(Math.Round(duration.TotalSeconds, 3)));

    /// <summary>Takes the durations of the run before away.</summary>
    public Task DeleteDurationsAsync(IEnumerable<string> workers, IEnumerable<string> controlPlane, CancellationToken ct) => board.DeleteAsync(
        [
            PushGroup.Phase(PhaseName.Preflight.Text(), ""),
            .. controlPlane.Select(node => PushGroup.Phase(PhaseName.Master.Text(), node)),
            .. workers.Select(node => PushGroup.Phase(PhaseName.Worker.Text(), node)),
            PushGroup.Phase(PhaseName.Postflight.Text(), ""),
        ],
        ct);

    /// <summary>At the end of the process: what could not be pushed is tried once more.</summary>
    public Task FinishAsync(CancellationToken ct) => board.FinishAsync(ct);

    private Task PushAsync(PushGroup group, CancellationToken ct, params MetricValue[] values) => board.PostAsync(group, values, ct);
}
