namespace Stepper.Simulation.Monitoring;

/// <summary>An alert that fires for a while.</summary>
/// <param name="Severity">Its label <c>severity</c>; null for none.</param>
/// <param name="Group">The rule group that it belongs to.</param>
public sealed record SimulatedAlert(string Name, string? Severity = "critical", string Group = "kubernetes")
{
    public DateTimeOffset From { get; init; } = DateTimeOffset.MinValue;

    public DateTimeOffset Until { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>Further labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public bool FiresAt(DateTimeOffset time) => From <= time && time < Until;
}
