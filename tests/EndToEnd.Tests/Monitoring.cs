using System.Text.Json.Nodes;
using Stepper.Cluster;

namespace Stepper.EndToEnd.Tests;

/// <summary>A real Prometheus, which scrapes a real Pushgateway.</summary>
internal sealed class Monitoring : IAsyncDisposable
{
    // Two alerts that fire and must not block, and one that would and does not fire.
    private const string Rules =
        """
        groups:
        - name: end-to-end
          interval: 1s
          rules:
          - {alert: Watchdog, expr: vector(1), labels: {severity: critical}}
          - {alert: CertificateExpiresSoon, expr: vector(1), labels: {severity: warning}}
          - {alert: DiskFull, expr: vector(0) > 1, labels: {severity: critical}}
        """;

    private readonly HttpClient _http = new();
    private readonly string _directory;
    private readonly string _address;
    private readonly string _alertmanager;
    private readonly RunningProgram _pushgateway;
    private RunningProgram _prometheus;

    private Monitoring(string directory, string network)
    {
        _directory = directory;
        _address = $"{network}.2:9090";
        _alertmanager = $"{network}.2:9093";
        var gateway = $"{network}.2:9091";
        (PushgatewayUrl, PrometheusUrl) = ($"http://{gateway}", $"http://{_address}");
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "rules.yaml"), Rules);
        File.WriteAllText(
            Path.Combine(directory, "prometheus.yaml"),
            $$"""
            global:
              scrape_interval: 1s
              evaluation_interval: 1s
              external_labels: {cluster: end-to-end}
            alerting:
              alertmanagers:
              - static_configs: [{targets: ["{{_alertmanager}}"]}]
            rule_files: [rules.yaml, "{{Repository.PathOf("monitoring/alerts.yaml")}}"]
            scrape_configs:
            - job_name: pushgateway
              honor_labels: true
              static_configs: [{targets: ["{{gateway}}"]}]
            """);
        _pushgateway = new RunningProgram("prometheus-pushgateway", [$"--web.listen-address={gateway}", $"--persistence.file={directory}/pushed"]);
        _prometheus = NewPrometheus();
    }

    public string PrometheusUrl { get; }

    public string PushgatewayUrl { get; }

    /// <summary>On addresses that no other process of these tests takes.</summary>
    public static Task<Monitoring> StartAsync(string directory) =>
        StartAsync(directory, $"127.{128 + ((Environment.ProcessId >> 8) % 127)}.{Environment.ProcessId & 255}");

    /// <param name="directory">Where they may write.</param>
    /// <param name="network">Nobody else's, but for the last number: <c>127.0.3</c>.</param>
    public static async Task<Monitoring> StartAsync(string directory, string network)
    {
        var monitoring = new Monitoring(directory, network);
        await monitoring.MustAnswerAsync(monitoring.PushgatewayUrl, monitoring._pushgateway);
        await monitoring.MustAnswerAsync(monitoring.PrometheusUrl, monitoring._prometheus);
        return monitoring;
    }

    public ValueTask StopPrometheusAsync() => _prometheus.DisposeAsync();

    /// <summary>After it was stopped.</summary>
    public async Task StartPrometheusAsync()
    {
        _prometheus = NewPrometheus();
        await MustAnswerAsync(PrometheusUrl, _prometheus);
    }

    public string AlertmanagerUrl => $"http://{_alertmanager}";

    /// <summary>A real Alertmanager, to which that Prometheus sends what fires.</summary>
    public async Task<IAsyncDisposable> StartAlertmanagerAsync()
    {
        var configuration = Path.Combine(_directory, "alertmanager.yaml");
        await File.WriteAllTextAsync(configuration, "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n");
        var program = new RunningProgram(
            "prometheus-alertmanager", [$"--config.file={configuration}", $"--storage.path={_directory}/alertmanager", $"--web.listen-address={_alertmanager}", "--cluster.listen-address="]);
        await MustAnswerAsync(AlertmanagerUrl, program);
        return program;
    }

    /// <summary>What Pushgateway shows Prometheus: a line for each series, without the help.</summary>
    public async Task<IReadOnlyList<string>> PushedAsync() =>
        [.. (await _http.GetStringAsync($"{PushgatewayUrl}/metrics")).Split('\n').Where(line => line.StartsWith("k8s_", StringComparison.Ordinal))];

    /// <summary>All that Pushgateway shows Prometheus now.</summary>
    public async Task<PushedText> LookAsync() => new(await _http.GetStringAsync($"{PushgatewayUrl}/metrics"), TimeProvider.System.GetUtcNow());

    /// <summary>Has Prometheus see what an exporter would show it. Pushgateway stands in for the exporter.</summary>
    /// <param name="target">The labels that Prometheus gives what it reads there, as <c>job/node-exporter/instance/a:9100</c>.</param>
    public async Task FeedAsync(string target, string exposition)
    {
        using var answer = await _http.PostAsync($"{PushgatewayUrl}/metrics/{target}", new StringContent(exposition));
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>The rules of a group, as Prometheus has loaded them.</summary>
    public async Task<IReadOnlyList<JsonNode>> RulesAsync(string group) =>
        [.. (await DataAsync("rules?type=alert"))["groups"]!.AsArray().Single(each => (string)each!["name"]! == group)!["rules"]!.AsArray()!];

    /// <summary>The series that Prometheus answers, now or over a time until now.</summary>
    public async Task<JsonArray> SeriesAsync(string promql, TimeSpan? over = null)
    {
        var (query, now) = (Uri.EscapeDataString(promql), TimeProvider.System.GetUtcNow());
        return (await DataAsync(over is { } back
            ? $"query_range?query={query}&start={(now - back).UtcDateTime:O}&end={now.UtcDateTime:O}&step=1"
            : $"query?query={query}"))["result"]!.AsArray();
    }

    /// <summary>The one number that Prometheus answers; null for none.</summary>
    public async Task<string?> QueryAsync(string promql) => (await SeriesAsync(promql)).SingleOrDefault()?["value"]![1]!.ToString();

    public async ValueTask DisposeAsync()
    {
        await _prometheus.DisposeAsync();
        await _pushgateway.DisposeAsync();
        _http.Dispose();
    }

    private async Task<JsonNode> DataAsync(string path) => JsonNode.Parse(await _http.GetStringAsync($"{PrometheusUrl}/api/v1/{path}"))!["data"]!;

    private async Task MustAnswerAsync(string address, RunningProgram program)
    {
        await new Wait(TimeProvider.System).TryAsync(120, TimeSpan.FromMilliseconds(250), AskAsync, CancellationToken.None);

        async Task<string> AskAsync()
        {
            try
            {
                return await _http.GetStringAsync($"{address}/-/ready");
            }
            catch (HttpRequestException e)
            {
                throw new SourceException($"{address} does not answer: {program.Said}", e);
            }
        }
    }

    private RunningProgram NewPrometheus() => new(
        "prometheus", [$"--web.listen-address={_address}", $"--config.file={_directory}/prometheus.yaml", $"--storage.tsdb.path={_directory}/data", "--rules.alert.resend-delay=1s", "--log.level=error"]);
}
