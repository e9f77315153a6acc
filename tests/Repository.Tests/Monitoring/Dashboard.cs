using System.Text.Json.Nodes;

namespace Stepper.Repository.Tests.Monitoring;

/// <summary><c>monitoring/dashboard.json</c>.</summary>
internal static class Dashboard
{
    public static JsonNode Whole { get; } = JsonNode.Parse(WorkTree.Read("monitoring/dashboard.json"))!;

    public static IReadOnlyList<JsonNode> Panels => [.. Whole["panels"]!.AsArray()!];

    public static IEnumerable<JsonNode> TargetsOf(JsonNode panel) => panel["targets"]!.AsArray()!;
}
