using System.Text.Json;
using System.Text.Json.Nodes;
using Stepper.Simulation.Api.Applying;
using Stepper.Simulation.Api.Patching;
using Stepper.Simulation.Api.Schema;

namespace Stepper.Simulation.Api;

/// <summary>Which part of an object an address may write.</summary>
internal enum WritePart
{
    /// <summary>All but the status, where that has an address of its own.</summary>
    All,

    /// <summary>The status alone, and labels and annotations.</summary>
    Status,
}

/// <param name="IsNew">The object was not there before.</param>
/// <param name="Warnings">What the client is told beside the answer.</param>
internal sealed record Written(JsonObject Body, bool IsNew, IReadOnlyList<string> Warnings);

/// <summary>The writes to objects: what the request says becomes what the object is to be.</summary>
internal sealed class ObjectWrites(Registry registry, TimeProvider time)
{
    public Written Create(ApiRequest asked)
    {
        WriteQuery.MustBeKnown(asked, "CreateOptions");
        var kind = asked.Resource!.Kind;
        var body = ReadObject(asked, out var warnings);
        if ((string?)body["metadata"]!["resourceVersion"] is { Length: > 0 })
        {
            throw new ApiRefusal(System.Net.HttpStatusCode.InternalServerError, "", "resourceVersion should not be set on objects to be created");
        }

        if (kind.HasStatus)
        {
            body.Remove("status");
        }

        return new Written(registry.Create(kind, body, Options(asked)), IsNew: true, warnings);
    }

    public Written Replace(ApiRequest asked, WritePart part)
    {
        WriteQuery.MustBeKnown(asked, "UpdateOptions");
        var (kind, ns, name, _) = asked.Resource!;
        var body = ReadObject(asked, out var warnings);
        MustBeNamed(body, name!, ns);
        var old = registry.Store.Find(kind, ns, name!) ?? throw ApiRefusal.NotFound(kind, name!);
        WriteQuery.MustBeConditional(kind, name!, body);
        if ((string?)body["metadata"]!["uid"] is { Length: > 0 } uid && uid != (string?)old["metadata"]!["uid"])
        {
            throw ApiRefusal.Conflict(
                kind,
                name!,
                $"StorageError: invalid object, Code: 4, Key: /registry/{kind.Plural}/{(ns is null ? "" : ns + "/")}{name}, ResourceVersion: 0, AdditionalErrorMsg: "
                + $"Precondition failed: UID in precondition: {uid}, UID in object meta: {(string?)old["metadata"]!["uid"]}");
        }

        return new Written(registry.Update(kind, old, Merge(kind, old, body, part), Options(asked)), IsNew: false, warnings);
    }

    /// <summary>Applies a patch of whatever form the content type says.</summary>
    public Written Patch(ApiRequest asked, WritePart part)
    {
        WriteQuery.MustBeKnown(asked, "PatchOptions");
        if (asked.ContentType is "application/apply-patch+yaml")
        {
            return Apply(asked, part);
        }

        var (kind, ns, name, _) = asked.Resource!;
        var old = registry.Store.Find(kind, ns, name!) ?? throw ApiRefusal.NotFound(kind, name!);
        var made = old.DeepClone().AsObject();
        Change(made, asked, kind);
        var warnings = Check(asked, made, ofPatch: true);
        MustBeOfKind(kind, made);
        MustBeNamed(made, name!, ns);
        return new Written(registry.Update(kind, old, Merge(kind, old, made, part), Options(asked)), IsNew: false, warnings);
    }

    private Written Apply(ApiRequest asked, WritePart part)
    {
        var (kind, ns, name, subresource) = asked.Resource!;
        var wanted = asked.ReadBody();
        WriteQuery.MustBeApplicable(kind, wanted);
        MetaOf(wanted)["name"] ??= name;
        MustBeNamed(wanted, name!, ns);
        var old = registry.Store.Find(kind, ns, name!);
        if (old is null && part == WritePart.Status)
        {
            throw ApiRefusal.NotFound(kind, name!);
        }

        var owner = new OwnerName(asked.Query["fieldManager"]!, "Apply", kind.ApiVersion, subresource);
        var made = ServerSideApply.Apply(kind, old, wanted, owner, asked.Query.Flag("force"), ApiTime.Text(time.GetUtcNow()));
        var options = new WriteOptions(asked.Query.IsDryRun);
        if (old is not null)
        {
            return new Written(registry.Update(kind, old, Merge(kind, old, made, part), options), IsNew: false, []);
        }

        if (wanted["metadata"]?["uid"] is { } uid)
        {
            throw ApiRefusal.Conflict(kind, name!, $"uid mismatch: the provided object specified uid {(string?)uid}, and no existing object was found");
        }

        if (kind.Namespaced)
        {
            made["metadata"]!["namespace"] = ns;
        }

        return new Written(registry.Create(kind, made, options), IsNew: true, []);
    }

    private static void Change(JsonObject made, ApiRequest asked, ResourceKind kind)
    {
        switch (asked.ContentType)
        {
            case "application/merge-patch+json":
                MergePatch.Apply(made, asked.ReadPatch() as JsonObject ?? throw NotA("array", "map[string]interface {}"));
                break;
            case "application/strategic-merge-patch+json":
                StrategicMergePatch.Apply(made, asked.ReadPatch() as JsonObject ?? throw NotA("array", "map[string]interface {}"), KindSchema.Of(kind));
                break;
            case "application/json-patch+json":
                JsonPatch.Apply(made, asked.ReadPatch() as JsonArray ?? throw NotA("object", "[]handlers.jsonPatchOp"));
                break;
            default:
                throw new ApiRefusal(System.Net.HttpStatusCode.UnsupportedMediaType, "UnsupportedMediaType", "415: Unsupported Media Type") { Details = new ApiDetails() };
        }
    }

    private static ApiRefusal NotA(string given, string wanted) => ApiRefusal.BadRequest($"error decoding patch: json: cannot unmarshal {given} into Go value of type {wanted}");

    private JsonObject ReadObject(ApiRequest asked, out IReadOnlyList<string> warnings)
    {
        var (kind, ns, _, _) = asked.Resource!;
        var body = asked.ReadBody();
        MustBeOfKind(kind, body);
        warnings = Check(asked, body, ofPatch: false);
        var meta = MetaOf(body);
        if (kind.Namespaced)
        {
            MustBeIn(ns, meta);
            meta["namespace"] = ns;
        }

        return body;
    }

    // Fields that the kind does not have: refused, warned of, or dropped without a word.
    private static IReadOnlyList<string> Check(ApiRequest asked, JsonObject body, bool ofPatch)
    {
        var kind = asked.Resource!.Kind;
        var text = ofPatch && asked.Query["fieldValidation"] is "Strict" ? body.ToJsonString() : "";
        var unknown = FieldCheck.Prune(kind, body).Select(path => $"unknown field \"{path}\"").ToList();
        if (unknown.Count == 0 || asked.Query["fieldValidation"] is "Ignore")
        {
            return [];
        }

        if (asked.Query["fieldValidation"] is not "Strict")
        {
            return unknown;
        }

        var error = "strict decoding error: " + string.Join(", ", unknown);
        throw ofPatch
            ? WriteQuery.BadPatch(JsonSerializer.Serialize(text, ApiJson.Default.String), error)
            : ApiRefusal.BadRequest($"{kind.Kind} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}: {error}");
    }

    // Keeps account of who owns which fields.
    private WriteOptions Options(ApiRequest asked)
    {
        var (kind, _, _, subresource) = asked.Resource!;
        var owner = new OwnerName(asked.Query["fieldManager"] ?? asked.Client, "Update", kind.ApiVersion, subresource);
        return new WriteOptions(asked.Query.IsDryRun, (old, made) => ServerSideApply.Note(kind, old, made, owner, ApiTime.Text(time.GetUtcNow())));
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
        foreach (var field in (ReadOnlySpan<string>)["resourceVersion", "uid", "labels", "annotations", "managedFields"])
        {
            Copy(wanted["metadata"]!.AsObject(), made["metadata"]!.AsObject(), field);
        }

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
        var (name, version) = ((string?)body["kind"], (string?)body["apiVersion"]);
        if (name == kind.Kind && version != kind.ApiVersion)
        {
            throw ApiRefusal.BadRequest(
                $"{name} in version \"{version!.Split('/')[^1]}\" cannot be handled as a {kind.Kind}: no kind \"{name}\" is registered for version \"{version}\" in scheme \"kubernetes/pkg/api/legacyscheme/scheme.go:30\"");
        }

        if (name != kind.Kind)
        {
            throw ApiRefusal.BadRequest($"{name} in version \"{version!.Split('/')[^1]}\" cannot be handled as a {kind.Kind}: converting ({version.Split('/')[^1]}.{name}) to (core.{kind.Kind}): unknown conversion");
        }
    }

    private static void MustBeNamed(JsonObject body, string name, string? ns)
    {
        var meta = MetaOf(body);
        if ((string?)meta["name"] != name)
        {
            throw ApiRefusal.BadRequest($"the name of the object ({(string?)meta["name"]}{(meta["name"] is null ? "based on URL) was undeterminable: name must be provided" : $") does not match the name on the URL ({name})")}");
        }

        MustBeIn(ns, meta);
    }

    private static void MustBeIn(string? ns, JsonObject meta)
    {
        if (ns is not null && (string?)meta["namespace"] is { Length: > 0 } said && said != ns)
        {
            throw ApiRefusal.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }
    }

    private static JsonObject MetaOf(JsonObject body) => Rules.Defaults.Object(body, "metadata");
}
