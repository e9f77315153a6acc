using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;

namespace Stepper.StepRunner.Gates;

/// <summary>
/// Every API call that the chain will make is allowed: asked one by one (<c>SelfSubjectAccessReview</c>), so that what is missing is known before anything is changed and
/// not in the middle of a drain.
/// </summary>
/// <param name="account">Whose rights they are to be, as <c>kubectl --as</c> takes it.</param>
internal sealed class AccessGate(KubeApi api, IReadOnlyList<ApiAccess> needed, string account) : IGate
{
    private const int AtOnce = 8;

    public string Condition => "every API call of the chain to be allowed";

    public string Show => $"kubectl auth can-i --list --as={account}";

    public async Task<Verdict> CheckAsync(GateFacts facts, CancellationToken ct)
    {
        var answers = await Bounded.SelectAsync(needed, AtOnce, async access => (Access: access, Review: await api.ReviewAsync(access, ct)));
        return Verdict.Of(answers.Where(answer => !answer.Review.Status.Allowed)
            .GroupBy(answer => answer.Access.Object, StringComparer.Ordinal)
            .Select(refused => Finding.Aborts(
                $"not allowed to {string.Join(", ", refused.Select(answer => answer.Access.Verb))} {refused.Key}{(refused.First().Review.Status.EvaluationError is { } why ? $" ({why})" : "")}; apply the installation's RBAC again",
                $"kubectl auth can-i {refused.First().Access.ForCanI} --as={account}")));
    }
}
