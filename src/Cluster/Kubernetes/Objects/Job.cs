namespace Stepper.Cluster.Kubernetes.Objects;

/// <summary><c>batch/v1 Job</c>.</summary>
public sealed record Job : IKubeObject
{
    public ObjectMeta Metadata { get; init; } = new();

    public JobStatus Status { get; init; } = new();

    public bool IsComplete => Has("Complete") || Has("SuccessCriteriaMet");

    /// <summary>Failed, or about to be: <c>FailureTarget</c> stands while its pods are still being ended.</summary>
    public bool IsFailed => Has("Failed") || Has("FailureTarget");

    /// <summary>Why it failed, in the API's words; null when it did not.</summary>
    public string? FailureMessage =>
        Status.Conditions.FirstOrDefault(condition => condition is { Type: "Failed" or "FailureTarget", IsTrue: true })?.Message;

    private bool Has(string type) => Status.Conditions.Any(condition => condition.Type == type && condition.IsTrue);
}

public sealed record JobStatus
{
    private readonly IReadOnlyList<Condition>? _conditions;

    public IReadOnlyList<Condition> Conditions { get => _conditions ?? []; init => _conditions = value; }

    public DateTimeOffset? StartTime { get; init; }

    public DateTimeOffset? CompletionTime { get; init; }
}
