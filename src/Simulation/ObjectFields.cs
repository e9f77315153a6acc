using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Stepper.Simulation;

/// <summary>Reads the fields of an object of the API where only its JSON is at hand. What is not there reads as empty.</summary>
public static class ObjectFields
{
    private const string TimeForm = "yyyy-MM-ddTHH:mm:ssZ";

    public static string Name(this JsonObject body) => (string)body["metadata"]!["name"]!;

    /// <summary>Empty for what is not namespaced.</summary>
    public static string Namespace(this JsonObject body) => (string?)body["metadata"]!["namespace"] ?? "";

    public static string Uid(this JsonObject body) => (string?)body["metadata"]!["uid"] ?? "";

    public static ObjectKey Key(this JsonObject body) => new(body.Namespace(), body.Name());

    public static bool IsBeingDeleted(this JsonObject body) => body["metadata"]!["deletionTimestamp"] is not null;

    /// <summary>Goes down into objects; null as soon as there is nothing.</summary>
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var step in path)
        {
            node = (node as JsonObject)?[step];
        }

        return node;
    }

    public static string Text(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value ? value.ToString() : "";

    /// <summary>Whether a field holds that text. Compared in place: this is asked of every pod whenever one of many has changed.</summary>
    public static bool Says(this JsonNode? node, string text, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value
        && (value.TryGetValue(out JsonElement read) && read.ValueKind == JsonValueKind.String ? read.ValueEquals(text) : value.ToString() == text);

    public static int Number(this JsonNode? node, params ReadOnlySpan<string> path) => node.NumberOrNull(path) ?? 0;

    public static int? NumberOrNull(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && int.TryParse(value.ToString(), CultureInfo.InvariantCulture, out var number) ? number : null;

    public static bool Flag(this JsonNode? node, params ReadOnlySpan<string> path) => node.Text(path) == "true";

    public static IEnumerable<JsonObject> Items(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonArray array ? array.OfType<JsonObject>() : [];

    public static IEnumerable<string> Words(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonArray array ? array.Select(item => item?.ToString() ?? "") : [];

    public static IReadOnlyDictionary<string, string> Map(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonObject map
            ? map.ToDictionary(pair => pair.Key, pair => pair.Value?.ToString() ?? "", StringComparer.Ordinal)
            : Empty;

    public static IReadOnlyDictionary<string, string> Labels(this JsonObject body) => body.Map("metadata", "labels");

    public static string Annotation(this JsonObject body, string name) => body.Text("metadata", "annotations", name);

    public static DateTimeOffset? Time(this JsonNode? node, params ReadOnlySpan<string> path) =>
        DateTimeOffset.TryParse(node.Text(path), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    /// <summary>A time as the API writes it: whole seconds.</summary>
    public static string AsField(this DateTimeOffset time) => time.UtcDateTime.ToString(TimeForm, CultureInfo.InvariantCulture);

    /// <summary>The owner that answers for an object; null for one that stands alone.</summary>
    public static JsonObject? Controller(this JsonObject body) =>
        body.Items("metadata", "ownerReferences").FirstOrDefault(owner => owner.Flag("controller"));

    public static JsonObject? Condition(this JsonObject body, string type)
    {
        if (body.At("status", "conditions") is JsonArray conditions)
        {
            for (var index = 0; index < conditions.Count; index++)
            {
                if (conditions[index] is JsonObject condition && condition.Says(type, "type"))
                {
                    return condition;
                }
            }
        }

        return null;
    }

    public static bool HasCondition(this JsonObject body, string type) => body.Condition(type).Says("True", "status");

    /// <summary>Sets one of <c>status.conditions</c>; its time of transition stays where its status stays.</summary>
    public static void SetCondition(this JsonObject body, string type, string status, string? reason, string? message, DateTimeOffset now)
    {
        var bodyStatus = body.Child("status");
        var conditions = bodyStatus["conditions"] as JsonArray ?? [];
        bodyStatus["conditions"] ??= conditions;
        var condition = body.Condition(type);
        if (condition is null)
        {
            condition = new JsonObject { ["type"] = type };
            conditions.Add((JsonNode)condition);
        }

        if (condition.Text("status") != status)
        {
            condition["lastTransitionTime"] = now.AsField();
        }

        condition["status"] = status;
        SetOrRemove(condition, "reason", reason);
        SetOrRemove(condition, "message", message);
    }

    /// <summary>The object in a field, made when there is none.</summary>
    public static JsonObject Child(this JsonObject body, string name)
    {
        if (body[name] is JsonObject there)
        {
            return there;
        }

        var made = new JsonObject();
        body[name] = made;
        return made;
    }

    public static bool IsFinished(this JsonObject pod) => pod.At("status", "phase") is { } phase && (phase.Says("Succeeded") || phase.Says("Failed"));

    public static bool IsReady(this JsonObject pod) => pod.HasCondition("Ready");

    public static string NodeName(this JsonObject pod) => pod.Text("spec", "nodeName");

    private static IReadOnlyDictionary<string, string> Empty { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    private static void SetOrRemove(JsonObject body, string name, string? value)
    {
        if (value is null)
        {
            body.Remove(name);
        }
        else
        {
            body[name] = value;
        }
    }
}

/// <summary>Where an object of one kind is. The namespace is empty for what has none.</summary>
public readonly record struct ObjectKey(string Namespace, string Name)
{
    public override string ToString() => Namespace.Length == 0 ? Name : $"{Namespace}/{Name}";
}
