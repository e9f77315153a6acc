using System.Net;
using System.Text.Json.Nodes;
using Stepper.Simulation.Api.Schema;

namespace Stepper.Simulation.Api.Patching;

/// <summary>
/// Kubernetes' own patch: as a merge patch, but lists that have a key are merged item by item, and <c>$patch</c>, <c>$deleteFromPrimitiveList</c> and
/// <c>$setElementOrder</c> say what a merge alone can't.
/// </summary>
internal static class StrategicMergePatch
{
    private const string Directive = "$patch";
    private const string DeleteFrom = "$deleteFromPrimitiveList/";
    private const string OrderOf = "$setElementOrder/";
    private const string RetainKeys = "$retainKeys";

    /// <exception cref="ApiRefusal">500: as the real server answers a patch that can't be understood.</exception>
    public static void Apply(JsonObject target, JsonObject patch, FieldShape? shape)
    {
        foreach (var (key, value) in patch)
        {
            if (key.StartsWith(DeleteFrom, StringComparison.Ordinal))
            {
                TakeOut(target[key[DeleteFrom.Length..]] as JsonArray, value as JsonArray ?? []);
            }
            else if (key is not RetainKeys && !key.StartsWith(OrderOf, StringComparison.Ordinal))
            {
                Set(target, key, value, KindSchema.Under(shape, key), patch[OrderOf + key] as JsonArray);
            }
        }

        foreach (var (key, value) in patch.Where(pair => pair.Key.StartsWith(OrderOf, StringComparison.Ordinal) && !patch.ContainsKey(pair.Key[OrderOf.Length..])))
        {
            var field = key[OrderOf.Length..];
            if (target[field] is JsonArray list && KindSchema.Under(shape, field)?.MergeKey is { } mergeKey)
            {
                target[field] = MergedList.Ordered(list, list, value as JsonArray ?? [], mergeKey);
            }
        }
    }

    private static void Set(JsonObject target, string key, JsonNode? value, FieldShape? shape, JsonArray? order)
    {
        switch (value)
        {
            case null:
                target.Remove(key);
                break;
            case JsonObject inner:
                SetObject(target, key, inner, shape);
                break;
            case JsonArray list when shape?.MergeKey is { } mergeKey:
                target[key] = MergedList.Of(target[key] as JsonArray ?? [], list, order, mergeKey, shape.Item);
                break;
            default:
                target[key] = value.DeepClone();
                break;
        }
    }

    private static void SetObject(JsonObject target, string key, JsonObject patch, FieldShape? shape)
    {
        switch ((string?)patch[Directive])
        {
            case "delete":
                target.Remove(key);
                return;
            case "replace":
                target[key] = Without(patch);
                return;
            case null or "merge":
                break;
            case var unknown:
                throw Unreadable($"unknown patch type: {unknown} in map: map[$patch:{unknown}]");
        }

        if (target[key] is not JsonObject there)
        {
            target[key] = there = [];
        }

        Apply(there, Without(patch), shape);
    }

    internal static JsonObject Without(JsonObject patch)
    {
        var plain = patch.DeepClone().AsObject();
        plain.Remove(Directive);
        return plain;
    }

    internal static ApiRefusal Unreadable(string message) => new(HttpStatusCode.InternalServerError, "", message);

    private static void TakeOut(JsonArray? list, JsonArray gone)
    {
        for (var i = (list?.Count ?? 0) - 1; i >= 0; i--)
        {
            if (gone.Any(each => JsonNode.DeepEquals(each, list![i])))
            {
                list!.RemoveAt(i);
            }
        }
    }
}
