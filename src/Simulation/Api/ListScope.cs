using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.Simulation.Api;

/// <summary>Which objects of a kind a list or a watch is about.</summary>
internal sealed record ListScope(ResourceKind Kind, string? Namespace, LabelSelector? Labels, FieldQuery? Fields)
{
    public static ListScope Of(ApiRequest request)
    {
        var resource = request.Resource!;
        var fields = FieldQuery.Read(resource.Kind, request.Query["fieldSelector"]);
        if (resource.Name is { } name)
        {
            // The old form of a watch on one object: its own address.
            fields = FieldQuery.Read(resource.Kind, "metadata.name=" + name);
        }

        return new ListScope(resource.Kind, resource.Namespace, LabelQuery.Read(request.Query["labelSelector"]), fields);
    }

    public bool Has(StoredObject? stored) =>
        stored is not null
        && (Namespace is null || Namespace == stored.Namespace)
        && Labels?.Selects(stored.Labels) is not false
        && Fields?.Selects(stored) is not false;

    public IEnumerable<StoredObject> In(ObjectStore store)
    {
        var candidates =
            Fields?.Name is { } name && (Namespace is not null || !Kind.Namespaced) ? One(store.FindStored(Kind, Namespace, name))
            : Kind == Kinds.Pod && Fields?.NodeName is { } node ? store.PodsOn(node)
            : store.ListStored(Kind, Namespace);
        return candidates.Where(Has);
    }

    private static IEnumerable<StoredObject> One(StoredObject? stored) => stored is null ? [] : [stored];
}
