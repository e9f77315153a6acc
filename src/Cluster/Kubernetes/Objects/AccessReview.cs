namespace Stepper.Cluster.Kubernetes.Objects;

/// <summary><c>authorization.k8s.io/v1 SelfSubjectAccessReview</c>: whether the asker may do something. It is answered and kept nowhere.</summary>
public sealed record AccessReview
{
    public AccessReviewStatus Status { get; set; } = new();
}

public sealed record AccessReviewStatus
{
    public bool Allowed { get; set; }

    /// <summary>Why, where an authorizer says it; null where none does.</summary>
    public string? Reason { get; set; }

    /// <summary>What kept an authorizer from deciding, such as a role that is not there; null where nothing did.</summary>
    public string? EvaluationError { get; set; }
}
