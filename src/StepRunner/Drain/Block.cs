using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.StepRunner.Drain;

/// <summary>What stands in the way of a pod's eviction.</summary>
/// <param name="By"><see cref="PodAnswer.By"/>.</param>
/// <param name="Against"><see cref="PodAnswer.Against"/>.</param>
/// <param name="Since">It has been refused since then.</param>
/// <param name="HopelessSince">At no look since then did anything speak against pushing it; null when something did at the last one.</param>
/// <param name="NotPushed">The server's words when it refused to let it be pushed; null where it has not.</param>
/// <param name="IsRefusal">It is no budget's numbers, which may change in a moment: said at once.</param>
internal sealed record Block(string By, string? Against, DateTimeOffset Since, DateTimeOffset? HopelessSince, string? NotPushed, bool IsRefusal)
{
    // What stands in the way still does where pushing it was refused: asked for again when that has been so as long once more.
    public static Block After(Block? before, PodAnswer answer, DateTimeOffset now) => answer.NotPushed is { } refusal && before is not null
        ? before with { HopelessSince = null, NotPushed = refusal, IsRefusal = true }
        : new(answer.By, answer.Against, before?.Since ?? now, answer.Against is null ? before?.HopelessSince ?? now : null, before?.NotPushed, answer.Kind == AnswerKind.Refused);

    public bool IsSettled(DateTimeOffset now) => now - HopelessSince >= BudgetRule.SeenFor;

    /// <summary>Whether it is to be said at once, after what was so before.</summary>
    public bool IsNews(Block? before) => IsRefusal && before is not { IsRefusal: true } && (NotPushed is null || NotPushed != before?.NotPushed);

    public string InWords(DateTimeOffset now) => $"has been blocked for {(now - Since).InWords()} by {By}; " + (Against, NotPushed) switch
    {
        ({ } against, _) => $"waited for, because {against}",
        (_, { } refusal) => $"it was to be deleted past it, which the server refused: {refusal}",
        _ => $"deleted past it when that has been so for {BudgetRule.SeenFor.InWords()}",
    };

    /// <summary>Why a pod was deleted past this.</summary>
    public string WhyPushed(Pod pod) => pod.Metadata.Controller is { } owner
        ? $"{By} would not have let it go, and {owner.Kind} {owner.Name} starts another"
        : $"{By} would not have let it go";
}
