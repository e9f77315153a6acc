using System.Text.Json.Nodes;
using Stepper.Simulation.Api.Schema;

namespace Stepper.Simulation.Api.Patching;

/// <summary>A list that a strategic merge patch merges item by item.</summary>
internal static class MergedList
{
    /// <param name="mergeKey">By which the items are known; empty: they are plain values.</param>
    /// <param name="order">The order that the patch wants; null: that of the patch itself.</param>
    public static JsonArray Of(JsonArray old, JsonArray patch, JsonArray? order, string mergeKey, FieldShape? item)
    {
        if (patch.OfType<JsonObject>().Any(each => (string?)each["$patch"] is "replace"))
        {
            return [.. patch.OfType<JsonObject>().Where(each => (string?)each["$patch"] is not "replace").Select(each => each.DeepClone())];
        }

        var merged = old.Select(each => each?.DeepClone()).ToList();
        foreach (var each in patch)
        {
            Merge(merged, each, mergeKey, item);
        }

        var wanted = order ?? [.. patch.Where(each => (string?)(each as JsonObject)?["$patch"] is not "delete").Select(each => each?.DeepClone())];
        return Ordered([.. merged], old, wanted, mergeKey);
    }

    /// <summary>What the patch names stands in the patch's order; what it does not name keeps its place beside what was there before.</summary>
    public static JsonArray Ordered(JsonArray merged, JsonArray old, JsonArray wanted, string mergeKey)
    {
        var named = new Queue<JsonNode?>(wanted.Select(each => Find(merged, each, mergeKey)).Where(found => found is not null));
        var others = new Queue<JsonNode?>(merged.Where(each => Find(wanted, each, mergeKey) is null));
        var result = new JsonArray();
        while (named.Count > 0 || others.Count > 0)
        {
            var fromNamed = others.Count == 0 || (named.Count > 0 && Comes(old, named.Peek(), others.Peek(), mergeKey));
            result.Add((fromNamed ? named : others).Dequeue()?.DeepClone());
        }

        return result;
    }

    private static void Merge(List<JsonNode?> merged, JsonNode? patch, string mergeKey, FieldShape? item)
    {
        if (patch is not JsonObject change || mergeKey.Length == 0)
        {
            if (!merged.Exists(each => JsonNode.DeepEquals(each, patch)))
            {
                merged.Add(patch?.DeepClone());
            }

            return;
        }

        if (change[mergeKey] is null)
        {
            throw StrategicMergePatch.Unreadable($"map: {change.ToJsonString()} does not contain declared merge key: {mergeKey}");
        }

        var at = merged.FindIndex(each => Same(each, change, mergeKey));
        if ((string?)change["$patch"] is "delete")
        {
            merged.RemoveAll(each => Same(each, change, mergeKey));
        }
        else if (at < 0)
        {
            var made = new JsonObject();
            StrategicMergePatch.Apply(made, StrategicMergePatch.Without(change), item);
            merged.Add(made);
        }
        else
        {
            StrategicMergePatch.Apply(merged[at]!.AsObject(), StrategicMergePatch.Without(change), item);
        }
    }

    // Two that both were there keep their order; one that is new comes first.
    private static bool Comes(JsonArray old, JsonNode? named, JsonNode? other, string mergeKey)
    {
        var (first, second) = (IndexOf(old, named, mergeKey), IndexOf(old, other, mergeKey));
        return first < 0 || second < 0 || first < second;
    }

    private static JsonNode? Find(JsonArray list, JsonNode? wanted, string mergeKey) => IndexOf(list, wanted, mergeKey) is >= 0 and var at ? list[at] : null;

    private static int IndexOf(JsonArray list, JsonNode? wanted, string mergeKey)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (Same(list[i], wanted, mergeKey))
            {
                return i;
            }
        }

        return -1;
    }

    private static bool Same(JsonNode? one, JsonNode? other, string mergeKey) =>
        mergeKey.Length == 0 ? JsonNode.DeepEquals(one, other) : JsonNode.DeepEquals(one?[mergeKey], other?[mergeKey]);
}
