using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.StepRunner.Drain;

/// <summary>What stands in the way of a pod's eviction.</summary>
/// <param name="By"><see cref="PodAnswer.By"/>.</param>
/// <param name="Against"><see cref="PodAnswer.Against"/>.</param>
/// <param name="Since">It has been refused since then.</param>
/// <param name="HopelessSince">At no look since then did anything speak against pushing it; null when something did at the last one.</param>
/// <param name="IsRefusal">It is no budget's numbers, which may change in a moment: said at once.</param>
internal sealed record Block(string By, string? Against, DateTimeOffset Since, DateTimeOffset? HopelessSince, bool IsRefusal)
{
    public static Block After(Block? before, PodAnswer answer, DateTimeOffset now) =>
        new(answer.By, answer.Against, before?.Since ?? now, answer.Against is null ? before?.HopelessSince ?? now : null, answer.Kind == AnswerKind.Refused);

    public bool IsSettled(DateTimeOffset now) => now - HopelessSince >= BudgetRule.SeenFor;

    public string InWords(DateTimeOffset now) =>
        $"has been blocked for {(now - Since).InWords()} by {By}; "
        + (Against is null ? $"deleted past it when that has been so for {BudgetRule.SeenFor.InWords()}" : $"waited for, because {Against}");

    /// <summary>Why a pod was deleted past this.</summary>
    public string WhyPushed(Pod pod) => pod.Metadata.Controller is { } owner
        ? $"{By} would not have let it go, and {owner.Kind} {owner.Name} starts another"
        : $"{By} would not have let it go";
}
