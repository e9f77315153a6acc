using Stepper.Cluster.Kubernetes.Objects;
using Stepper.StepRunner.Drain;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>What a phase writes on a node in the same writes as its cordon and its uncordon.</summary>
/// <param name="BeforeCordon">Gets the pods that are on the node.</param>
/// <param name="BeforeUncordon">Looks at what the drain did while its pods can't come back yet.</param>
internal sealed record NodeNotes(Func<IReadOnlyList<Pod>, Task<IReadOnlyList<Note>>> BeforeCordon, Func<DrainReport, Task<IReadOnlyList<Note>>> BeforeUncordon);
