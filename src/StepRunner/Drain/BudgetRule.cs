using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.StepRunner.Drain;

/// <summary>
/// May a pod be deleted past the budget that blocks its eviction? Only where waiting can never help and nobody is hurt: a budget over that one healthy
/// pod, which a ReplicaSet starts again elsewhere. A budget over several pods blocks because others are not healthy, and then it is right.
/// </summary>
internal static class BudgetRule
{
    /// <summary>It must have been so at each look for this long: a budget's numbers lag behind the pods that they count.</summary>
    public static readonly TimeSpan SeenFor = TimeSpan.FromSeconds(30);

    private static readonly IReadOnlyList<Func<Pod, PodDisruptionBudget, string?>> InOrder =
        [IsCounted, CoversOnePod, NeedsIt, AllowsNothing, IsCurrent, IsAtRest, PodIsReady, PodComesBack];

    /// <summary>What speaks against it, as a phrase after "because"; null when nothing does.</summary>
    /// <param name="pod">As it is now; its eviction was just refused.</param>
    /// <param name="budgets">Those that select it, read after the refusal.</param>
    public static string? Against(BudgetMode mode, Pod pod, IReadOnlyList<PodDisruptionBudget> budgets) => (mode, budgets) switch
    {
        (_, []) => "no budget was found that selects it",
        (BudgetMode.Force, _) => null,
        (_, { Count: > 1 }) => $"Kubernetes evicts no pod that is under {budgets.Count} budgets: one of them has to go",
        (BudgetMode.Wait, _) => "no budget is to be pushed",
        (_, [var only, ..]) => InOrder.Select(rule => rule(pod, only)).FirstOrDefault(no => no is not null),
    };

    private static string? IsCounted(Pod pod, PodDisruptionBudget budget) =>
        budget.Status.SyncFailure is { } failure ? $"Kubernetes can't count what the budget covers: {failure}" : null;

    private static string? CoversOnePod(Pod pod, PodDisruptionBudget budget) => budget.Status.ExpectedPods switch
    {
        1 => null,
        // Pods without such a controller count only where minAvailable is a number; and of two budgets over a pod only one follows what the pod does.
        0 => "the budget counts no pod, though it covers this one: its numbers are old, or of what it covers no controller has a number of replicas",
        var pods when budget.Status.CurrentHealthy < pods => $"the budget covers {pods} pods, and {pods - budget.Status.CurrentHealthy} of them not healthy",
        var pods => $"the budget covers {pods} pods",
    };

    private static string? NeedsIt(Pod pod, PodDisruptionBudget budget) =>
        budget.Status.DesiredHealthy >= 1 ? null : "the budget needs no healthy pod";

    private static string? AllowsNothing(Pod pod, PodDisruptionBudget budget) =>
        budget.Status.DisruptionsAllowed == 0 ? null : "the budget allows an eviction now";

    private static string? IsCurrent(Pod pod, PodDisruptionBudget budget) =>
        budget.Status.ObservedGeneration == budget.Metadata.Generation ? null : "the budget was changed and not counted again yet";

    private static string? IsAtRest(Pod pod, PodDisruptionBudget budget) =>
        budget.Status.DisruptedPods.Count == 0 ? null : $"the eviction of {string.Join(", ", budget.Status.DisruptedPods.Keys)} is still under way";

    private static string? PodIsReady(Pod pod, PodDisruptionBudget budget) => pod.IsReady ? null : "the pod is not Ready";

    private static string? PodComesBack(Pod pod, PodDisruptionBudget budget) => pod.Metadata.Controller switch
    {
        { Kind: "ReplicaSet", ApiVersion: "apps/v1" } => null,
        null => "nothing would start the pod again",
        var owner => $"the pod is of {owner.Kind} {owner.Name}, and only a ReplicaSet is sure to start another elsewhere",
    };
}

internal static class BudgetNumbers
{
    /// <summary>The budgets with their own numbers, for a person.</summary>
    public static string InWords(this IReadOnlyList<PodDisruptionBudget> budgets) => string.Join(" and ", budgets.Select(InWords));

    private static string InWords(PodDisruptionBudget budget) =>
        $"budget {budget.Metadata.Name} (pods {budget.Status.ExpectedPods}, healthy {budget.Status.CurrentHealthy}, "
        + $"needed {budget.Status.DesiredHealthy}, may go {budget.Status.DisruptionsAllowed})";
}
