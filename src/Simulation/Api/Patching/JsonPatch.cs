using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api.Patching;

/// <summary>RFC 6902. As the real server, <c>replace</c> of what is not there adds it.</summary>
internal static class JsonPatch
{
    /// <exception cref="ApiRefusal">422: an operation can't be done, or a test failed. The real server does not say which.</exception>
    public static void Apply(JsonObject target, JsonArray patch)
    {
        foreach (var operation in patch)
        {
            Apply(target, operation as JsonObject ?? throw Impossible());
        }
    }

    private static void Apply(JsonObject target, JsonObject operation)
    {
        var path = (string?)operation["path"] ?? throw Impossible();
        switch ((string?)operation["op"])
        {
            case "add":
                Put(target, path, operation["value"]?.DeepClone(), insert: true);
                break;
            case "replace":
                Put(target, path, operation["value"]?.DeepClone(), insert: false);
                break;
            case "remove":
                Take(target, path);
                break;
            case "copy":
                Put(target, path, Find(target, From(operation))?.DeepClone(), insert: true);
                break;
            case "move":
                Put(target, path, Take(target, From(operation)), insert: true);
                break;
            case "test" when JsonNode.DeepEquals(Find(target, path), operation["value"]):
                break;
            default:
                throw Impossible();
        }
    }

    private static string From(JsonObject operation) => (string?)operation["from"] ?? throw Impossible();

    private static void Put(JsonObject target, string path, JsonNode? value, bool insert)
    {
        var (parent, key) = Parent(target, path);
        if (parent is JsonObject map)
        {
            map[key] = value;
        }
        else if (parent is JsonArray list && key == "-")
        {
            list.Add(value);
        }
        else if (parent is JsonArray items && Index(key, insert ? items.Count : items.Count - 1) is { } at)
        {
            if (!insert)
            {
                items.RemoveAt(at);
            }

            items.Insert(at, value);
        }
        else
        {
            throw Impossible();
        }
    }

    private static JsonNode? Take(JsonObject target, string path)
    {
        var (parent, key) = Parent(target, path);
        if (parent is JsonObject map && map.ContainsKey(key))
        {
            var value = map[key];
            map.Remove(key);
            return value;
        }

        if (parent is JsonArray list && Index(key, list.Count - 1) is { } at)
        {
            var value = list[at];
            list.RemoveAt(at);
            return value;
        }

        throw Impossible();
    }

    private static JsonNode? Find(JsonObject target, string path)
    {
        var (parent, key) = Parent(target, path);
        return parent switch
        {
            JsonObject map => map[key],
            JsonArray list when Index(key, list.Count - 1) is { } at => list[at],
            _ => throw Impossible(),
        };
    }

    private static (JsonNode? Parent, string Key) Parent(JsonObject target, string path)
    {
        var parts = path.Split('/').Skip(1).Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToList();
        if (parts.Count == 0)
        {
            throw Impossible();
        }

        JsonNode? at = target;
        foreach (var part in parts.SkipLast(1))
        {
            at = at switch
            {
                JsonObject map => map[part],
                JsonArray list when Index(part, list.Count - 1) is { } index => list[index],
                _ => null,
            };
        }

        return (at ?? throw Impossible(), parts[^1]);
    }

    private static int? Index(string text, int last) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= last ? index : null;

    private static ApiRefusal Impossible() =>
        new(HttpStatusCode.UnprocessableEntity, "Invalid", "the server rejected our request due to an error in our request") { Details = new ApiDetails() };
}
