using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.StepRunner.Drain;
using Stepper.StepRunner.Drain.Forecast;

namespace Stepper.StepRunner.Gates;

/// <summary>
/// The budgets let go what the drains evict: of each kind of pod under one, the API server is asked about one by an eviction of <c>dryRun=All</c>, which evicts
/// nothing and counts nowhere. What its numbers say is said too. A warning.
/// </summary>
internal sealed class DrainForecastGate(KubeApi api, DrainSurvey survey, DrainOptions options) : IGate
{
    private const int AskedAtMost = 100;
    private const int GroupsNamed = 20;
    private const int PodsNamed = 5;

    public string Condition => "the budgets to let the evicted pods go";

    public string Show => "kubectl get poddisruptionbudgets -A";

    public async Task<Verdict> CheckAsync(GateFacts facts, CancellationToken ct)
    {
        try
        {
            return await survey.AskAsync(facts, async (picture, limit) => Verdict.Of(await FindingsAsync(BudgetGroup.Of(DrainSurvey.Drained(facts).SelectMany(picture.On)), limit)), ct);
        }
        catch (SourceException e)
        {
            return Verdict.Of(Finding.Warns($"what the budgets would say to a drain can't be told: {e.Message}", Show));
        }
    }

    private async Task<IReadOnlyList<Finding>> FindingsAsync(IReadOnlyList<BudgetGroup> groups, CancellationToken ct)
    {
        // The worst come first, so where there are too many it is of those that let go by their numbers that some are not asked about.
        List<BudgetGroup> asked = [.. groups.Take(AskedAtMost)];
        var answers = await Bounded.SelectAsync(asked, options.Parallel, group => AskAsync(group, ct));
        List<Finding> findings = [.. asked.Zip(answers, Of).Concat(groups.Skip(AskedAtMost).Select(group => Of(group, null))).OfType<Finding>()];
        return
        [
            .. findings.Take(GroupsNamed),
            .. findings.Count > GroupsNamed ? [Finding.Warns($"and {findings.Count - GroupsNamed} more are not let go", Show)] : Array.Empty<Finding>(),
            .. groups.Count > AskedAtMost ? [Finding.Warns($"the API server was asked about {AskedAtMost} of {groups.Count} kinds of pods under budgets; the others are told by their budgets' numbers", Show)] : Array.Empty<Finding>(),
        ];
    }

    // Null when the pod is gone meanwhile: nothing is known of its like.
    private async Task<EvictionAnswer?> AskAsync(BudgetGroup group, CancellationToken ct)
    {
        try
        {
            var answer = await api.EvictAsync(group.First.Pod, (long)options.GracePeriod.TotalSeconds, dryRun: true, ct);
            return answer.Outcome is EvictionOutcome.Gone ? null : answer;
        }
        catch (KubeRefusedException refused)
        {
            // A webhook that guards its pods, a namespace that is being ended.
            return new EvictionAnswer(EvictionOutcome.Impossible, refused.Message);
        }
    }

    /// <param name="answer">The server's, of one of the pods; null where it was not asked.</param>
    private Finding? Of(BudgetGroup group, EvictionAnswer? answer) => (answer?.Outcome, group.Outlook.Answer) switch
    {
        (EvictionOutcome.Granted, _) or (null, BudgetAnswer.LetsGo) => null,
        (EvictionOutcome.BlockedByBudget, BudgetAnswer.LetsGo) => Warn(group, "would not let it go now, though it may by its numbers", ""),
        (EvictionOutcome.Impossible, not BudgetAnswer.Impossible) => Warn(group, $"the eviction is refused by the server's \"{answer!.Message}\"", ""),
        (_, BudgetAnswer.Impossible) => Warn(group, group.Outlook.Why, ""),
        (_, BudgetAnswer.Never) => Warn(group, $"never lets go, because {group.Outlook.Why}", $"; {group.WhatTheDrainDoes(options.Budgets)}"),
        _ => Warn(group, $"would not let go now, because {group.Outlook.Why}", $"; {group.WhatTheDrainDoes(options.Budgets)}"),
    };

    private static Finding Warn(BudgetGroup group, string what, string then)
    {
        var pods = group.Pods.Take(PodsNamed).Select(pod => $"{pod.Name} on {pod.Pod.Spec.NodeName}");
        var more = group.Pods.Count > PodsNamed ? $" and {group.Pods.Count - PodsNamed} more" : "";
        var show = $"kubectl -n {group.First.Pod.Metadata.Namespace} describe poddisruptionbudget {string.Join(' ', group.Budgets.Select(budget => budget.Metadata.Name))}";
        return Finding.Warns($"{group.Budgets.InWords()}: {what}{then}: {string.Join(", ", pods)}{more}", show, Since(group));
    }

    private static DateTimeOffset? Since(BudgetGroup group) => group.Budgets is [var only]
        ? only.Status.Conditions.FirstOrDefault(condition => condition is { Type: "DisruptionAllowed", Status: "False" })?.LastTransitionTime
        : null;
}
