using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.StepRunner.Drain.Forecast;

/// <summary>What an eviction comes to by the numbers of the budgets that the pod is under; a later one is worse.</summary>
internal enum BudgetAnswer
{
    LetsGo,

    /// <summary>Not now, and it will when what is missing is there.</summary>
    NotNow,

    /// <summary>Not even when all of its pods are healthy.</summary>
    Never,

    /// <summary>Two budgets: such a pod is never evicted, whatever they say.</summary>
    Impossible,
}

/// <summary>What budgets say by their numbers, as the eviction API reads them.</summary>
/// <param name="AtOnce">How many of the pods under it may go before it says no.</param>
/// <param name="Why">Follows the budget's name and numbers; empty where it lets all go.</param>
internal sealed record BudgetOutlook(BudgetAnswer Answer, int AtOnce, string Why)
{
    private static readonly BudgetOutlook Free = new(BudgetAnswer.LetsGo, int.MaxValue, "");

    /// <param name="budgets">Those that select the pod.</param>
    public static BudgetOutlook Of(Pod pod, IReadOnlyList<PodDisruptionBudget> budgets) => budgets switch
    {
        [] => Free,
        // It is not counted as healthy, so nothing is lost by it.
        _ when pod.Status.Phase is "Pending" or "Succeeded" or "Failed" => Free,
        { Count: > 1 } => new(BudgetAnswer.Impossible, 0, $"Kubernetes evicts no pod that is under {budgets.Count} budgets: one of them has to go"),
        [var budget, ..] => !pod.IsReady && MayGoUnhealthy(budget) ? Free : ByNumbers(budget),
    };

    private static bool MayGoUnhealthy(PodDisruptionBudget budget) =>
        budget.Spec.UnhealthyPodEvictionPolicy == "AlwaysAllow" || (budget.Status.DesiredHealthy > 0 && budget.Status.CurrentHealthy >= budget.Status.DesiredHealthy);

    private static BudgetOutlook ByNumbers(PodDisruptionBudget budget) => budget.Status switch
    {
        { SyncFailure: { } why } => new(BudgetAnswer.Never, 0, $"its pods can't be counted: {why}"),
        _ when budget.Status.ObservedGeneration < budget.Metadata.Generation => new(BudgetAnswer.NotNow, 0, "it was changed and not counted again yet"),
        { DisruptionsAllowed: > 0 and var some } => new(BudgetAnswer.LetsGo, some, ""),
        { ExpectedPods: 0 } => new(BudgetAnswer.NotNow, 0, "it counts no pods"),
        { ExpectedPods: var pods, DesiredHealthy: var needed } when needed >= pods =>
            new(BudgetAnswer.Never, 0, $"it needs {needed} healthy and there are only {pods} when all of them are"),
        { CurrentHealthy: var healthy, DesiredHealthy: var needed } when healthy <= needed =>
            new(BudgetAnswer.NotNow, 0, $"{needed + 1 - healthy} more of its pods must be healthy first"),
        _ => new(BudgetAnswer.NotNow, 0, "its numbers have yet to follow its pods"),
    };
}

/// <summary>Pods of one drain or of all of them that are under the same budgets and are answered the same.</summary>
/// <param name="Pods">In the order of their names.</param>
internal sealed record BudgetGroup(IReadOnlyList<PodDisruptionBudget> Budgets, BudgetOutlook Outlook, IReadOnlyList<EvictedPod> Pods)
{
    /// <summary>How many of them will be told to wait, or more, when all are asked at once.</summary>
    public int Blocked => Math.Max(0, Pods.Count - Outlook.AtOnce);

    public EvictedPod First => Pods[0];

    /// <summary>The pods under budgets, the worst first.</summary>
    public static IReadOnlyList<BudgetGroup> Of(IEnumerable<EvictedPod> pods) =>
    [
        .. pods.Where(pod => pod.Budgets.Count > 0)
            .Select(pod => (Pod: pod, Outlook: BudgetOutlook.Of(pod.Pod, pod.Budgets)))
            .GroupBy(each => (Names(each.Pod), each.Outlook))
            .Select(group => new BudgetGroup(group.First().Pod.Budgets, group.Key.Outlook, [.. group.Select(each => each.Pod).OrderBy(pod => pod.Name, StringComparer.Ordinal)]))
            .OrderByDescending(group => group.Outlook.Answer).ThenBy(group => group.First.Name, StringComparer.Ordinal),
    ];

    /// <summary>What the drain does about them, which is by its own rule.</summary>
    public string WhatTheDrainDoes(BudgetMode mode) => (BudgetRule.Against(mode, First.Pod, Budgets), Outlook.Answer) switch
    {
        (null, _) => "the drain deletes it past the budget",
        (var against, BudgetAnswer.NotNow) => $"the drain waits for it, because {against}",
        var (against, _) => $"the drain would wait for it in vain, because {against}",
    };

    /// <summary>Whether the drain would wait for these until its time is over.</summary>
    public bool IsInVain(BudgetMode mode) => Outlook.Answer >= BudgetAnswer.Never && BudgetRule.Against(mode, First.Pod, Budgets) is not null;

    private static string Names(EvictedPod pod) => $"{pod.Pod.Metadata.Namespace} {string.Join(' ', pod.Budgets.Select(budget => budget.Metadata.Name))}";
}
