using System.Text.Json.Nodes;
using Stepper.Simulation.Api.Schema;

namespace Stepper.Simulation.Api.Applying;

/// <summary>Merges what is applied into an object, and takes fields out of it.</summary>
internal static class AppliedMerge
{
    public static void Merge(JsonObject target, JsonObject applied, FieldShape? shape)
    {
        foreach (var (key, value) in applied)
        {
            var under = KindSchema.Under(shape, key);
            if (value is JsonObject body && target[key] is JsonObject there && under is { IsAtomic: false })
            {
                Merge(there, body, under);
            }
            else if (value is JsonArray items && target[key] is JsonArray list && under is { IsKeyed: true } or { IsSet: true })
            {
                MergeItems((JsonArray)target[key]!, (JsonArray)value!, under);
            }
            else
            {
                target[key] = value?.DeepClone();
            }
        }
    }

    public static void Remove(JsonObject target, FieldSet gone, FieldShape? shape)
    {
        foreach (var (step, set) in gone.Children)
        {
            var key = step[2..];
            var under = KindSchema.Under(shape, key);
            switch (target[key])
            {
                case null:
                    break;
                case JsonObject body when set.Children.Count > 0:
                    Remove(body, set, under);
                    DropIfEmpty(target, key, body.Count);
                    break;
                case JsonArray list when set.Children.Count > 0 && under is not null:
                    RemoveItems(list, set, under);
                    DropIfEmpty(target, key, list.Count);
                    break;
                default:
                    target.Remove(key);
                    break;
            }
        }
    }

    /// <summary>Null when no list names one item twice.</summary>
    public static string? Duplicate(JsonNode? value, FieldShape? shape, string path)
    {
        if (value is null || FieldSets.Parts(value, shape) is not { } parts)
        {
            return null;
        }

        if (parts.GroupBy(part => part.Step, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            var key = string.Join(",", JsonNode.Parse(twice.Key[2..])!.AsObject().Select(pair => $"{pair.Key}={pair.Value!.ToJsonString()}"));
            return $"{path}: duplicate entries for key [{key}]";
        }

        return parts.Select(part => Duplicate(part.Value, part.Shape, part.Step[0] == 'f' ? $"{path}.{part.Step[2..]}" : path)).FirstOrDefault(problem => problem is not null);
    }

    private static void MergeItems(JsonArray list, JsonArray applied, FieldShape shape)
    {
        foreach (var item in applied)
        {
            var at = Find(list, item, shape);
            if (at < 0)
            {
                list.Add(item?.DeepClone());
            }
            else if (item is JsonObject body && list[at] is JsonObject there)
            {
                Merge(there, body, shape.Item);
            }
        }
    }

    private static void RemoveItems(JsonArray list, FieldSet gone, FieldShape shape)
    {
        for (var i = list.Count - 1; i >= 0; i--)
        {
            var step = shape.IsKeyed ? FieldSets.KeyOf(list[i], shape) : "v:" + list[i]!.ToJsonString();
            if (!gone.Children.TryGetValue(step, out var set))
            {
                continue;
            }

            if (set.IsIn || list[i] is not JsonObject body)
            {
                list.RemoveAt(i);
            }
            else
            {
                Remove(body, set, shape.Item);
            }
        }
    }

    private static int Find(JsonArray list, JsonNode? item, FieldShape shape)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (shape.IsKeyed ? FieldSets.KeyOf(list[i], shape) == FieldSets.KeyOf(item, shape) : JsonNode.DeepEquals(list[i], item))
            {
                return i;
            }
        }

        return -1;
    }

    private static void DropIfEmpty(JsonObject target, string key, int count)
    {
        if (count == 0)
        {
            target.Remove(key);
        }
    }
}
