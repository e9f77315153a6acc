namespace Stepper.Cluster.Kubernetes.Objects;

/// <summary>An object of which only its metadata is read: <c>Namespace</c>.</summary>
public sealed record MetadataOnly : IKubeObject
{
    public ObjectMeta Metadata { get; init; } = new();
}

/// <summary><c>v1 ConfigMap</c>.</summary>
public sealed record ConfigMap : IKubeObject
{
    private readonly IReadOnlyDictionary<string, string>? _data;

    public ObjectMeta Metadata { get; init; } = new();

    public IReadOnlyDictionary<string, string> Data { get => _data ?? Nothing.Map; init => _data = value; }
}

/// <summary><c>apps/v1 Deployment</c>, <c>ReplicaSet</c> or <c>StatefulSet</c>: what holds a number of replicas.</summary>
public sealed record ReplicatedWorkload : IKubeObject
{
    public ObjectMeta Metadata { get; init; } = new();

    public ReplicatedSpec Spec { get; init; } = new();

    public ReplicatedStatus Status { get; init; } = new();
}

public sealed record ReplicatedSpec
{
    /// <summary>The API always fills it in; 1 is its default.</summary>
    public int Replicas { get; init; } = 1;
}

public sealed record ReplicatedStatus
{
    public int ReadyReplicas { get; init; }
}

/// <summary><c>policy/v1 PodDisruptionBudget</c>.</summary>
public sealed record PodDisruptionBudget : IKubeObject
{
    public ObjectMeta Metadata { get; init; } = new();

    public BudgetSpec Spec { get; init; } = new();

    public BudgetStatus Status { get; init; } = new();
}

public sealed record BudgetSpec
{
    /// <summary>Null selects nothing in <c>policy/v1</c>; the empty selector selects every pod of the namespace.</summary>
    public LabelSelector? Selector { get; init; }
}

public sealed record BudgetStatus
{
    private readonly IReadOnlyDictionary<string, DateTimeOffset>? _disruptedPods;

    public long ObservedGeneration { get; init; }

    public int DisruptionsAllowed { get; init; }

    public int CurrentHealthy { get; init; }

    public int DesiredHealthy { get; init; }

    public int ExpectedPods { get; init; }

    /// <summary>Pods whose eviction was granted and that are not gone yet.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> DisruptedPods
    {
        get => _disruptedPods ?? new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        init => _disruptedPods = value;
    }
}
