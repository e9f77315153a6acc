using Stepper.StepRunner.Gates;
using Stepper.StepRunner.Gates.Compatibility;
using Stepper.StepRunner.Phases.Parts;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Spawning;

/// <summary>
/// How long one try of each phase's step may take at most: its own limits added up. What has none of its own here (an API server that is away, a question to a
/// node, the begin of the next step) is in the reserve.
/// </summary>
internal sealed record StepLimits(TimeSpan Preflight, TimeSpan Master, TimeSpan Worker, TimeSpan Postflight)
{
    private static readonly TimeSpan Reserve = TimeSpan.FromMinutes(30);

    /// <summary>Adds up what the settings, and the parts that have a limit of their own, allow.</summary>
    public static StepLimits Of(StepperSettings settings)
    {
        var node = OwnHost.AtMost + settings.Drain.Timeout + NodeScriptRun.WithAllWaits + settings.NodeReadyTimeout;
        return new StepLimits(
            Preflight: CompatibilityGate.AtMost + NodeSurveyGate.AtMost + KubeadmPlanGate.AtMost + KubeadmDiffGate.AtMost + (settings.Snapshot.Timeout * 2) + NodesPrepared.AtMost,
            Master: settings.AlertWait + EtcdHolds.AtMost + node + ControlPlaneStands.AtMost + (Hooks.OneAtMost * settings.AfterControlPlane.Count),
            // Other nodes are waited for, a worker's alerts too; in the soak once more, and then for what was evicted.
            Worker: (settings.AlertWait * 2) + node + settings.Soak + (settings.AlertWait * 2),
            Postflight: settings.AlertWait);
    }

    /// <summary>How long the Job of a step may be active. It does not begin anew with a second try, which has what the first has left.</summary>
    public TimeSpan Of(PhaseName phase) => Reserve + phase switch
    {
        PhaseName.Preflight => Preflight,
        PhaseName.Master => Master,
        PhaseName.Worker => Worker,
        _ => Postflight,
    };
}
