namespace Stepper.Cluster.Kubernetes.Objects;

/// <summary>What every object of the API has. Only the fields that are read stand in these types; what is copied whole is copied as JSON.</summary>
public interface IKubeObject
{
    ObjectMeta Metadata { get; }
}

/// <summary><c>metadata</c> of any object. Maps and lists are empty, never null, when the API left them out.</summary>
public sealed record ObjectMeta
{
    private readonly IReadOnlyDictionary<string, string>? _labels;
    private readonly IReadOnlyDictionary<string, string>? _annotations;
    private readonly IReadOnlyList<OwnerReference>? _ownerReferences;
    private readonly IReadOnlyList<string>? _finalizers;

    public string Name { get; init; } = "";

    /// <summary>Null for what is not namespaced.</summary>
    public string? Namespace { get; init; }

    public string Uid { get; init; } = "";

    public string ResourceVersion { get; init; } = "";

    /// <summary>Counts changes of the spec; a status that has seen an older one is not current.</summary>
    public long Generation { get; init; }

    public DateTimeOffset CreationTimestamp { get; init; }

    /// <summary>When the object is to be gone; null while nobody has deleted it.</summary>
    public DateTimeOffset? DeletionTimestamp { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get => _labels ?? Nothing.Map; init => _labels = value; }

    public IReadOnlyDictionary<string, string> Annotations { get => _annotations ?? Nothing.Map; init => _annotations = value; }

    public IReadOnlyList<OwnerReference> OwnerReferences { get => _ownerReferences ?? []; init => _ownerReferences = value; }

    /// <summary>What must still be done by others before a deleted object is gone.</summary>
    public IReadOnlyList<string> Finalizers { get => _finalizers ?? []; init => _finalizers = value; }

    /// <summary>The owner that made this object and answers for it; null for an object that stands alone.</summary>
    public OwnerReference? Controller => OwnerReferences.FirstOrDefault(owner => owner.Controller);
}

public sealed record OwnerReference
{
    /// <summary>Such as <c>apps/v1</c>: other groups have kinds of the same names.</summary>
    public string ApiVersion { get; init; } = "";

    public string Kind { get; init; } = "";

    public string Name { get; init; } = "";

    public string Uid { get; init; } = "";

    public bool Controller { get; init; }
}

internal static class Nothing
{
    public static IReadOnlyDictionary<string, string> Map { get; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <summary><c>status.conditions[]</c> of a node, a pod or a Job.</summary>
public sealed record Condition
{
    public string Type { get; init; } = "";

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    public string Status { get; init; } = "";

    public string? Reason { get; init; }

    public string? Message { get; init; }

    /// <summary>Null where the API does not say since when.</summary>
    public DateTimeOffset? LastTransitionTime { get; init; }

    public bool IsTrue => Status == "True";
}

/// <summary>An item list with the resourceVersion from which a watch goes on.</summary>
public sealed record KubeList<T>(IReadOnlyList<T> Items, string ResourceVersion);
