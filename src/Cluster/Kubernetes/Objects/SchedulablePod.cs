using System.Text.Json;
using System.Text.Json.Serialization;

namespace Stepper.Cluster.Kubernetes.Objects;

/// <summary><c>v1 Pod</c> with what decides where it can run. Much bigger than a <see cref="Pod"/>: to be read and let go.</summary>
public sealed record SchedulablePod : IKubeObject
{
    public ObjectMeta Metadata { get; set; } = new();

    public SchedulableSpec Spec { get; set; } = new();

    public PodStatus Status { get; set; } = new();

    /// <summary>The same without its wishes.</summary>
    public Pod AsPod() => new() { Metadata = Metadata, Spec = new PodSpec { NodeName = Spec.NodeName }, Status = Status };
}

public sealed record SchedulableSpec
{
    /// <summary>Empty until the scheduler has found a node.</summary>
    public string NodeName { get; set; } = "";

    public IReadOnlyDictionary<string, string> NodeSelector { get => field ?? Nothing.Map; set; }

    public Affinity Affinity { get => field ?? new(); set; }

    public IReadOnlyList<Toleration> Tolerations { get => field ?? []; set; }

    public IReadOnlyList<SchedulableContainer> Containers { get => field ?? []; set; }

    public IReadOnlyList<SchedulableContainer> InitContainers { get => field ?? []; set; }

    /// <summary>Of the pod as a whole; null where its containers say it.</summary>
    public ResourceRequirements? Resources { get; set; }

    /// <summary>What its runtime takes besides.</summary>
    public IReadOnlyDictionary<string, string> Overhead { get => field ?? Nothing.Map; set; }

    public IReadOnlyList<SpreadConstraint> TopologySpreadConstraints { get => field ?? []; set; }

    public IReadOnlyList<Volume> Volumes { get => field ?? []; set; }

    public IReadOnlyList<ResourceClaim> ResourceClaims { get => field ?? []; set; }

    /// <summary>The API always fills it in.</summary>
    public string SchedulerName { get => field ?? ""; set; }

    public int Priority { get; set; }

    /// <summary><c>PreemptLowerPriority</c> or <c>Never</c>; null is the first.</summary>
    public string? PreemptionPolicy { get; set; }
}

public sealed record SchedulableContainer
{
    public ResourceRequirements Resources { get => field ?? new(); set; }

    public IReadOnlyList<ContainerPort> Ports { get => field ?? []; set; }

    /// <summary><c>Always</c> makes an init container one that stays.</summary>
    public string? RestartPolicy { get; set; }
}

public sealed record ContainerPort
{
    /// <summary>0 where it takes none of the node's.</summary>
    public int HostPort { get; set; }
}

public sealed record Toleration
{
    /// <summary>Empty is any.</summary>
    public string Key { get => field ?? ""; set; }

    /// <summary><c>Equal</c>, which is also what empty means, or <c>Exists</c>.</summary>
    public string Operator { get => field ?? ""; set; }

    public string Value { get => field ?? ""; set; }

    /// <summary>Empty is any.</summary>
    public string Effect { get => field ?? ""; set; }
}

public sealed record Affinity
{
    public NodeAffinity NodeAffinity { get => field ?? new(); set; }

    public PodAffinity PodAffinity { get => field ?? new(); set; }

    public PodAffinity PodAntiAffinity { get => field ?? new(); set; }
}

/// <summary>What is only preferred is not read: it keeps no pod off.</summary>
public sealed record NodeAffinity
{
    public NodeSelectorTerms? RequiredDuringSchedulingIgnoredDuringExecution { get; set; }
}

/// <summary>One of the terms must hold.</summary>
public sealed record NodeSelectorTerms
{
    [JsonPropertyName("nodeSelectorTerms")]
    public IReadOnlyList<NodeSelectorTerm> Terms { get => field ?? []; set; }
}

/// <summary>All of its requirements must hold; a term without any matches no node.</summary>
public sealed record NodeSelectorTerm
{
    public IReadOnlyList<NodeRequirement> MatchExpressions { get => field ?? []; set; }

    /// <summary>Of a node's fields; <c>metadata.name</c> is the only one there is.</summary>
    public IReadOnlyList<NodeRequirement> MatchFields { get => field ?? []; set; }
}

public sealed record NodeRequirement
{
    public string Key { get; set; } = "";

    /// <summary><c>In</c>, <c>NotIn</c>, <c>Exists</c>, <c>DoesNotExist</c>, <c>Gt</c> or <c>Lt</c>.</summary>
    public string Operator { get; set; } = "";

    public IReadOnlyList<string> Values { get => field ?? []; set; }
}

public sealed record PodAffinity
{
    public IReadOnlyList<PodAffinityTerm> RequiredDuringSchedulingIgnoredDuringExecution { get => field ?? []; set; }
}

public sealed record PodAffinityTerm
{
    /// <summary>Null selects nothing.</summary>
    public LabelSelector? LabelSelector { get; set; }

    /// <summary>Empty, and no selector of namespaces: the pod's own.</summary>
    public IReadOnlyList<string> Namespaces { get => field ?? []; set; }

    public LabelSelector? NamespaceSelector { get; set; }
}

public sealed record SpreadConstraint
{
    /// <summary><c>DoNotSchedule</c> or <c>ScheduleAnyway</c>.</summary>
    public string WhenUnsatisfiable { get; set; } = "";
}

public sealed record ResourceClaim
{
    public string Name { get; set; } = "";
}

public sealed record Volume
{
    public string Name { get; set; } = "";

    /// <summary>One entry, under the name of the volume's kind: <c>configMap</c>, <c>persistentVolumeClaim</c>.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Source { get; set; }

    /// <summary>Empty for one without a source, which is an empty directory.</summary>
    public string Kind => Source?.Keys.FirstOrDefault() ?? "";
}
