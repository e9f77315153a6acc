using System.Text.Json.Nodes;
using Stepper.Simulation.Api.Schema;

namespace Stepper.Simulation.Api.Applying;

/// <summary>Which fields an object has, and which differ between two.</summary>
internal static class FieldSets
{
    // What nobody owns.
    private static readonly string[] Unowned =
    [
        "name", "namespace", "creationTimestamp", "selfLink", "uid", "resourceVersion", "generation", "managedFields", "deletionTimestamp", "deletionGracePeriodSeconds",
    ];

    /// <summary>Without what identifies the object and what the server writes.</summary>
    public static JsonObject Ownable(JsonObject body, bool withStatus)
    {
        var plain = body.DeepClone().AsObject();
        plain.Remove("apiVersion");
        plain.Remove("kind");
        if (!withStatus)
        {
            plain.Remove("status");
        }

        if (plain["metadata"] is JsonObject meta)
        {
            foreach (var field in Unowned)
            {
                meta.Remove(field);
            }

            if (meta.Count == 0)
            {
                plain.Remove("metadata");
            }
        }

        return plain;
    }

    /// <param name="whole">Maps and lists that are not empty count themselves too: so for an update, not for what is applied.</param>
    public static void AddAll(FieldSet set, JsonNode? value, FieldShape? shape, bool whole)
    {
        if (value is null || Parts(value, shape) is not { Count: > 0 } parts)
        {
            set.IsIn = true;
            return;
        }

        set.IsIn |= whole && shape!.Form != ShapeForm.Object;
        foreach (var (step, item, itemShape) in parts)
        {
            var child = set.Under(step);
            child.IsIn |= step[0] is 'k' or 'v';
            if (step[0] != 'v')
            {
                AddAll(child, item, itemShape, whole);
            }
        }
    }

    /// <summary>Finds what is new or another in <paramref name="now"/>, and what is gone from it.</summary>
    public static void Compare(JsonNode? old, JsonNode? now, FieldShape? shape, FieldSet changed, FieldSet removed)
    {
        if (JsonNode.DeepEquals(old, now))
        {
            return;
        }

        if (old is null)
        {
            AddAll(changed, now, shape, whole: true);
        }
        else if (now is null)
        {
            AddAll(removed, old, shape, whole: true);
        }
        else if (Parts(old, shape) is { } before && Parts(now, shape) is { } after)
        {
            CompareParts(before, after, changed, removed);
        }
        else
        {
            changed.IsIn = true;
        }
    }

    /// <summary>What an object, a map or a list that is known by keys consists of; null for what is one value.</summary>
    public static List<(string Step, JsonNode? Value, FieldShape? Shape)>? Parts(JsonNode value, FieldShape? shape) => (value, shape) switch
    {
        (_, null or { IsAtomic: true }) => null,
        (JsonObject body, { Form: ShapeForm.Object or ShapeForm.Map }) => [.. body.Select(pair => ("f:" + pair.Key, pair.Value, KindSchema.Under(shape, pair.Key)))],
        (JsonArray items, { IsKeyed: true }) => [.. items.Select(item => (KeyOf(item, shape), item, shape.Item))],
        (JsonArray items, { IsSet: true }) => [.. items.Select(item => ("v:" + item!.ToJsonString(), item, shape.Item))],
        _ => null,
    };

    public static string KeyOf(JsonNode? item, FieldShape shape)
    {
        var key = new JsonObject();
        foreach (var name in shape.Keys.Order(StringComparer.Ordinal))
        {
            // The one key that has a default.
            key[name] = item?[name]?.DeepClone() ?? (name is "protocol" ? "TCP" : "");
        }

        return "k:" + key.ToJsonString();
    }

    private static void CompareParts(
        List<(string Step, JsonNode? Value, FieldShape? Shape)> before, List<(string Step, JsonNode? Value, FieldShape? Shape)> after, FieldSet changed, FieldSet removed)
    {
        var old = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var (step, value, _) in before)
        {
            old[step] = value;
        }

        foreach (var (step, value, shape) in after)
        {
            var (there, gone) = (new FieldSet(), new FieldSet());
            var isNew = !old.Remove(step, out var was);
            Compare(was, value, shape, there, gone);
            there.IsIn |= isNew && step[0] is 'k' or 'v' && isNew;
            Keep(changed, step, there);
            Keep(removed, step, gone);
        }

        foreach (var (step, value) in old)
        {
            var gone = removed.Under(step);
            gone.IsIn |= step[0] is 'k' or 'v';
            AddAll(gone, value, before.First(part => part.Step == step).Shape, whole: true);
        }
    }

    private static void Keep(FieldSet set, string step, FieldSet child)
    {
        if (!child.IsEmpty)
        {
            set.Children[step] = child;
        }
    }
}
