namespace Stepper.Cluster.Kubernetes.Objects;

/// <summary><c>batch/v1 Job</c>.</summary>
public sealed record Job : IKubeObject
{
    public ObjectMeta Metadata { get; set; } = new();

    public JobSpec Spec { get; set; } = new();

    public JobStatus Status { get; set; } = new();

    public bool IsComplete => Has("Complete") || Has("SuccessCriteriaMet");

    /// <summary>Failed, or about to be: <c>FailureTarget</c> stands while its pods are still being ended.</summary>
    public bool IsFailed => Has("Failed") || Has("FailureTarget");

    /// <summary>Why it failed, in the API's words; null when it did not.</summary>
    public string? FailureMessage =>
        Status.Conditions.FirstOrDefault(condition => condition is { Type: "Failed" or "FailureTarget", IsTrue: true })?.Message;

    private bool Has(string type) => Status.Conditions.Any(condition => condition.Type == type && condition.IsTrue);
}

public sealed record JobSpec
{
    /// <summary>How long it may be active, in seconds, whatever its pods do; null for ever.</summary>
    public long? ActiveDeadlineSeconds { get; set; }

    public JobPodTemplate Template { get; set; } = new();
}

public sealed record JobPodTemplate
{
    public JobPodSpec Spec { get; set; } = new();
}

public sealed record JobPodSpec
{
    public IReadOnlyDictionary<string, string> NodeSelector { get => field ?? Nothing.Map; set; }
}

public sealed record JobStatus
{
    public IReadOnlyList<Condition> Conditions { get => field ?? []; set; }

    /// <summary>How many of its pods have failed; those that were disrupted are not counted.</summary>
    public int Failed { get; set; }

    public DateTimeOffset? StartTime { get; set; }

    public DateTimeOffset? CompletionTime { get; set; }
}
