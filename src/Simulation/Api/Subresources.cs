using System.Net;
using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api;

/// <summary>What is asked of an address under an object's own.</summary>
internal sealed class Subresources(Registry registry, PodLogs logs, TimeProvider time, ObjectVerbs objects)
{
    private readonly ObjectWrites _writes = new(registry, time);
    private readonly Evictions _evictions = new(registry, time);
    private readonly Scales _scales = new(registry);

    public HttpResponseMessage Answer(ApiRequest asked)
    {
        var (kind, ns, name, subresource) = asked.Resource!;
        return (subresource, asked.Verb) switch
        {
            ("status", "get") when kind.HasStatus => objects.Object(kind, Find(kind, ns, name!)),
            ("status", "update") when kind.HasStatus => objects.Result(kind, _writes.Replace(asked, WritePart.Status)),
            ("status", "patch") when kind.HasStatus => objects.Result(kind, _writes.Patch(asked, WritePart.Status)),
            ("eviction", "create") when kind == Kinds.Pod => ApiAnswers.Json(HttpStatusCode.Created, _evictions.Evict(ns!, name!, asked.ReadBody(), asked.Query)),
            ("binding", "create") when kind == Kinds.Pod => Bind(ns!, name!, asked),
            ("log", "get") when kind == Kinds.Pod => Log(ns!, name!, asked.Query),
            ("scale", _) when kind.HasScale => _scales.Answer(asked),
            ("finalize", "update") when kind == Kinds.Namespace => Finalize(name!, asked),
            ("status" or "eviction" or "binding" or "log", _) => throw ApiRefusal.MethodNotAllowed(),
            _ => throw ApiRefusal.NoSuchPath(),
        };
    }

    private JsonObject Find(ResourceKind kind, string? ns, string name) => registry.Store.Find(kind, ns, name) ?? throw ApiRefusal.NotFound(kind, name);

    private HttpResponseMessage Finalize(string name, ApiRequest asked)
    {
        var wanted = asked.ReadBody()["spec"]?["finalizers"]?.DeepClone();
        return objects.Object(Kinds.Namespace, registry.Change(Kinds.Namespace, null, name, ns => Rules.Defaults.Object(ns, "spec")["finalizers"] = wanted));
    }

    private HttpResponseMessage Bind(string ns, string name, ApiRequest asked)
    {
        var node = (string?)asked.ReadBody()["target"]?["name"] ?? "";
        if (node.Length == 0)
        {
            throw new ApiRefusal(HttpStatusCode.InternalServerError, "", "target.name: Required value");
        }

        registry.Change(Kinds.Pod, ns, name, pod => Bind(pod, name, node), new WriteOptions(asked.Query.IsDryRun));
        return ApiAnswers.Json(HttpStatusCode.Created, ApiStatus.Success(details: null, code: 201));
    }

    private void Bind(JsonObject pod, string name, string node)
    {
        var problem = (string?)pod["spec"]!["nodeName"] is { Length: > 0 } bound ? $"pod {name} is already assigned to node \"{bound}\""
            : pod["metadata"]!["deletionTimestamp"] is not null ? $"pod {name} is being deleted, cannot be assigned to a host"
            : pod["spec"]!["schedulingGates"] is JsonArray { Count: > 0 } ? $"pod {name} has non-empty .spec.schedulingGates"
            : null;
        if (problem is not null)
        {
            throw new ApiRefusal(HttpStatusCode.Conflict, "Conflict", $"Operation cannot be fulfilled on pods/binding \"{name}\": {problem}")
            {
                Details = new ApiDetails(name, Kind: "pods/binding"),
            };
        }

        pod["spec"]!["nodeName"] = node;
        var status = Rules.Defaults.Object(pod, "status");
        var others = (status["conditions"] as JsonArray ?? []).Where(each => (string?)each?["type"] is not "PodScheduled").Select(each => each?.DeepClone());
        var scheduled = new JsonObject { ["type"] = "PodScheduled", ["status"] = "True", ["lastTransitionTime"] = ApiTime.Text(time.GetUtcNow()) };
        status["conditions"] = new JsonArray([.. others, scheduled]);
    }

    private HttpResponseMessage Log(string ns, string name, ApiQuery query)
    {
        var pod = Find(Kinds.Pod, ns, name);
        var container = ContainerOf(pod, name, query["container"]);
        if ((string?)pod["spec"]!["nodeName"] is not { Length: > 0 })
        {
            return new HttpResponseMessage(HttpStatusCode.NoContent);
        }

        var text = logs.Read((string)pod["metadata"]!["uid"]!, container);
        return ApiAnswers.Text(HttpStatusCode.OK, query.Number("tailLines") is { } lines ? Tail(text, (int)lines) : text);
    }

    private static string ContainerOf(JsonObject pod, string name, string? wanted)
    {
        var all = ((string[])["initContainers", "containers"]).SelectMany(list => pod["spec"]![list] as JsonArray ?? []).Select(each => (string)each!["name"]!).ToList();
        if (wanted is null && all.Count > 1)
        {
            throw ApiRefusal.BadRequest($"a container name must be specified for pod {name}, choose one of: [{string.Join(' ', all)}]");
        }

        var container = wanted ?? all[0];
        return all.Contains(container, StringComparer.Ordinal) ? container : throw ApiRefusal.BadRequest($"container {container} is not valid for pod {name}");
    }

    private static string Tail(string text, int lines)
    {
        var all = text.Split('\n');
        var whole = text.EndsWith('\n') ? all.Length - 1 : all.Length;
        return whole <= lines ? text : string.Join('\n', all[(whole - lines)..]);
    }
}
