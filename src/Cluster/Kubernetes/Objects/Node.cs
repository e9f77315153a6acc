namespace Stepper.Cluster.Kubernetes.Objects;

/// <summary><c>v1 Node</c>.</summary>
public sealed record Node : IKubeObject
{
    public ObjectMeta Metadata { get; init; } = new();

    public NodeSpec Spec { get; init; } = new();

    public NodeStatus Status { get; init; } = new();
}

public sealed record NodeSpec
{
    private readonly IReadOnlyList<Taint>? _taints;

    public bool Unschedulable { get; init; }

    public IReadOnlyList<Taint> Taints { get => _taints ?? []; init => _taints = value; }
}

public sealed record Taint
{
    public string Key { get; init; } = "";

    public string? Value { get; init; }

    /// <summary><c>NoSchedule</c>, <c>PreferNoSchedule</c> or <c>NoExecute</c>.</summary>
    public string Effect { get; init; } = "";
}

public sealed record NodeStatus
{
    private readonly IReadOnlyList<Condition>? _conditions;
    private readonly IReadOnlyList<NodeAddress>? _addresses;
    private readonly IReadOnlyDictionary<string, string>? _allocatable;

    public IReadOnlyList<Condition> Conditions { get => _conditions ?? []; init => _conditions = value; }

    public IReadOnlyList<NodeAddress> Addresses { get => _addresses ?? []; init => _addresses = value; }

    /// <summary>Quantities as the API writes them: <c>cpu</c> <c>3920m</c>, <c>memory</c> <c>7836Mi</c>, <c>pods</c> <c>110</c>.</summary>
    public IReadOnlyDictionary<string, string> Allocatable { get => _allocatable ?? Nothing.Map; init => _allocatable = value; }

    public NodeInfo NodeInfo { get; init; } = new();
}

public sealed record NodeAddress
{
    public string Type { get; init; } = "";

    public string Address { get; init; } = "";
}

public sealed record NodeInfo
{
    public string KubeletVersion { get; init; } = "";

    /// <summary>Such as <c>containerd://1.7.24</c>.</summary>
    public string ContainerRuntimeVersion { get; init; } = "";

    public string BootId { get; init; } = "";
}
