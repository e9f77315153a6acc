using Stepper.Cluster.Monitoring;

namespace Stepper.Repository.Tests.Monitoring;

/// <summary>Which metrics there are to ask for.</summary>
internal static class KnownSeries
{
    private static readonly HashSet<string> Pushed = [.. Metrics.All.Select(metric => metric.Name)];

    /// <summary>Stepper pushes it, Prometheus has it of itself, or the table of exporters in <c>docs/monitoring.md</c> has it.</summary>
    public static bool IsKnown(string metric) => metric == "ALERTS" || Pushed.Contains(metric) || WorkTree.Read("docs/monitoring.md").Contains($"| `{metric}` |", StringComparison.Ordinal);
}
