using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api.Discovery;

/// <summary>As much of OpenAPI as kubectl needs to learn that the server itself validates fields, and may be asked for a dry run.</summary>
internal static class OpenApi
{
    public static JsonObject Index(IEnumerable<string> groups)
    {
        var paths = new JsonObject { ["api/v1"] = Link("api/v1") };
        foreach (var group in groups)
        {
            paths[$"apis/{group}/v1"] = Link($"apis/{group}/v1");
        }

        return new JsonObject { ["paths"] = paths };
    }

    public static JsonObject Document(string group)
    {
        var paths = new JsonObject();
        foreach (var kind in Kinds.All.Where(kind => kind.Group == group))
        {
            var root = group.Length == 0 ? "/api/v1" : $"/apis/{group}/v1";
            paths[$"{root}/{(kind.Namespaced ? "namespaces/{namespace}/" : "")}{kind.Plural}/{{name}}"] = new JsonObject { ["patch"] = Patch(kind) };
        }

        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "v1" },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = new JsonObject() },
        };
    }

    private static JsonObject Patch(ResourceKind kind) => new()
    {
        ["x-kubernetes-action"] = "patch",
        ["x-kubernetes-group-version-kind"] = new JsonObject { ["group"] = kind.Group, ["version"] = kind.Version, ["kind"] = kind.Kind },
        ["parameters"] = new JsonArray([.. ((string[])["dryRun", "fieldManager", "fieldValidation", "force"]).Select(Parameter)]),
        ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "OK" } },
    };

    private static JsonNode Parameter(string name) =>
        new JsonObject { ["name"] = name, ["in"] = "query", ["schema"] = new JsonObject { ["type"] = name is "force" ? "boolean" : "string" } };

    private static JsonObject Link(string path) => new() { ["serverRelativeURL"] = "/openapi/v3/" + path };
}
