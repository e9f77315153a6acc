using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api.Discovery;

/// <summary>What the server says of itself: its groups, kinds and verbs, and where fields may be validated.</summary>
internal static class ApiDiscovery
{
    private static readonly string[] Reviews = ["authorization.k8s.io", "authentication.k8s.io"];

    private static readonly string[] Groups = [.. Kinds.All.Select(kind => kind.Group).Where(group => group.Length > 0).Concat(Reviews).Distinct(StringComparer.Ordinal)];

    /// <summary>Null for an address that says nothing of the server.</summary>
    /// <param name="path">Without a slash at its end.</param>
    public static JsonObject? Find(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
    {
        ["api"] => new JsonObject { ["kind"] = "APIVersions", ["versions"] = new JsonArray("v1"), ["serverAddressByClientCIDRs"] = new JsonArray() },
        ["api", "v1"] => ResourceList(""),
        ["apis"] => new JsonObject { ["kind"] = "APIGroupList", ["apiVersion"] = "v1", ["groups"] = new JsonArray([.. Groups.Select(group => Group(group))]) },
        ["apis", var group] when Groups.Contains(group, StringComparer.Ordinal) => Group(group, isRoot: true),
        ["apis", var group, "v1"] when Groups.Contains(group, StringComparer.Ordinal) => ResourceList(group),
        ["openapi", "v3"] => OpenApi.Index(Groups),
        ["openapi", "v3", "api", "v1"] => OpenApi.Document(""),
        ["openapi", "v3", "apis", var group, "v1"] when Groups.Contains(group, StringComparer.Ordinal) => OpenApi.Document(group),
        _ => null,
    };

    private static JsonObject Group(string group, bool isRoot = false)
    {
        var made = isRoot ? new JsonObject { ["kind"] = "APIGroup", ["apiVersion"] = "v1" } : [];
        made["name"] = group;
        made["versions"] = new JsonArray(Version());
        made["preferredVersion"] = Version();
        return made;

        JsonObject Version() => new() { ["groupVersion"] = group + "/v1", ["version"] = "v1" };
    }

    private static JsonObject ResourceList(string group) => new()
    {
        ["kind"] = "APIResourceList",
        ["apiVersion"] = "v1",
        ["groupVersion"] = group.Length == 0 ? "v1" : group + "/v1",
        ["resources"] = new JsonArray([.. Kinds.All.Where(kind => kind.Group == group).SelectMany(Resources).Concat(ReviewsOf(group))]),
    };

    private static IEnumerable<JsonNode> ReviewsOf(string group) => group switch
    {
        "authorization.k8s.io" => [Resource("selfsubjectaccessreviews", "SelfSubjectAccessReview", false, "create")],
        "authentication.k8s.io" => [Resource("selfsubjectreviews", "SelfSubjectReview", false, "create")],
        _ => [],
    };

    private static IEnumerable<JsonNode> Resources(ResourceKind kind)
    {
        string[] verbs = kind == Kinds.Namespace
            ? ["create", "delete", "get", "list", "patch", "update", "watch"]
            : ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
        var main = Resource(kind.Plural, kind.Kind, kind.Namespaced, verbs);
        main["singularName"] = kind.Kind.ToLowerInvariant();
        if (kind.ShortName.Length > 0)
        {
            main["shortNames"] = new JsonArray(kind.ShortName);
        }

        if (kind.Group is "apps" or "batch" || kind == Kinds.Pod || kind == Kinds.Service)
        {
            main["categories"] = new JsonArray("all");
        }

        yield return main;
        if (kind.HasStatus)
        {
            yield return Resource(kind.Plural + "/status", kind.Kind, kind.Namespaced, "get", "patch", "update");
        }

        if (kind.HasScale)
        {
            yield return Resource(kind.Plural + "/scale", "Scale", kind.Namespaced, ["get", "patch", "update"], "autoscaling");
        }

        if (kind == Kinds.Namespace)
        {
            yield return Resource("namespaces/finalize", "Namespace", false, "update");
        }

        if (kind == Kinds.Pod)
        {
            yield return Resource("pods/binding", "Binding", true, "create");
            yield return Resource("pods/eviction", "Eviction", true, ["create"], "policy");
            yield return Resource("pods/log", "Pod", true, "get");
        }
    }

    private static JsonObject Resource(string name, string kind, bool namespaced, params string[] verbs) => Resource(name, kind, namespaced, verbs, group: null);

    private static JsonObject Resource(string name, string kind, bool namespaced, string[] verbs, string? group)
    {
        var made = new JsonObject
        {
            ["name"] = name,
            ["singularName"] = "",
            ["namespaced"] = namespaced,
            ["kind"] = kind,
            ["verbs"] = new JsonArray([.. verbs.Select(verb => JsonValue.Create(verb))]),
        };
        if (group is not null)
        {
            made["group"] = group;
            made["version"] = "v1";
        }

        return made;
    }
}
