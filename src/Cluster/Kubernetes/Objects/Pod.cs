namespace Stepper.Cluster.Kubernetes.Objects;

/// <summary><c>v1 Pod</c>.</summary>
public sealed record Pod : IKubeObject
{
    public ObjectMeta Metadata { get; init; } = new();

    public PodSpec Spec { get; init; } = new();

    public PodStatus Status { get; init; } = new();

    /// <summary>Succeeded or Failed: nothing of it runs any more, and its logs are evidence.</summary>
    public bool IsFinished => Status.Phase is "Succeeded" or "Failed";

    public bool IsReady => Status.Conditions.Any(condition => condition is { Type: "Ready", IsTrue: true });
}

public sealed record PodSpec
{
    private readonly IReadOnlyList<Container>? _containers;

    /// <summary>Empty until the scheduler has found a node.</summary>
    public string NodeName { get; init; } = "";

    /// <summary>Seconds between SIGTERM and SIGKILL.</summary>
    public long? TerminationGracePeriodSeconds { get; init; }

    public IReadOnlyList<Container> Containers { get => _containers ?? []; init => _containers = value; }
}

public sealed record Container
{
    public string Name { get; init; } = "";

    public string Image { get; init; } = "";

    public ResourceRequirements Resources { get; init; } = new();
}

public sealed record ResourceRequirements
{
    private readonly IReadOnlyDictionary<string, string>? _requests;

    public IReadOnlyDictionary<string, string> Requests { get => _requests ?? Nothing.Map; init => _requests = value; }
}

public sealed record PodStatus
{
    private readonly IReadOnlyList<Condition>? _conditions;

    /// <summary><c>Pending</c>, <c>Running</c>, <c>Succeeded</c>, <c>Failed</c> or <c>Unknown</c>.</summary>
    public string Phase { get; init; } = "";

    public IReadOnlyList<Condition> Conditions { get => _conditions ?? []; init => _conditions = value; }
}
