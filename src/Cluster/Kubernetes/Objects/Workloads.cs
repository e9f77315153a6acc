namespace Stepper.Cluster.Kubernetes.Objects;

/// <summary>An object of which only its metadata is read: <c>Namespace</c>.</summary>
public sealed record MetadataOnly : IKubeObject
{
    public ObjectMeta Metadata { get; set; } = new();
}

/// <summary><c>v1 ConfigMap</c>.</summary>
public sealed record ConfigMap : IKubeObject
{
    public ObjectMeta Metadata { get; set; } = new();

    public IReadOnlyDictionary<string, string> Data { get => field ?? Nothing.Map; set; }
}

/// <summary><c>apps/v1 Deployment</c>, <c>ReplicaSet</c> or <c>StatefulSet</c>: what holds a number of replicas.</summary>
public sealed record ReplicatedWorkload : IKubeObject
{
    public ObjectMeta Metadata { get; set; } = new();

    public ReplicatedSpec Spec { get; set; } = new();

    public ReplicatedStatus Status { get; set; } = new();
}

public sealed record ReplicatedSpec
{
    /// <summary>The API always fills it in; 1 is its default.</summary>
    public int Replicas { get; set; } = 1;
}

public sealed record ReplicatedStatus
{
    public int ReadyReplicas { get; set; }
}

/// <summary><c>policy/v1 PodDisruptionBudget</c>.</summary>
public sealed record PodDisruptionBudget : IKubeObject
{
    public ObjectMeta Metadata { get; set; } = new();

    public BudgetSpec Spec { get; set; } = new();

    public BudgetStatus Status { get; set; } = new();
}

public sealed record BudgetSpec
{
    /// <summary>Null selects nothing in <c>policy/v1</c>; the empty selector selects every pod of the namespace.</summary>
    public LabelSelector? Selector { get; set; }

    /// <summary><c>IfHealthyBudget</c> or <c>AlwaysAllow</c>; null is the first.</summary>
    public string? UnhealthyPodEvictionPolicy { get; set; }
}

public sealed record BudgetStatus
{
    public long ObservedGeneration { get; set; }

    public int DisruptionsAllowed { get; set; }

    public int CurrentHealthy { get; set; }

    public int DesiredHealthy { get; set; }

    public int ExpectedPods { get; set; }

    /// <summary>Pods whose eviction was granted and that are not gone yet.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> DisruptedPods
    {
        get => field ?? new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        set;
    }

    public IReadOnlyList<Condition> Conditions { get => field ?? []; set; }

    /// <summary>Why its numbers can't be counted, in the controller's words, so that it lets nothing go; null where they can.</summary>
    public string? SyncFailure => Conditions.FirstOrDefault(condition => condition is { Type: "DisruptionAllowed", Reason: "SyncFailed" })?.Message;
}
