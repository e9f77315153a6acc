using System.Text.Json.Nodes;
using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.Simulation.Api;

/// <summary>Label selectors as they stand in objects.</summary>
public static class Selectors
{
    /// <param name="selector">With <c>matchLabels</c> and <c>matchExpressions</c>, or neither: that one selects everything.</param>
    public static LabelSelector Of(JsonObject selector) => new()
    {
        MatchLabels = (selector["matchLabels"] as JsonObject)?.ToDictionary(pair => pair.Key, pair => (string?)pair.Value ?? "", StringComparer.Ordinal)
            ?? new Dictionary<string, string>(StringComparer.Ordinal),
        MatchExpressions = [.. (selector["matchExpressions"] as JsonArray ?? []).Select(each => new LabelRequirement
        {
            Key = (string?)each!["key"] ?? "",
            Operator = (string?)each["operator"] ?? "",
            Values = [.. (each["values"] as JsonArray ?? []).Select(value => (string?)value ?? "")],
        })],
    };
}
