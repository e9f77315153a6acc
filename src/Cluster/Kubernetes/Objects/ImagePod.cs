namespace Stepper.Cluster.Kubernetes.Objects;

/// <summary><c>v1 Pod</c> with what it runs and as whom, for lists of all pods of a cluster.</summary>
public sealed record ImagePod
{
    public ObjectMeta Metadata { get; set; } = new();

    public ImagePodSpec Spec { get; set; } = new();

    public PodPhase Status { get; set; } = new();
}

public sealed record ImagePodSpec
{
    public IReadOnlyList<RunImage> InitContainers { get => field ?? []; set; }

    public IReadOnlyList<RunImage> Containers { get => field ?? []; set; }

    /// <summary>The API always fills it in.</summary>
    public string ServiceAccountName { get => field ?? ""; set; }

    /// <summary>Empty where it has none.</summary>
    public string PriorityClassName { get => field ?? ""; set; }
}

public sealed record RunImage
{
    public string Image { get; set; } = "";
}

public sealed record PodPhase
{
    /// <summary><c>Pending</c>, <c>Running</c>, <c>Succeeded</c>, <c>Failed</c> or <c>Unknown</c>.</summary>
    public string Phase { get; set; } = "";
}

/// <summary><c>rbac.authorization.k8s.io/v1 ClusterRoleBinding</c>: to whom, not what.</summary>
public sealed record RoleBinding
{
    public IReadOnlyList<RoleSubject> Subjects { get => field ?? []; set; }
}

public sealed record RoleSubject
{
    /// <summary><c>ServiceAccount</c>, <c>User</c> or <c>Group</c>.</summary>
    public string Kind { get; set; } = "";

    public string Name { get; set; } = "";

    /// <summary>Of a service account.</summary>
    public string Namespace { get => field ?? ""; set; }
}
