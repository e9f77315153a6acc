namespace Stepper.Cluster.Kubernetes.Objects;

/// <summary><c>v1 Node</c>.</summary>
public sealed record Node : IKubeObject
{
    public ObjectMeta Metadata { get; set; } = new();

    public NodeSpec Spec { get; set; } = new();

    public NodeStatus Status { get; set; } = new();
}

public sealed record NodeSpec
{
    public bool Unschedulable { get; set; }

    public IReadOnlyList<Taint> Taints { get => field ?? []; set; }
}

public sealed record Taint
{
    public string Key { get; set; } = "";

    public string? Value { get; set; }

    /// <summary><c>NoSchedule</c>, <c>PreferNoSchedule</c> or <c>NoExecute</c>.</summary>
    public string Effect { get; set; } = "";
}

public sealed record NodeStatus
{
    public IReadOnlyList<Condition> Conditions { get => field ?? []; set; }

    public IReadOnlyList<NodeAddress> Addresses { get => field ?? []; set; }

    /// <summary>Quantities as the API writes them: <c>cpu</c> <c>3920m</c>, <c>memory</c> <c>7836Mi</c>, <c>pods</c> <c>110</c>.</summary>
    public IReadOnlyDictionary<string, string> Allocatable { get => field ?? Nothing.Map; set; }

    public NodeInfo NodeInfo { get; set; } = new();
}

public sealed record NodeAddress
{
    public string Type { get; set; } = "";

    public string Address { get; set; } = "";
}

public sealed record NodeInfo
{
    public string KubeletVersion { get; set; } = "";

    /// <summary>Such as <c>containerd://1.7.24</c>.</summary>
    public string ContainerRuntimeVersion { get; set; } = "";

    public string BootId { get; set; } = "";
}
