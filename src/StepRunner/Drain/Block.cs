using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.StepRunner.Drain;

/// <summary>What stands in the way of a pod's eviction.</summary>
/// <param name="By">The budgets with their numbers, or the server's own words.</param>
/// <param name="Against">Why it is not pushed; null when nothing speaks against that.</param>
/// <param name="Since">It has been refused since then.</param>
/// <param name="HopelessSince">Nothing has spoken against pushing since then, at any look; null when something does.</param>
internal sealed record Block(string By, string? Against, DateTimeOffset Since, DateTimeOffset? HopelessSince)
{
    public static Block After(Block? before, PodAnswer answer, string? against, DateTimeOffset now) => new(
        answer.Budgets.Count > 0 ? answer.Budgets.InWords() : $"the server's \"{answer.Message}\"",
        against,
        before?.Since ?? now,
        against is null ? before?.HopelessSince ?? now : null);

    public bool IsSettled(DateTimeOffset now) => now - HopelessSince >= BudgetRule.SeenFor;

    public string InWords(DateTimeOffset now) =>
        $"has been blocked for {(now - Since).InWords()} by {By}; "
        + (Against is null ? $"deleted past it when that has been so for {BudgetRule.SeenFor.InWords()}" : $"waited for, because {Against}");

    /// <summary>Why a pod was deleted past this.</summary>
    public string WhyPushed(Pod pod) => pod.Metadata.Controller is { } owner
        ? $"{By} would not have let it go, and {owner.Kind} {owner.Name} starts another"
        : $"{By} would not have let it go";
}
