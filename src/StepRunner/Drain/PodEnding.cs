using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.StepRunner.Drain;

/// <summary>Asks the API server, once, to end one pod. Remembers nothing.</summary>
internal sealed class PodEnding(KubeApi api, Wait wait, DrainOptions options)
{
    // What a pod has that says nothing about it.
    private const long DefaultGraceSeconds = 30;

    // A client that rides out an outage would delete by what was seen before it.
    private static readonly TimeSpan PushedWithin = TimeSpan.FromSeconds(10);

    public async Task<PodAnswer> AskAsync(Pod pod, bool pastBudget, CancellationToken ct)
    {
        try
        {
            return pastBudget ? await PushAsync(pod, ct) : await EvictAsync(pod, ct);
        }
        catch (KubeRefusedException refused)
        {
            // A namespace that is being ended, a webhook that guards its pods: of this pod alone, and it may pass.
            return pastBudget ? new PodAnswer(pod, AnswerKind.Refused) { NotPushed = refused.Message } : Refused(pod, refused.Message, []);
        }
    }

    private async Task<PodAnswer> EvictAsync(Pod pod, CancellationToken ct)
    {
        var answer = await api.EvictAsync(pod, GraceSeconds(pod), dryRun: false, ct);
        return answer.Outcome switch
        {
            EvictionOutcome.Granted => new PodAnswer(pod, AnswerKind.Evicted),
            EvictionOutcome.Gone => new PodAnswer(pod, AnswerKind.NotThere),
            EvictionOutcome.BlockedByBudget => Blocked(pod, await BudgetsAsync(pod, ct)),
            _ => Refused(pod, answer.Message, await BudgetsAsync(pod, ct)),
        };
    }

    // Looked at once more, and fresh: what the watch has told may be old, and this can't be taken back.
    private async Task<PodAnswer> PushAsync(Pod pod, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(PushedWithin, wait.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            var now = await api.FindAsync(Resources.Pods, pod.Metadata.Namespace, pod.Metadata.Name, both.Token);
            if (now is null || now.Metadata.Uid != pod.Metadata.Uid)
            {
                return new PodAnswer(pod, AnswerKind.NotThere);
            }

            var blocked = Blocked(now, await BudgetsAsync(now, both.Token));
            return blocked.Against is null ? await DeleteAsync(blocked, both.Token) : blocked;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            return new PodAnswer(pod, AnswerKind.Unanswered);
        }
    }

    private async Task<PodAnswer> DeleteAsync(PodAnswer blocked, CancellationToken ct)
    {
        var meta = blocked.Pod.Metadata;
        var deleted = await api.DeleteAsync(Resources.Pods, meta.Namespace, meta.Name, meta.Uid, (int)GraceSeconds(blocked.Pod), ct);
        return blocked with { Kind = deleted ? AnswerKind.Deleted : AnswerKind.NotThere };
    }

    private PodAnswer Blocked(Pod pod, IReadOnlyList<PodDisruptionBudget> budgets) => new(
        pod, AnswerKind.Blocked, budgets.Count > 0 ? budgets.InWords() : "a budget that is gone", BudgetRule.Against(options.Budgets, pod, budgets));

    // Two budgets explain it; if there are not two, it is a trouble of another kind and no budget is to blame.
    private PodAnswer Refused(Pod pod, string message, IReadOnlyList<PodDisruptionBudget> budgets) => budgets.Count > 1
        ? Blocked(pod, budgets) with { Kind = AnswerKind.Refused }
        : new PodAnswer(pod, AnswerKind.Refused, $"the server's \"{message}\"", "no budget is in its way that could be pushed");

    private async Task<IReadOnlyList<PodDisruptionBudget>> BudgetsAsync(Pod pod, CancellationToken ct)
    {
        var budgets = await api.ListAsync(Resources.DisruptionBudgets, pod.Metadata.Namespace, KubeQuery.All, ct);
        return [.. budgets.Items.Where(budget => budget.Spec.Selector?.Selects(pod.Metadata.Labels) is true)];
    }

    private long GraceSeconds(Pod pod) => Math.Max((long)options.GracePeriod.TotalSeconds, pod.Spec.TerminationGracePeriodSeconds ?? DefaultGraceSeconds);
}

/// <param name="By">What stands in its way: budgets with their numbers, or the server's words. Empty where nothing does.</param>
/// <param name="Against">Why that is not pushed; null where nothing speaks against it.</param>
internal sealed record PodAnswer(Pod Pod, AnswerKind Kind, string By = "", string? Against = null)
{
    /// <summary>The server's words where it was to be deleted past what stands in its way, and that was refused; null otherwise.</summary>
    public string? NotPushed { get; init; }
}

internal enum AnswerKind
{
    Evicted,

    /// <summary>Past its budget.</summary>
    Deleted,

    /// <summary>It was to be deleted past its budget, and whether it is nobody said.</summary>
    Unanswered,

    /// <summary>The pod that was meant is not there, or the server is not sure that it is that one.</summary>
    NotThere,

    /// <summary>A budget does not let it go now.</summary>
    Blocked,

    /// <summary>Not by a budget's numbers: under two budgets, a webhook's no, a namespace that is being ended.</summary>
    Refused,
}
