namespace Stepper.Cluster.Kubernetes.Objects;

/// <summary><c>v1 Pod</c>.</summary>
public sealed record Pod : IKubeObject
{
    public ObjectMeta Metadata { get; set; } = new();

    public PodSpec Spec { get; set; } = new();

    public PodStatus Status { get; set; } = new();

    /// <summary>Succeeded or Failed: nothing of it runs any more, and its logs are evidence.</summary>
    public bool IsFinished => Status.IsFinished;

    public bool IsReady => Status.Conditions.Any(condition => condition is { Type: "Ready", IsTrue: true });
}

public sealed record PodSpec
{
    /// <summary>Empty until the scheduler has found a node.</summary>
    public string NodeName { get; set; } = "";

    /// <summary>Seconds between SIGTERM and SIGKILL.</summary>
    public long? TerminationGracePeriodSeconds { get; set; }

    public IReadOnlyList<Container> Containers { get => field ?? []; set; }
}

public sealed record Container
{
    public string Name { get; set; } = "";

    public string Image { get; set; } = "";

    /// <summary>Empty: the image's own.</summary>
    public IReadOnlyList<string> Command { get => field ?? []; set; }

    public IReadOnlyList<string> Args { get => field ?? []; set; }
}

public sealed record ResourceRequirements
{
    public IReadOnlyDictionary<string, string> Requests { get => field ?? Nothing.Map; set; }
}

public sealed record PodStatus
{
    /// <summary><c>Pending</c>, <c>Running</c>, <c>Succeeded</c>, <c>Failed</c> or <c>Unknown</c>.</summary>
    public string Phase { get; set; } = "";

    public bool IsFinished => Phase is "Succeeded" or "Failed";

    public IReadOnlyList<Condition> Conditions { get => field ?? []; set; }

    public IReadOnlyList<ContainerStatus> InitContainerStatuses { get => field ?? []; set; }

    public IReadOnlyList<ContainerStatus> ContainerStatuses { get => field ?? []; set; }
}

public sealed record ContainerStatus
{
    public string Name { get; set; } = "";

    public ContainerState State { get; set; } = new();
}

public sealed record ContainerState
{
    /// <summary>Null unless it has not started yet, or waits to be started again.</summary>
    public ContainerWaits? Waiting { get; set; }
}

public sealed record ContainerWaits
{
    /// <summary>In a word, such as <c>ImagePullBackOff</c>.</summary>
    public string Reason { get; set; } = "";

    public string Message { get; set; } = "";
}
