using Stepper.Cluster.Nodes;

namespace Stepper.StepRunner.Phases;

/// <summary>The work of one phase. What comes after it, and how its end is told, is not its business.</summary>
internal interface IPhase
{
    /// <param name="nodes">All nodes, as they were when the step began.</param>
    /// <exception cref="AbortException">It can't go on.</exception>
    Task<StepEnd> RunAsync(Step step, IReadOnlyList<ClusterNode> nodes, CancellationToken ct);
}
