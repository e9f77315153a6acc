namespace Stepper.StepRunner.Gates.Compatibility;

/// <summary>What was found out about one thing that must work with the target.</summary>
/// <param name="What">Such as <c>addon cilium</c>.</param>
/// <param name="Seen">What runs, in a few words.</param>
/// <param name="Findings">What does not hold; empty where all does.</param>
internal sealed record CompatibilityAnswer(string What, string Seen, params IReadOnlyList<Finding> Findings);
