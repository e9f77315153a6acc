using Stepper.Cluster.Versions;
using Stepper.Detection;
using Stepper.StepRunner.Gates;

namespace Stepper.StepRunner;

/// <summary>What a preflight to a target would find now.</summary>
/// <param name="Running">The oldest kubelet.</param>
internal sealed record Plan(KubeVersion Running, KubeVersion Target, UpgradeKind Kind, IReadOnlyList<GateAnswer> Answers)
{
    public IReadOnlyList<Finding> Blockers => [.. Answers.SelectMany(answer => answer.Verdict?.Findings ?? []).Where(finding => finding.Blocks)];

    /// <summary>Held by what only waits, or by the operator's own word; blocked by what somebody must act on.</summary>
    public int ExitCode => Blockers switch
    {
        [] => StepRunner.ExitCode.DoneOrRefused,
        _ when Blockers.Any(blocker => blocker.Class is BlockerClass.ActNow) => StepRunner.ExitCode.Blocked,
        _ => StepRunner.ExitCode.Held,
    };
}
