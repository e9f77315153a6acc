using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api.Applying;

/// <summary>A set of an object's fields, as <c>fieldsV1</c> of <c>metadata.managedFields</c> has it: a tree of <c>f:</c> field, <c>k:</c> list item and <c>v:</c> value.</summary>
internal sealed class FieldSet
{
    private const string Self = ".";

    public SortedDictionary<string, FieldSet> Children { get; } = new(StringComparer.Ordinal);

    /// <summary>The field at this place is in the set itself, not only what is under it.</summary>
    public bool IsIn { get; set; }

    public bool IsEmpty => !IsIn && Children.Count == 0;

    public static FieldSet Read(JsonObject fields)
    {
        var set = new FieldSet();
        foreach (var (key, value) in fields)
        {
            if (key == Self)
            {
                set.IsIn = true;
            }
            else
            {
                var child = Read(value as JsonObject ?? []);
                child.IsIn |= child.Children.Count == 0;
                set.Children[key] = child;
            }
        }

        return set;
    }

    public JsonObject Write()
    {
        var fields = new JsonObject();
        if (IsIn && Children.Count > 0)
        {
            fields[Self] = new JsonObject();
        }

        foreach (var (key, child) in Children)
        {
            fields[key] = child.Write();
        }

        return fields;
    }

    public FieldSet Under(string step)
    {
        if (!Children.TryGetValue(step, out var child))
        {
            Children[step] = child = new FieldSet();
        }

        return child;
    }

    public FieldSet Union(FieldSet other) => Combine(other, static (one, two) => one || two);

    public FieldSet Minus(FieldSet other) => Combine(other, static (one, two) => one && !two);

    public FieldSet Common(FieldSet other) => Combine(other, static (one, two) => one && two);

    public bool SameAs(FieldSet other) => Minus(other).IsEmpty && other.Minus(this).IsEmpty;

    /// <summary>The fields as a person writes them: <c>.spec.taints</c>, <c>.status.conditions[type="Ready"].status</c>.</summary>
    public IEnumerable<string> Paths(string start = "")
    {
        if (IsIn && start.Length > 0)
        {
            yield return start;
        }

        foreach (var path in Children.SelectMany(pair => pair.Value.Paths(start + Text(pair.Key))))
        {
            yield return path;
        }
    }

    private static string Text(string step)
    {
        if (step.StartsWith("k:", StringComparison.Ordinal))
        {
            var keys = JsonNode.Parse(step[2..])!.AsObject();
            return "[" + string.Join(",", keys.Select(pair => $"{pair.Key}={pair.Value!.ToJsonString()}")) + "]";
        }

        return step.StartsWith("v:", StringComparison.Ordinal) ? $"[={step[2..]}]" : "." + step[2..];
    }

    private FieldSet Combine(FieldSet other, Func<bool, bool, bool> holds)
    {
        var made = new FieldSet { IsIn = holds(IsIn, other.IsIn) };
        foreach (var key in Children.Keys.Union(other.Children.Keys, StringComparer.Ordinal))
        {
            var child = (Children.GetValueOrDefault(key) ?? new()).Combine(other.Children.GetValueOrDefault(key) ?? new(), holds);
            if (!child.IsEmpty)
            {
                made.Children[key] = child;
            }
        }

        return made;
    }
}
