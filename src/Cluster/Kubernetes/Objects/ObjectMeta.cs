namespace Stepper.Cluster.Kubernetes.Objects;

/// <summary>What every object of the API has. Only the fields that are read stand in these types; what is copied whole is copied as JSON.</summary>
public interface IKubeObject
{
    ObjectMeta Metadata { get; }
}

/// <summary><c>metadata</c> of any object. Maps and lists are empty, never null, when the API left them out.</summary>
public sealed record ObjectMeta
{
    public string Name { get; set; } = "";

    /// <summary>Null for what is not namespaced.</summary>
    public string? Namespace { get; set; }

    public string Uid { get; set; } = "";

    public string ResourceVersion { get; set; } = "";

    /// <summary>Counts changes of the spec; a status that has seen an older one is not current.</summary>
    public long Generation { get; set; }

    public DateTimeOffset CreationTimestamp { get; set; }

    /// <summary>When the object is to be gone; null while nobody has deleted it.</summary>
    public DateTimeOffset? DeletionTimestamp { get; set; }

    public IReadOnlyDictionary<string, string> Labels { get => field ?? Nothing.Map; set; }

    public IReadOnlyDictionary<string, string> Annotations { get => field ?? Nothing.Map; set; }

    public IReadOnlyList<OwnerReference> OwnerReferences { get => field ?? []; set; }

    /// <summary>What must still be done by others before a deleted object is gone.</summary>
    public IReadOnlyList<string> Finalizers { get => field ?? []; set; }

    /// <summary>The owner that made this object and answers for it; null for an object that stands alone.</summary>
    public OwnerReference? Controller => OwnerReferences.FirstOrDefault(owner => owner.Controller);
}

public sealed record OwnerReference
{
    /// <summary>Such as <c>apps/v1</c>: other groups have kinds of the same names.</summary>
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public string Name { get; set; } = "";

    public string Uid { get; set; } = "";

    public bool Controller { get; set; }
}

internal static class Nothing
{
    public static IReadOnlyDictionary<string, string> Map { get; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <summary><c>status.conditions[]</c> of a node, a pod or a Job.</summary>
public sealed record Condition
{
    public string Type { get; set; } = "";

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    public string Status { get; set; } = "";

    public string? Reason { get; set; }

    public string? Message { get; set; }

    /// <summary>Null where the API does not say since when.</summary>
    public DateTimeOffset? LastTransitionTime { get; set; }

    public bool IsTrue => Status == "True";
}

/// <summary>An item list with the resourceVersion from which a watch goes on.</summary>
public sealed record KubeList<T>(IReadOnlyList<T> Items, string ResourceVersion);
