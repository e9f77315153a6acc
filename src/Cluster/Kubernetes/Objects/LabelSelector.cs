namespace Stepper.Cluster.Kubernetes.Objects;

/// <summary>A label selector; all of its requirements must hold. The empty one selects everything.</summary>
public sealed record LabelSelector
{
    private readonly IReadOnlyDictionary<string, string>? _matchLabels;
    private readonly IReadOnlyList<LabelRequirement>? _matchExpressions;

    public IReadOnlyDictionary<string, string> MatchLabels { get => _matchLabels ?? Nothing.Map; init => _matchLabels = value; }

    public IReadOnlyList<LabelRequirement> MatchExpressions { get => _matchExpressions ?? []; init => _matchExpressions = value; }

    public bool Selects(IReadOnlyDictionary<string, string> labels) =>
        MatchLabels.All(wanted => labels.TryGetValue(wanted.Key, out var value) && value == wanted.Value)
        && MatchExpressions.All(expression => expression.Selects(labels));
}

public sealed record LabelRequirement
{
    private readonly IReadOnlyList<string>? _values;

    public string Key { get; init; } = "";

    /// <summary><c>In</c>, <c>NotIn</c>, <c>Exists</c> or <c>DoesNotExist</c>; the API admits no other.</summary>
    public string Operator { get; init; } = "";

    public IReadOnlyList<string> Values { get => _values ?? []; init => _values = value; }

    public bool Selects(IReadOnlyDictionary<string, string> labels)
    {
        var has = labels.TryGetValue(Key, out var value);
        return Operator switch
        {
            "In" => has && Values.Contains(value, StringComparer.Ordinal),
            "NotIn" => !has || !Values.Contains(value, StringComparer.Ordinal),
            "Exists" => has,
            "DoesNotExist" => !has,
            _ => throw new SourceException($"a label selector has the operator \"{Operator}\"; In, NotIn, Exists and DoesNotExist are known"),
        };
    }
}
