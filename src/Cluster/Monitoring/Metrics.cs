using System.Globalization;

namespace Stepper.Cluster.Monitoring;

/// <summary>Every metric that stepper pushes. Alerts, dashboards and kured depend on these names.</summary>
public static class Metrics
{
    /// <summary>Labels <c>kind</c> (<c>patch</c>, <c>minor</c>, <c>none</c>), <c>running</c>, <c>target</c>.</summary>
    public static Metric Available { get; } = new("k8s_upgrade_available", "1 while there is a version to upgrade to, 0 when the cluster is at the newest.");

    public static Metric LastCheck { get; } = new("k8s_version_check_last_run_timestamp", "When detection last ran, in seconds since 1970.");

    public static Metric InFlight { get; } = new("k8s_upgrade_in_flight", "1 while an upgrade of the cluster is under way.");

    public static Metric Started { get; } = new("k8s_upgrade_started_timestamp", "When the upgrade under way began, in seconds since 1970; 0 when there is none.");

    public static Metric SnapshotTaken { get; } = new("k8s_upgrade_snapshot_taken", "1 once the upgrade under way has its etcd snapshot.");

    public static Metric Parked { get; } = new("k8s_upgrade_parked", "1 while the upgrade under way waits for its window to open.");

    public static Metric Blocked { get; } = new("k8s_upgrade_blocked", "1 while the upgrade is blocked by something that a person can act on.");

    public static Metric Held { get; } = new("k8s_upgrade_held", "1 while the upgrade is held by something that waits for others or was pinned.");

    public static Metric LastProgress { get; } = new("k8s_upgrade_last_progress_timestamp", "When the upgrade last reached a milestone, in seconds since 1970.");

    /// <summary>Label <c>state</c>.</summary>
    public static Metric Nodes { get; } = new("k8s_upgrade_nodes", "How many nodes are in each state of the upgrade.");

    public static Metric LastSuccess { get; } = new("k8s_upgrade_last_success_timestamp", "When an upgrade was last completed, in seconds since 1970.");

    /// <summary>In a group of its own for each phase and node.</summary>
    public static Metric PhaseDuration { get; } = new("k8s_upgrade_phase_duration_seconds", "How long the phase took on the node.");

    public static IReadOnlyList<Metric> All { get; } =
        [Available, LastCheck, InFlight, Started, SnapshotTaken, Parked, Blocked, Held, LastProgress, Nodes, LastSuccess, PhaseDuration];
}

/// <summary>A metric. Each one is a gauge: it is pushed, and says how things are now.</summary>
public sealed record Metric(string Name, string Help)
{
    public const string Type = "gauge";

    public MetricValue Is(double value, params IReadOnlyList<(string Label, string Value)> labels) => new(this, value, labels);

    public MetricValue Is(bool value) => Is(value ? 1 : 0);

    /// <summary>A time, as whole seconds since 1970.</summary>
    public MetricValue Is(DateTimeOffset time) => Is(time.ToUnixTimeSeconds());
}

public sealed record MetricValue(Metric Metric, double Value, IReadOnlyList<(string Label, string Value)> Labels)
{
    /// <summary>In Prometheus' text format, as <c>name{label="value"} 1</c>.</summary>
    public override string ToString()
    {
        var labels = string.Join(',', Labels.Select(label => $"{label.Label}=\"{Escaped(label.Value)}\""));
        return $"{Metric.Name}{(labels.Length == 0 ? "" : "{" + labels + "}")} {Value.ToString(CultureInfo.InvariantCulture)}";
    }

    private static string Escaped(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
