namespace Stepper.Cluster.Kubernetes.Objects;

/// <summary>A label selector; all of its requirements must hold. The empty one selects everything.</summary>
public sealed record LabelSelector
{
    public IReadOnlyDictionary<string, string> MatchLabels { get => field ?? Nothing.Map; set; }

    public IReadOnlyList<LabelRequirement> MatchExpressions { get => field ?? []; set; }

    public bool Selects(IReadOnlyDictionary<string, string> labels) =>
        MatchLabels.All(wanted => labels.TryGetValue(wanted.Key, out var value) && value == wanted.Value)
        && MatchExpressions.All(expression => expression.Selects(labels));
}

public sealed record LabelRequirement
{
    public string Key { get; set; } = "";

    /// <summary><c>In</c>, <c>NotIn</c>, <c>Exists</c> or <c>DoesNotExist</c>; the API admits no other.</summary>
    public string Operator { get; set; } = "";

    public IReadOnlyList<string> Values { get => field ?? []; set; }

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
