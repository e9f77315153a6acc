using System.Globalization;
using Stepper.Cluster.Monitoring;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Gates;

/// <summary>No blocking alert fires. Fails closed: a Prometheus that does not answer, or can't know yet, stops the chain.</summary>
/// <param name="alertmanager">Null: silences are not asked for.</param>
internal sealed class AlertGate(Prometheus prometheus, Alertmanager? alertmanager, AlertPolicy policy, AlertSettings settings) : IGate
{
    public string Condition => "no blocking alert to fire";

    public string Show => $"curl -s {prometheus.Shown}/api/v1/alerts";

    public async Task<Verdict> CheckAsync(GateFacts facts, CancellationToken ct)
    {
        var blocking = await BlockingAsync(facts.Step.Phase, ct);
        return Verdict.Of(
        [
            .. ByName(blocking.Aborting).Select(alert => Finding.Aborts($"alert {alert.Name} fires", Show, alert.Since)),
            .. ByName(blocking.Silenced).Select(alert => Finding.Warns($"alert {alert.Name} fires, and is silenced", $"curl -s {alertmanager?.Shown}/api/v2/silences", alert.Since)),
            .. ByName(blocking.Refusing).Select(alert => Finding.RefusesForNow($"alert {alert.Name} fires", Show, alert.Since)),
        ]);
    }

    /// <summary>What fires and blocks in a phase; null when nothing does.</summary>
    public async Task<string?> WhyNotAsync(PhaseName phase, CancellationToken ct)
    {
        var blocking = await BlockingAsync(phase, ct);
        return blocking.None ? null : Firing(blocking.Aborting.Concat(blocking.Refusing));
    }

    /// <summary>The blocking alerts of a phase by whether they began at or after a time.</summary>
    public async Task<(IReadOnlyList<Alert> Before, IReadOnlyList<Alert> Since)> SplitAsync(PhaseName phase, DateTimeOffset time, CancellationToken ct)
    {
        var blocking = (await BlockingAsync(phase, ct)).Aborting;
        return ([.. blocking.Where(alert => alert.ActiveAt < time)], [.. blocking.Where(alert => alert.ActiveAt >= time)]);
    }

    public static string Firing(IEnumerable<Alert> alerts) => "firing: " + string.Join(", ", ByName(alerts)
        .Select(alert => $"{alert.Name} since {alert.Since.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)}"));

    private static IEnumerable<(string Name, DateTimeOffset Since)> ByName(IEnumerable<Alert> alerts) => alerts
        .GroupBy(alert => alert.Name, StringComparer.Ordinal)
        .OrderBy(group => group.Key, StringComparer.Ordinal)
        .Select(group => (group.Key, group.Min(alert => alert.ActiveAt)));

    private async Task<BlockingAlerts> BlockingAsync(PhaseName phase, CancellationToken ct)
    {
        var blocking = policy.Judge(phase, await prometheus.FiringAlertsAsync(settings.MinimumUptime, ct));
        return alertmanager is null || blocking.None ? blocking : blocking.Without(await alertmanager.SilencedAsync([.. blocking.Aborting, .. blocking.Refusing], ct));
    }
}
