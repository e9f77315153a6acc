using System.Net;
using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api;

/// <summary>Which part of an object an address may write.</summary>
internal enum WritePart
{
    /// <summary>All but the status, where that has an address of its own.</summary>
    All,

    /// <summary>The status alone (and annotations and labels, as the real one).</summary>
    Status,
}

/// <summary>The writes to objects: what the request says becomes what the object is to be.</summary>
internal sealed class ObjectWrites(Registry registry)
{
    public JsonObject Create(ApiRequest asked)
    {
        var (kind, ns, _, _) = asked.Resource!;
        var body = asked.ReadBody();
        MustBeOfKind(kind, body);
        var meta = MetaOf(body);
        PlaceIn(kind, ns, meta);
        if (kind.HasStatus)
        {
            body.Remove("status");
        }

        return registry.Create(kind, body, asked.Query.IsDryRun);
    }

    public JsonObject Replace(ApiRequest asked, WritePart part)
    {
        var (kind, ns, name, _) = asked.Resource!;
        var body = asked.ReadBody();
        MustBeOfKind(kind, body);
        var meta = MetaOf(body);
        if (!string.Equals((string?)meta["name"], name, StringComparison.Ordinal))
        {
            throw ApiRefusal.BadRequest(
                meta["name"] is null
                    ? "name must be provided"
                    : $"the name of the object ({(string?)meta["name"]}) does not match the name on the URL ({name})");
        }

        PlaceIn(kind, ns, meta);
        var old = registry.Store.Find(kind, ns, name!) ?? throw ApiRefusal.NotFound(kind, name!);
        return registry.Update(kind, old, Merge(kind, old, body, part), asked.Query.IsDryRun);
    }

    /// <summary>Applies a patch of whatever form the content type says.</summary>
    public (JsonObject Made, bool IsNew) Patch(ApiRequest asked, WritePart part)
    {
        var (kind, ns, name, _) = asked.Resource!;
        var old = registry.Store.Find(kind, ns, name!) ?? throw ApiRefusal.NotFound(kind, name!);
        var made = old.DeepClone().AsObject();
        switch (asked.ContentType)
        {
            case "application/merge-patch+json":
                MergePatch.Apply(made, asked.ReadBody());
                break;
            default:
                throw new ApiRefusal(
                    HttpStatusCode.UnsupportedMediaType,
                    "UnsupportedMediaType",
                    "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml");
        }

        return (registry.Update(kind, old, Merge(kind, old, made, part), asked.Query.IsDryRun), false);
    }

    // What the address does not write stays as it is.
    private static JsonObject Merge(ResourceKind kind, JsonObject old, JsonObject wanted, WritePart part)
    {
        if (!kind.HasStatus)
        {
            return wanted;
        }

        if (part == WritePart.All)
        {
            Copy(old, wanted, "status");
            return wanted;
        }

        var made = old.DeepClone().AsObject();
        Copy(wanted, made, "status");
        Copy(wanted["metadata"]!.AsObject(), made["metadata"]!.AsObject(), "resourceVersion");
        Copy(wanted["metadata"]!.AsObject(), made["metadata"]!.AsObject(), "uid");
        Copy(wanted["metadata"]!.AsObject(), made["metadata"]!.AsObject(), "labels");
        Copy(wanted["metadata"]!.AsObject(), made["metadata"]!.AsObject(), "annotations");
        return made;
    }

    private static void Copy(JsonObject from, JsonObject to, string field)
    {
        if (from[field] is { } value)
        {
            to[field] = value.DeepClone();
        }
        else
        {
            to.Remove(field);
        }
    }

    private static void MustBeOfKind(ResourceKind kind, JsonObject body)
    {
        body["kind"] ??= kind.Kind;
        body["apiVersion"] ??= kind.ApiVersion;
        if ((string?)body["apiVersion"] != kind.ApiVersion)
        {
            throw ApiRefusal.BadRequest($"the API version in the data ({(string?)body["apiVersion"]}) does not match the expected API version ({kind.ApiVersion})");
        }

        if ((string?)body["kind"] != kind.Kind)
        {
            throw ApiRefusal.BadRequest($"the object provided is unrecognized: {(string?)body["kind"]} where {kind.Kind} is expected");
        }
    }

    private static JsonObject MetaOf(JsonObject body)
    {
        if (body["metadata"] is not JsonObject meta)
        {
            body["metadata"] = meta = [];
        }

        return meta;
    }

    private static void PlaceIn(ResourceKind kind, string? ns, JsonObject meta)
    {
        if (!kind.Namespaced)
        {
            return;
        }

        if ((string?)meta["namespace"] is { Length: > 0 } said && said != ns)
        {
            throw ApiRefusal.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }

        meta["namespace"] = ns;
    }
}
