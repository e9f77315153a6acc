using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>The etcd snapshot before anything is changed, in the way that the operator has chosen.</summary>
internal sealed class EtcdSnapshot(SnapshotSettings settings, SnapshotByJob byJob, SnapshotBySsh bySsh)
{
    /// <summary>What stands in the place of a path where the operator wants none.</summary>
    public const string None = "none";

    /// <summary>One that this run has taken is used again by a retry while it is younger.</summary>
    public static readonly TimeSpan StillGood = TimeSpan.FromHours(1);

    /// <summary>Takes it, and gives back where it lies.</summary>
    /// <exception cref="AbortException">There is no snapshot that can be believed.</exception>
    public async Task<string> TakeAsync(Run run, CancellationToken ct) => settings.Mode switch
    {
        SnapshotMode.None => None,
        SnapshotMode.Ssh => await bySsh.TakeAsync(run, ct),
        _ => await byJob.TakeAsync(run, ct),
    };
}
