namespace Stepper.Cluster.Monitoring;

/// <summary>An alert as Prometheus has it.</summary>
/// <param name="Name">Its label <c>alertname</c>.</param>
/// <param name="State"><c>firing</c> or <c>pending</c>.</param>
/// <param name="Severity">Its label <c>severity</c>; null where it has none.</param>
/// <param name="Group">The rule group that it comes from; null where several groups have a rule of that name.</param>
/// <param name="ActiveAt">Since when its expression has held.</param>
public sealed record Alert(
    string Name, string State, string? Severity, string? Group, IReadOnlyDictionary<string, string> Labels, DateTimeOffset ActiveAt)
{
    public const string Firing = "firing";
}
