using System.Net;

namespace Stepper.Cluster.Kubernetes;

/// <summary>What the API server said to an eviction.</summary>
/// <param name="Message">The server's own words; empty when it was granted.</param>
public sealed record EvictionAnswer(EvictionOutcome Outcome, string Message)
{
    internal static bool IsBudgets(KubeStatus? status) =>
        status?.Details?.Causes?.Any(cause => cause.Reason is "DisruptionBudget") is true;

    /// <summary>Null for what is neither a yes nor a no: a 403, say.</summary>
    internal static EvictionAnswer? From(HttpStatusCode code, KubeStatus? status) => code switch
    {
        HttpStatusCode.Created or HttpStatusCode.OK => new(EvictionOutcome.Granted, ""),
        HttpStatusCode.NotFound => new(EvictionOutcome.Gone, ""),
        // The precondition failed: another pod has this name now (measured: 409 Conflict with the two uids in its message).
        HttpStatusCode.Conflict => new(EvictionOutcome.Gone, status?.Message ?? ""),
        HttpStatusCode.TooManyRequests => new(EvictionOutcome.BlockedByBudget, status?.Message ?? ""),
        HttpStatusCode.InternalServerError => new(EvictionOutcome.Impossible, status?.Message ?? ""),
        _ => null,
    };
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
