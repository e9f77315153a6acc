using System.Text.Json.Nodes;

namespace Stepper.Cluster.Kubernetes;

/// <summary>What a merge patch (RFC 7386) asks for, looked for in an object.</summary>
internal static class MergePatch
{
    /// <summary>Whether an object is as the patch wants it. The resourceVersion in the patch is a condition and no wish.</summary>
    public static bool IsDone(JsonObject patch, JsonObject now)
    {
        var wanted = patch.DeepClone().AsObject();
        (wanted["metadata"] as JsonObject)?.Remove("resourceVersion");
        return Holds(wanted, now);
    }

    private static bool Holds(JsonObject wanted, JsonObject? now) => wanted.All(field => field.Value switch
    {
        null => now?[field.Key] is null,
        JsonObject map => Holds(map, now?[field.Key] as JsonObject),
        var value => JsonNode.DeepEquals(value, now?[field.Key]),
    });
}
