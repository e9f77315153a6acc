using System.Globalization;
using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api;

/// <summary>
/// What etcd is to an API server: every object under its kind, namespace and name, each write with the next resourceVersion, and who wants to know is told.
/// An object that is in the store is never changed; a write puts another in its place.
/// </summary>
public sealed class ObjectStore
{
    private readonly Dictionary<ResourceKind, ObjectShelf> _shelves = Kinds.All.ToDictionary(kind => kind, _ => new ObjectShelf());

    private long _uids;

    /// <summary>Told at once, on the thread of the simulation, after the write.</summary>
    public event Action<StoreChange>? Changed;

    /// <summary>That of the last write.</summary>
    public long ResourceVersion { get; private set; } = 1000;

    public JsonObject? Find(ResourceKind kind, string? ns, string name) => FindStored(kind, ns, name)?.Body;

    /// <summary>As <see cref="Find"/>, with its JSON as it is sent.</summary>
    public StoredObject? FindStored(ResourceKind kind, string? ns, string name) => _shelves[kind].Find(ns ?? "", name);

    /// <summary>In the order of namespace and name. A null namespace: of all of them.</summary>
    public IEnumerable<JsonObject> List(ResourceKind kind, string? ns = null) => ListStored(kind, ns).Select(stored => stored.Body);

    /// <summary>As <see cref="List"/>, with their JSON as it is sent.</summary>
    public IEnumerable<StoredObject> ListStored(ResourceKind kind, string? ns = null) => _shelves[kind].List(ns);

    /// <summary>The pods whose <c>spec.nodeName</c> this is (empty: those that wait for a node), in the order of namespace and name.</summary>
    public IEnumerable<StoredObject> PodsOn(string node) => _shelves[Kinds.Pod].OnNode(node);

    /// <summary>Puts a new object in: gives it a uid, if it has none, and a resourceVersion.</summary>
    /// <param name="body">Is not kept; what is, is given back.</param>
    public JsonObject Insert(ResourceKind kind, JsonObject body)
    {
        var meta = body["metadata"]!.AsObject();
        meta["uid"] ??= NextUid();
        var stored = Stamp(kind, body);
        _shelves[kind].Put(stored, old: null);
        Changed?.Invoke(new StoreChange(ChangeType.Added, kind, stored, Before: null));
        return stored.Body;
    }

    /// <summary>Puts an object in the place of the one with its name. The same content again is no write, as with the real one.</summary>
    /// <param name="body">Is not kept; what is, is given back.</param>
    public JsonObject Replace(ResourceKind kind, JsonObject body)
    {
        var old = FindStored(kind, (string?)body["metadata"]!["namespace"], (string)body["metadata"]!["name"]!)!;
        if (JsonNode.DeepEquals(old.Body, body))
        {
            return old.Body;
        }

        var stored = Stamp(kind, body);
        _shelves[kind].Put(stored, old);
        Changed?.Invoke(new StoreChange(ChangeType.Modified, kind, stored, old));
        old.GrowOld();
        return stored.Body;
    }

    /// <summary>Takes an object away. What watchers see is the object as it was last, with the resourceVersion of its end.</summary>
    public void Remove(ResourceKind kind, JsonObject body)
    {
        var last = Stamp(kind, body.DeepClone().AsObject());
        var old = FindStored(kind, last.Namespace, last.Name)!;
        _shelves[kind].Take(old);
        Changed?.Invoke(new StoreChange(ChangeType.Deleted, kind, last, old));
        old.GrowOld();
        last.GrowOld();
    }

    /// <summary>As a uid looks, and the same in each run.</summary>
    public string NextUid() => string.Create(CultureInfo.InvariantCulture, $"5eed0000-0000-4000-8000-{++_uids:x12}");

    private StoredObject Stamp(ResourceKind kind, JsonObject body)
    {
        body["metadata"]!["resourceVersion"] = (++ResourceVersion).ToString(CultureInfo.InvariantCulture);
        return new StoredObject(kind, body, ResourceVersion);
    }
}

/// <param name="Stored">As it is now; for a deletion, as it was last.</param>
/// <param name="Before">As it was before; null for a new one.</param>
public sealed record StoreChange(ChangeType Type, ResourceKind Kind, StoredObject Stored, StoredObject? Before)
{
    public JsonObject Object => Stored.Body;

    public JsonObject? Old => Before?.Body;

    public long ResourceVersion => Stored.ResourceVersion;
}

public enum ChangeType
{
    Added,
    Modified,
    Deleted,
}
