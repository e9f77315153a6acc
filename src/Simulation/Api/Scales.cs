using System.Text.Json.Nodes;
using Stepper.Simulation.Api.Patching;

namespace Stepper.Simulation.Api;

/// <summary><c>deployments/scale</c> and its like: an <c>autoscaling/v1 Scale</c> in front of the replicas of an object.</summary>
internal sealed class Scales(Registry registry)
{
    public HttpResponseMessage Answer(ApiRequest asked)
    {
        var (kind, ns, name, _) = asked.Resource!;
        var found = registry.Store.Find(kind, ns, name!) ?? throw ApiRefusal.NotFound(kind, name!);
        return asked.Verb switch
        {
            "get" => ApiAnswers.Json(System.Net.HttpStatusCode.OK, Of(found)),
            "update" => Set(kind, found, asked.ReadBody(), asked.Query.IsDryRun),
            "patch" => Patch(kind, found, asked),
            _ => throw ApiRefusal.MethodNotAllowed(),
        };
    }

    private HttpResponseMessage Patch(ResourceKind kind, JsonObject found, ApiRequest asked)
    {
        var scale = Of(found);
        var patch = asked.ReadPatch();
        if (patch is JsonArray operations)
        {
            JsonPatch.Apply(scale, operations);
        }
        else
        {
            MergePatch.Apply(scale, patch as JsonObject ?? []);
        }

        return Set(kind, found, scale, asked.Query.IsDryRun);
    }

    private HttpResponseMessage Set(ResourceKind kind, JsonObject found, JsonObject scale, bool dryRun)
    {
        var made = found.DeepClone().AsObject();
        made["spec"]!["replicas"] = scale["spec"]?["replicas"].AsLong() ?? 0;
        if ((string?)scale["metadata"]?["resourceVersion"] is { Length: > 0 } version)
        {
            made["metadata"]!["resourceVersion"] = version;
        }

        return ApiAnswers.Json(System.Net.HttpStatusCode.OK, Of(registry.Update(kind, found, made, new WriteOptions(dryRun))));
    }

    private static JsonObject Of(JsonObject body)
    {
        var meta = new JsonObject();
        foreach (var field in (ReadOnlySpan<string>)["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            meta[field] = body["metadata"]![field]?.DeepClone();
        }

        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = meta,
            ["spec"] = new JsonObject { ["replicas"] = body["spec"]?["replicas"].AsLong() ?? 0 },
            ["status"] = new JsonObject { ["replicas"] = body["status"]?["replicas"].AsLong() ?? 0, ["selector"] = Selector(body) },
        };
    }

    private static string Selector(JsonObject body) =>
        string.Join(',', (body["spec"]?["selector"]?["matchLabels"] as JsonObject ?? []).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={(string?)pair.Value}"));
}
