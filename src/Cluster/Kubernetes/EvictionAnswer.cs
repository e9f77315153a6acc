using System.Net;

namespace Stepper.Cluster.Kubernetes;

/// <summary>What the API server said to an eviction.</summary>
/// <param name="Message">The server's own words; empty when it was granted.</param>
public sealed record EvictionAnswer(EvictionOutcome Outcome, string Message)
{
    /// <summary>Whether a 429 is a no to this eviction: a budget's, or a webhook's that guards the pod. Flow control's is neither, and is asked again.</summary>
    internal static bool IsNo(KubeStatus? status) => IsBudgets(status) || status?.Message?.StartsWith("admission webhook ", StringComparison.Ordinal) is true;

    /// <exception cref="KubeRefusedException">It is another no: a webhook's, or a 403.</exception>
    internal static EvictionAnswer From(KubeAnswer answer)
    {
        var says = answer.Status?.Message ?? "";
        switch (answer.Code)
        {
            case HttpStatusCode.NotFound:
                return new(EvictionOutcome.Gone, "");
            // The precondition failed: another pod has this name now (measured: 409 Conflict with the two uids in its message).
            case HttpStatusCode.Conflict:
                return new(EvictionOutcome.Gone, says);
            case HttpStatusCode.TooManyRequests when IsBudgets(answer.Status):
                return new(EvictionOutcome.BlockedByBudget, says);
            case HttpStatusCode.InternalServerError:
                return new(EvictionOutcome.Impossible, says);
            default:
                answer.MustBeDone();
                return new(EvictionOutcome.Granted, "");
        }
    }

    private static bool IsBudgets(KubeStatus? status) => status?.Details?.Causes?.Any(cause => cause.Reason is "DisruptionBudget") is true;
}

public enum EvictionOutcome
{
    /// <summary>The pod is being ended.</summary>
    Granted,

    /// <summary>The pod that was meant is not there any more.</summary>
    Gone,

    /// <summary>A disruption budget does not allow it now.</summary>
    BlockedByBudget,

    /// <summary>It will never be allowed as things are: the pod is under two budgets.</summary>
    Impossible,
}
