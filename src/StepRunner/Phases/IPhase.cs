namespace Stepper.StepRunner.Phases;

/// <summary>The work of one phase. What comes after it, and how its end is told, is not its business.</summary>
internal interface IPhase
{
    /// <exception cref="AbortException">It can't go on.</exception>
    Task<StepEnd> RunAsync(Step step, CancellationToken ct);
}
