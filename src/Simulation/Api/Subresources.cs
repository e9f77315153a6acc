using System.Net;
using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api;

/// <summary>What is asked of an address under an object's own.</summary>
internal sealed class Subresources(Registry registry, PodLogs logs, TimeProvider time, ObjectVerbs objects)
{
    private readonly ObjectWrites _writes = new(registry);
    private readonly Evictions _evictions = new(registry, time);

    public HttpResponseMessage Answer(ApiRequest asked)
    {
        var (kind, ns, name, subresource) = asked.Resource!;
        return (subresource, asked.Verb) switch
        {
            ("status", "get") when kind.HasStatus => objects.Object(kind, Find(kind, ns, name!)),
            ("status", "update") when kind.HasStatus => objects.Object(kind, _writes.Replace(asked, WritePart.Status)),
            ("status", "patch") when kind.HasStatus => objects.Object(kind, _writes.Patch(asked, WritePart.Status).Made),
            ("eviction", "create") when kind == Kinds.Pod => ApiAnswers.Json(HttpStatusCode.Created, _evictions.Evict(ns!, name!, asked.ReadBody(), asked.Query)),
            ("binding", "create") when kind == Kinds.Pod => Bind(ns!, name!, asked),
            ("log", "get") when kind == Kinds.Pod => Log(ns!, name!, asked.Query),
            ("status" or "eviction" or "binding" or "log", _) => throw ApiRefusal.MethodNotAllowed(),
            _ => throw ApiRefusal.NoSuchPath(),
        };
    }

    private JsonObject Find(ResourceKind kind, string? ns, string name) => registry.Store.Find(kind, ns, name) ?? throw ApiRefusal.NotFound(kind, name);

    private HttpResponseMessage Bind(string ns, string name, ApiRequest asked)
    {
        var node = (string?)asked.ReadBody()["target"]?["name"] ?? "";
        registry.Change(Kinds.Pod, ns, name, pod => Bind(pod, name, node), asked.Query.IsDryRun);
        return ApiAnswers.Json(HttpStatusCode.Created, ApiStatus.Success(details: null, code: 201));
    }

    private static void Bind(JsonObject pod, string name, string node)
    {
        if ((string?)pod["spec"]!["nodeName"] is { Length: > 0 } bound)
        {
            throw ApiRefusal.Conflict(Kinds.Pod, name, $"pod {name} is already assigned to node \"{bound}\"");
        }

        if (pod["metadata"]!["deletionTimestamp"] is not null)
        {
            throw ApiRefusal.Conflict(Kinds.Pod, name, $"pod {name} is being deleted, cannot be assigned to a host");
        }

        pod["spec"]!["nodeName"] = node;
    }

    private HttpResponseMessage Log(string ns, string name, ApiQuery query)
    {
        var pod = Find(Kinds.Pod, ns, name);
        var names = (pod["spec"]!["containers"] as JsonArray ?? []).Select(each => (string)each!["name"]!).ToList();
        var container = query["container"] ?? names[0];
        if (query["container"] is null && names.Count > 1)
        {
            throw ApiRefusal.BadRequest($"a container name must be specified for pod {name}, choose one of: [{string.Join(' ', names)}]");
        }

        if (!names.Contains(container, StringComparer.Ordinal))
        {
            throw ApiRefusal.BadRequest($"container {container} is not valid for pod {name}");
        }

        if ((string?)pod["spec"]!["nodeName"] is not { Length: > 0 })
        {
            return ApiAnswers.Text(HttpStatusCode.OK, "");
        }

        var text = logs.Read((string)pod["metadata"]!["uid"]!, container);
        return ApiAnswers.Text(HttpStatusCode.OK, query.Number("tailLines") is { } lines ? Tail(text, (int)lines) : text);
    }

    private static string Tail(string text, int lines)
    {
        var all = text.Split('\n');
        var whole = text.EndsWith('\n') ? all.Length - 1 : all.Length;
        return whole <= lines ? text : string.Join('\n', all[(whole - lines)..]);
    }
}
