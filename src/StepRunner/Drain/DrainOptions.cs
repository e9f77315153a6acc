namespace Stepper.StepRunner.Drain;

/// <summary>How a node is drained.</summary>
/// <param name="Timeout">After this long the drain ends with what is left.</param>
/// <param name="GracePeriod">How long a pod may take to end; its own is taken where that is longer.</param>
/// <param name="Parallel">How many evictions are under way at a time. Pods that are ending already do not count.</param>
internal sealed record DrainOptions(TimeSpan Timeout, TimeSpan GracePeriod, BudgetMode Budgets, int Parallel)
{
    /// <summary>The pod that this program runs in, as <c>namespace/name</c>: a drain that finds it on its node evicts nothing. Null outside of a cluster.</summary>
    public string? OwnPod { get; init; }
}

/// <summary>What is done about a pod whose disruption budget does not let it go.</summary>
internal enum BudgetMode
{
    /// <summary>Deleted past the budget where waiting can never help and nobody is hurt (<see cref="BudgetRule"/>).</summary>
    Unstick,

    /// <summary>Waited for, always.</summary>
    Wait,

    /// <summary>Deleted past the budget once that has stood in the way for a while, whoever is hurt.</summary>
    Force,
}
