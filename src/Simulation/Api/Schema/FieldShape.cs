namespace Stepper.Simulation.Api.Schema;

/// <summary>What a field of an object is, and how it is patched and applied.</summary>
internal sealed record FieldShape
{
    public required ShapeForm Form { get; init; }

    /// <summary>The type of an object with fields of its own; else empty.</summary>
    public string Type { get; init; } = "";

    /// <summary>Of a list or a map: what is in it.</summary>
    public FieldShape? Item { get; init; }

    /// <summary>Of a list: the fields by which server-side apply knows its items. Empty: it is replaced as a whole, or it is a set.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>A list of which server-side apply takes each value by itself.</summary>
    public bool IsSet { get; init; }

    /// <summary>Server-side apply takes it as one value.</summary>
    public bool IsAtomic { get; init; }

    /// <summary>Of a list that a strategic merge patch merges: the field by which it knows the items, empty for plain values. Null: it is replaced.</summary>
    public string? MergeKey { get; init; }

    /// <summary>A list of objects that server-side apply merges item by item.</summary>
    public bool IsKeyed => Keys.Count > 0;
}

internal enum ShapeForm
{
    Text,
    Int,
    Long,
    Number,
    Flag,
    Time,
    Quantity,
    IntOrText,

    /// <summary>Anything.</summary>
    Free,
    Object,
    List,
    Map,
}
