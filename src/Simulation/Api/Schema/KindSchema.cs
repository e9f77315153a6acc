namespace Stepper.Simulation.Api.Schema;

/// <summary>
/// The fields of all kinds, as <c>kinds.schema</c> lists them: a line for a type, a word <c>name:shape</c> for a field. A shape is
/// <c>s</c> text, <c>i l n</c> numbers, <c>b</c> a flag, <c>t</c> a time, <c>q</c> a quantity, <c>x</c> a number or text, <c>o</c> anything, a type's name,
/// <c>[…]</c> a list, <c>{…}</c> a map; behind it <c>@key,key</c> a list known by keys, <c>*</c> a set, <c>!</c> one value, <c>#key</c> merged by a strategic merge patch.
/// </summary>
internal static class KindSchema
{
    private static readonly Dictionary<string, Dictionary<string, FieldShape>> All = Read();

    /// <summary>The shape of a whole object.</summary>
    public static FieldShape Of(ResourceKind kind) => Of(kind.Kind);

    /// <param name="type">As in <c>kinds.schema</c>.</param>
    public static FieldShape Of(string type) => new() { Form = ShapeForm.Object, Type = type };

    /// <summary>The fields of a type; null when any field may be there.</summary>
    public static IReadOnlyDictionary<string, FieldShape>? FieldsOf(string type) => All.GetValueOrDefault(type);

    /// <summary>What is under a key of an object or a map; null when it is not known.</summary>
    public static FieldShape? Under(FieldShape? shape, string key) => shape switch
    {
        { Form: ShapeForm.Object } => FieldsOf(shape.Type)?.GetValueOrDefault(key),
        { Form: ShapeForm.Map } => shape.Item,
        _ => null,
    };

    private static Dictionary<string, Dictionary<string, FieldShape>> Read()
    {
        using var stream = typeof(KindSchema).Assembly.GetManifestResourceStream("kinds.schema")!;
        using var reader = new StreamReader(stream);
        var types = new Dictionary<string, Dictionary<string, FieldShape>>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 0)
            {
                types[words[0]] = words.Skip(1).Select(word => word.Split(':', 2)).ToDictionary(pair => pair[0], pair => Parse(pair[1]), StringComparer.Ordinal);
            }
        }

        return types;
    }

    private static FieldShape Parse(string text)
    {
        var end = text[0] is '[' or '{' ? text.LastIndexOfAny([']', '}']) + 1 : End(text);
        var shape = Plain(text[..end]);
        var marks = text[end..];
        if (marks.IndexOf('#', StringComparison.Ordinal) is >= 0 and var merge)
        {
            shape = shape with { MergeKey = marks[(merge + 1)..] };
            marks = marks[..merge];
        }

        return marks switch
        {
            "" => shape,
            "*" => shape with { IsSet = true },
            "!" => shape with { IsAtomic = true },
            _ => shape with { Keys = marks[1..].Split(',') },
        };
    }

    private static int End(string text)
    {
        var at = text.AsSpan().IndexOfAny("@*!#");
        return at < 0 ? text.Length : at;
    }

    private static FieldShape Plain(string text) => text switch
    {
        "s" => new() { Form = ShapeForm.Text },
        "i" => new() { Form = ShapeForm.Int },
        "l" => new() { Form = ShapeForm.Long },
        "n" => new() { Form = ShapeForm.Number },
        "b" => new() { Form = ShapeForm.Flag },
        "t" => new() { Form = ShapeForm.Time },
        "q" => new() { Form = ShapeForm.Quantity },
        "x" => new() { Form = ShapeForm.IntOrText },
        "o" => new() { Form = ShapeForm.Free },
        ['[', .. var item, ']'] => new() { Form = ShapeForm.List, Item = Parse(item) },
        ['{', .. var item, '}'] => new() { Form = ShapeForm.Map, Item = Parse(item) },
        _ => new() { Form = ShapeForm.Object, Type = text },
    };
}
