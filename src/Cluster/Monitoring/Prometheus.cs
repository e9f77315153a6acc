using System.Text.Json.Serialization.Metadata;

namespace Stepper.Cluster.Monitoring;

/// <summary>
/// Asks a Prometheus server. Fails closed: what is no whole answer of a Prometheus that knows what it says is, after a few tries, a
/// <see cref="SourceException"/> with the reason. "No alerts" is only ever said by one that has looked.
/// </summary>
public sealed class Prometheus(HttpClient http, Uri address, Wait wait)
{
    private readonly PatientService _service = new(http, address, "Prometheus", wait);

    /// <summary>Its address as it may be shown.</summary>
    public string Shown => _service.Shown;

    /// <summary>The alerts that fire now, pending ones left out.</summary>
    /// <param name="minimumUptime">One that has been up for less has not seen enough: an alert that waits for minutes would begin anew.</param>
    public Task<IReadOnlyList<Alert>> FiringAlertsAsync(TimeSpan minimumUptime, CancellationToken ct) =>
        _service.PatientlyAsync(() => FiringAlertsOnceAsync(minimumUptime, ct), ct);

    /// <summary>An instant query whose answer is one number.</summary>
    /// <returns>Null when there is no such series. Not a number, or infinite, where Prometheus says so.</returns>
    public async Task<double?> QueryAsync(string promql, CancellationToken ct) =>
        await QuerySeriesAsync(promql, ct) switch
        {
            [] => null,
            [var only] => only.Value,
            var many => throw new SourceException($"Prometheus at {Shown} answered {promql} with {many.Count} series; one was wanted"),
        };

    /// <summary>An instant query: each series with its value now.</summary>
    public Task<IReadOnlyList<Series>> QuerySeriesAsync(string promql, CancellationToken ct) =>
        _service.PatientlyAsync(
            async () => Series.Read(await GetAsync("query?query=" + Uri.EscapeDataString(promql), PrometheusJson.Default.PrometheusAnswerQueryData, ct), promql),
            ct);

    private async Task<IReadOnlyList<Alert>> FiringAlertsOnceAsync(TimeSpan minimumUptime, CancellationToken ct)
    {
        // In this order: were Prometheus replaced between two of them, the later answers would be of the new one and show that it is not ready.
        var alerts = await GetAsync("alerts", PrometheusJson.Default.PrometheusAnswerAlertsData, ct);
        var rules = await GetAsync("rules", PrometheusJson.Default.PrometheusAnswerRulesData, ct);
        var (runtime, now) = await AskAsync("status/runtimeinfo", PrometheusJson.Default.PrometheusAnswerRuntimeData, ct);

        var groups = rules.Groups.Where(group => group.AlertingRules.Any()).ToList();
        if (groups.Find(group => !group.IsEvaluated) is { } blind)
        {
            throw new SourceException($"rule group \"{blind.Name}\" has not been evaluated yet");
        }

        // By its own clock: ours may be another, and then one that has just started looks old, or an old one for ever young.
        var uptime = now - runtime.StartTime;
        if (uptime < minimumUptime)
        {
            throw new SourceException($"it has been up for {uptime.TotalSeconds:0} s only; its answer counts after {minimumUptime.TotalSeconds:0} s");
        }

        return [.. alerts.Alerts.Where(alert => alert.State == Alert.Firing).Select(alert => Read(alert, groups))];
    }

    private static Alert Read(AlertData alert, List<RuleGroupData> groups)
    {
        var name = alert.Labels.GetValueOrDefault("alertname") ?? throw new SourceException("/api/v1/alerts has an alert without a name");
        var from = groups.Where(group => group.AlertingRules.Any(rule => rule.Name == name)).Select(group => group.Name).Distinct(StringComparer.Ordinal).ToList();
        return new Alert(name, alert.State, alert.Labels.GetValueOrDefault("severity"), from.Count == 1 ? from[0] : null, alert.Labels, alert.ActiveAt);
    }

    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<PrometheusAnswer<T>> json, CancellationToken ct)
        where T : class, IAnswerData => (await AskAsync(path, json, ct)).Data;

    /// <returns>The answer's data, and what time it was there; by our clock where it does not say.</returns>
    private async Task<(T Data, DateTimeOffset Now)> AskAsync<T>(string path, JsonTypeInfo<PrometheusAnswer<T>> json, CancellationToken ct)
        where T : class, IAnswerData
    {
        var (read, answer) = await _service.GetAsync("/api/v1/" + path, json, "answer of Prometheus", ct);
        return read is { Status: "success", Data: { HasHoles: false } data } ? (data, answer.Date ?? wait.Now) : throw answer.IsNo("success");
    }
}
