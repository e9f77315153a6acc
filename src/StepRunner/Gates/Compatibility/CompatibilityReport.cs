using Stepper.Cluster.Versions;
using Stepper.Detection;

namespace Stepper.StepRunner.Gates.Compatibility;

/// <summary>What the compatibility gate says of a target now.</summary>
/// <param name="Running">The oldest kubelet.</param>
/// <param name="Matrix">Which file it was told by, for a person.</param>
internal sealed record CompatibilityReport(KubeVersion Running, KubeVersion Target, UpgradeKind Kind, string Matrix, IReadOnlyList<CompatibilityAnswer> Answers)
{
    public IEnumerable<Finding> Findings => Answers.SelectMany(answer => answer.Findings);

    public Readiness Readiness => Verdict.Of(Findings).Readiness;
}
