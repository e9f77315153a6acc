using Stepper.Cluster.Versions;
using Stepper.Detection;
using Stepper.StepRunner.Gates;

namespace Stepper.StepRunner;

/// <summary>What a preflight to a target would find now.</summary>
/// <param name="Running">The oldest kubelet.</param>
internal sealed record Plan(KubeVersion Running, KubeVersion Target, UpgradeKind Kind, IReadOnlyList<GateAnswer> Answers)
{
    public IReadOnlyList<Finding> Blockers => [.. Answers.SelectMany(answer => answer.Verdict?.Findings ?? []).Where(finding => finding.Blocks)];

    /// <summary>By the worst of the gates: held by what only waits, or by the operator's own word; blocked by what somebody must act on.</summary>
    public Readiness Readiness => Answers.Select(answer => answer.Verdict?.Readiness ?? Readiness.Ready).DefaultIfEmpty().Max();

    public int ExitCode => StepRunner.ExitCode.Of(Readiness);
}
