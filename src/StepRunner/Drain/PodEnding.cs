using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.StepRunner.Drain;

/// <summary>Asks the API server, once, to end one pod. Remembers nothing.</summary>
/// <param name="grace">How long a pod may take, unless its own is longer.</param>
internal sealed class PodEnding(KubeApi api, TimeSpan grace)
{
    // What a pod has that says nothing about it.
    private const long DefaultGraceSeconds = 30;

    public async Task<PodAnswer> AskAsync(Pod pod, bool pastBudget, CancellationToken ct)
    {
        try
        {
            return pastBudget ? await DeleteAsync(pod, ct) : await EvictAsync(pod, ct);
        }
        catch (KubeRefusedException refused)
        {
            // A namespace that is being ended, a webhook that guards its pods: of this pod alone, and it may pass.
            return new PodAnswer(pod, AnswerKind.Refused, refused.Message, []);
        }
    }

    private async Task<PodAnswer> EvictAsync(Pod pod, CancellationToken ct)
    {
        var answer = await api.EvictAsync(pod, GraceSeconds(pod), dryRun: false, ct);
        switch (answer.Outcome)
        {
            case EvictionOutcome.Granted:
                return new PodAnswer(pod, AnswerKind.Evicted, "", []);
            case EvictionOutcome.Gone:
                return new PodAnswer(pod, AnswerKind.NotThere, "", []);
            case EvictionOutcome.BlockedByBudget:
                return new PodAnswer(pod, AnswerKind.Blocked, answer.Message, await BudgetsAsync(pod, ct));
            default:
                // Two budgets explain it; if there are not two, it is a trouble of the server's own and no budget is to blame.
                var budgets = await BudgetsAsync(pod, ct);
                return new PodAnswer(pod, AnswerKind.Refused, answer.Message, budgets.Count > 1 ? budgets : []);
        }
    }

    private async Task<PodAnswer> DeleteAsync(Pod pod, CancellationToken ct)
    {
        var (meta, seconds) = (pod.Metadata, (int)GraceSeconds(pod));
        var deleted = await api.DeleteAsync(Resources.Pods, meta.Namespace, meta.Name, meta.Uid, seconds, ct);
        return new PodAnswer(pod, deleted ? AnswerKind.Deleted : AnswerKind.NotThere, "", []);
    }

    private async Task<IReadOnlyList<PodDisruptionBudget>> BudgetsAsync(Pod pod, CancellationToken ct)
    {
        var budgets = await api.ListAsync(Resources.DisruptionBudgets, pod.Metadata.Namespace, KubeQuery.All, ct);
        return [.. budgets.Items.Where(budget => budget.Spec.Selector?.Selects(pod.Metadata.Labels) is true)];
    }

    private long GraceSeconds(Pod pod) => Math.Max((long)grace.TotalSeconds, pod.Spec.TerminationGracePeriodSeconds ?? DefaultGraceSeconds);
}

/// <param name="Pod">As it was when it was asked for.</param>
/// <param name="Message">The server's words where it did not do it.</param>
/// <param name="Budgets">Those that stand in the way, as they are after the answer.</param>
internal sealed record PodAnswer(Pod Pod, AnswerKind Kind, string Message, IReadOnlyList<PodDisruptionBudget> Budgets);

internal enum AnswerKind
{
    Evicted,
    Deleted,

    /// <summary>The pod that was meant is not there, or the server is not sure that it is that one.</summary>
    NotThere,

    /// <summary>A budget does not let it go now.</summary>
    Blocked,

    /// <summary>Not by a budget's numbers: under two budgets, a webhook's no, a namespace that is being ended.</summary>
    Refused,
}
