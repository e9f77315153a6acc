using System.Globalization;
using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api;

/// <summary>
/// What etcd is to an API server: every object under its kind, namespace and name, each write with the next resourceVersion, and who wants to know is told.
/// An object that is in the store is never changed; a write puts another in its place.
/// </summary>
public sealed class ObjectStore
{
    private readonly Dictionary<ResourceKind, SortedDictionary<(string Namespace, string Name), JsonObject>> _objects =
        Kinds.All.ToDictionary(kind => kind, _ => new SortedDictionary<(string, string), JsonObject>(KeyOrder.Instance));

    private long _uids;

    /// <summary>Told at once, on the thread of the simulation, after the write.</summary>
    public event Action<StoreChange>? Changed;

    /// <summary>That of the last write.</summary>
    public long ResourceVersion { get; private set; } = 1000;

    public JsonObject? Find(ResourceKind kind, string? ns, string name) => _objects[kind].GetValueOrDefault((ns ?? "", name));

    /// <summary>In the order of namespace and name. A null namespace: of all of them.</summary>
    public IEnumerable<JsonObject> List(ResourceKind kind, string? ns = null) =>
        _objects[kind].Where(pair => ns is null || pair.Key.Namespace == ns).Select(pair => pair.Value);

    /// <summary>Puts a new object in: gives it a uid, if it has none, and a resourceVersion.</summary>
    /// <param name="body">Is the store's from here on.</param>
    public JsonObject Insert(ResourceKind kind, JsonObject body)
    {
        var meta = body["metadata"]!.AsObject();
        meta["uid"] ??= NextUid();
        Stamp(meta);
        _objects[kind].Add(KeyOf(body), body);
        Changed?.Invoke(new StoreChange(ChangeType.Added, kind, body, Old: null, ResourceVersion));
        return body;
    }

    /// <summary>Puts an object in the place of the one with its name. The same content again is no write, as with the real one.</summary>
    /// <param name="body">Is the store's from here on.</param>
    public JsonObject Replace(ResourceKind kind, JsonObject body)
    {
        var key = KeyOf(body);
        var old = _objects[kind][key];
        if (JsonNode.DeepEquals(old, body))
        {
            return old;
        }

        Stamp(body["metadata"]!.AsObject());
        _objects[kind][key] = body;
        Changed?.Invoke(new StoreChange(ChangeType.Modified, kind, body, old, ResourceVersion));
        return body;
    }

    /// <summary>Takes an object away. What watchers see is the object as it was last, with the resourceVersion of its end.</summary>
    public void Remove(ResourceKind kind, JsonObject body)
    {
        _objects[kind].Remove(KeyOf(body));
        var last = body.DeepClone().AsObject();
        Stamp(last["metadata"]!.AsObject());
        Changed?.Invoke(new StoreChange(ChangeType.Deleted, kind, last, body, ResourceVersion));
    }

    private static (string Namespace, string Name) KeyOf(JsonObject body)
    {
        var meta = body["metadata"]!;
        return ((string?)meta["namespace"] ?? "", (string)meta["name"]!);
    }

    private void Stamp(JsonObject meta) => meta["resourceVersion"] = (++ResourceVersion).ToString(CultureInfo.InvariantCulture);

    // As a uid looks, and the same in each run.
    private string NextUid() => string.Create(CultureInfo.InvariantCulture, $"5eed0000-0000-4000-8000-{++_uids:x12}");

    private sealed class KeyOrder : IComparer<(string Namespace, string Name)>
    {
        public static KeyOrder Instance { get; } = new();

        public int Compare((string Namespace, string Name) x, (string Namespace, string Name) y)
        {
            var order = string.CompareOrdinal(x.Namespace, y.Namespace);
            return order != 0 ? order : string.CompareOrdinal(x.Name, y.Name);
        }
    }
}

/// <param name="Object">As it is now; for a deletion, as it was last.</param>
/// <param name="Old">As it was before; null for a new one.</param>
public sealed record StoreChange(ChangeType Type, ResourceKind Kind, JsonObject Object, JsonObject? Old, long ResourceVersion);

public enum ChangeType
{
    Added,
    Modified,
    Deleted,
}
