using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api;

/// <summary>
/// What the API server does with an object between a request and the store: fills in, checks, counts generations, ends things gracefully.
/// The simulation's own controllers and kubelets write through it too.
/// </summary>
public sealed class Registry(ObjectStore store, TimeProvider time)
{
    public ObjectStore Store => store;

    /// <summary>Makes a new object.</summary>
    /// <param name="body">Is not kept; the object that is, is given back.</param>
    /// <exception cref="ApiRefusal">It is there already, or is refused.</exception>
    public JsonObject Create(ResourceKind kind, JsonObject body)
    {
        var made = body.DeepClone().AsObject();
        var meta = made["metadata"]!.AsObject();
        var name = (string)meta["name"]!;
        if (store.Find(kind, (string?)meta["namespace"], name) is not null)
        {
            throw new ApiRefusal(HttpStatusCode.Conflict, "AlreadyExists", $"{kind} \"{name}\" already exists");
        }

        made["apiVersion"] = kind.ApiVersion;
        made["kind"] = kind.Kind;
        meta["creationTimestamp"] = Now();
        meta["generation"] = 1;
        return store.Insert(kind, made);
    }

    /// <summary>Changes an object: <paramref name="change"/> gets a copy of it as it is now.</summary>
    /// <exception cref="ApiRefusal">There is none of that name, or what it became is refused.</exception>
    public JsonObject Change(ResourceKind kind, string? ns, string name, Action<JsonObject> change)
    {
        var old = store.Find(kind, ns, name) ?? throw NotFound(kind, name);
        var made = old.DeepClone().AsObject();
        change(made);
        if (!JsonNode.DeepEquals(old["spec"], made["spec"]))
        {
            made["metadata"]!["generation"] = ((long?)old["metadata"]!["generation"] ?? 0) + 1;
        }

        if (made["metadata"]!["deletionTimestamp"] is not null && made["metadata"]!["finalizers"] is not JsonArray { Count: > 0 } && kind != Kinds.Pod)
        {
            store.Remove(kind, made);
            return made;
        }

        return store.Replace(kind, made);
    }

    /// <summary>
    /// Begins to end an object. A pod on a node is marked and ended by its kubelet, which calls this again with a grace of 0; what has finalizers is
    /// marked; all else is gone at once. What it owned is ended by the garbage collector.
    /// </summary>
    /// <param name="graceSeconds">Null: the pod's own.</param>
    public void Delete(ResourceKind kind, string? ns, string name, int? graceSeconds = null)
    {
        var old = store.Find(kind, ns, name) ?? throw NotFound(kind, name);
        var made = old.DeepClone().AsObject();
        var meta = made["metadata"]!.AsObject();
        var grace = kind == Kinds.Pod && (string?)made["spec"]!["nodeName"] is { Length: > 0 } ? graceSeconds ?? (int?)made["spec"]!["terminationGracePeriodSeconds"] ?? 30 : 0;
        if (grace == 0 && meta["finalizers"] is not JsonArray { Count: > 0 })
        {
            store.Remove(kind, old);
            return;
        }

        meta["deletionTimestamp"] ??= (time.GetUtcNow() + TimeSpan.FromSeconds(grace)).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        meta["deletionGracePeriodSeconds"] ??= grace;
        store.Replace(kind, made);
    }

    private static ApiRefusal NotFound(ResourceKind kind, string name) => new(HttpStatusCode.NotFound, "NotFound", $"{kind} \"{name}\" not found");

    private string Now() => time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
