using Stepper.Cluster;
using Stepper.Cluster.Monitoring;

namespace Stepper.EndToEnd.Tests;

/// <summary>The client's side of a real Pushgateway and a real Prometheus.</summary>
public sealed class MonitoringTests : IAsyncLifetime
{
    private const string Strange = "a \"b\" \\c\\ \n d=é{},\U0001F680";

    private readonly string _directory = Directory.CreateTempSubdirectory("stepper-monitoring-").FullName;
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly Wait _wait = new(TimeProvider.System);
    private Monitoring _monitoring = null!;
    private Pushgateway _push = null!;
    private Prometheus _prometheus = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/prometheus") && File.Exists("/usr/bin/prometheus-pushgateway"), "There is no Prometheus here: tests/install.sh installs it.");
        _monitoring = await Monitoring.StartAsync(_directory);
        _push = new Pushgateway(_http, new Uri(_monitoring.PushgatewayUrl), _wait);
        _prometheus = new Prometheus(_http, new Uri(_monitoring.PrometheusUrl), new Wait(new Hurried()));
    }

    public async ValueTask DisposeAsync()
    {
        if (_monitoring is not null)
        {
            await _monitoring.DisposeAsync();
        }

        _http.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task APushgatewayKeepsReplacesAndDeletesGroupsAndRefusesAnotherType()
    {
        // A group whatever stands in its labels, series whatever stands in theirs.
        PushGroup[] groups = [PushGroup.Phase("worker", "k8s-node3"), PushGroup.Phase("worker", "k8s/1/"), PushGroup.Phase("postflight", ""), PushGroup.Phase(Strange, "..")];
        foreach (var group in groups)
        {
            (await _push.PostAsync(group, [Metrics.PhaseDuration.Is(Array.IndexOf(groups, group))], Cancel)).ShouldBeNull();
        }

        (await PushedAsync("k8s_upgrade_phase_duration_seconds")).ShouldBe(
            [
                Group("worker", "k8s-node3") + " 0",
                Group("worker", "k8s/1/") + " 1",
                Group("postflight", "") + " 2",
                Group(Strange.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal), "..") + " 3",
            ],
            ignoreOrder: true);

        // A post replaces the metrics that it brings, all their series, and no others.
        (await _push.PostAsync(PushGroup.Upgrade, [Metrics.Nodes.Is(3, ("state", "done")), Metrics.Nodes.Is(1, ("state", Strange)), Metrics.InFlight.Is(true)], Cancel)).ShouldBeNull();
        (await _push.PostAsync(PushGroup.Upgrade, [Metrics.Nodes.Is(4, ("state", "done"))], Cancel)).ShouldBeNull();
        (await PushedAsync("k8s_upgrade_nodes")).ShouldHaveSingleItem().ShouldEndWith(" 4");
        (await PushedAsync("k8s_upgrade_in_flight")).ShouldHaveSingleItem().ShouldEndWith(" 1");

        // A put replaces the whole group, and touches no other.
        (await _push.PutAsync(PushGroup.Upgrade, [Metrics.Held.Is(true)], Cancel)).ShouldBeNull();
        (await PushedAsync("k8s_upgrade_nodes", "k8s_upgrade_in_flight")).ShouldBeEmpty();
        (await PushedAsync("k8s_upgrade_phase_duration_seconds")).Count.ShouldBe(groups.Length);

        foreach (var group in groups)
        {
            (await _push.DeleteAsync(group, Cancel)).ShouldBeNull();
            (await _push.DeleteAsync(group, Cancel)).ShouldBeNull();
        }

        (await PushedAsync("k8s_upgrade_phase_duration_seconds")).ShouldBeEmpty();

        // What a script pushed without a type stands in the way, and Pushgateway says so.
        using var untyped = await _http.PostAsync($"{_monitoring.PushgatewayUrl}/metrics/job/by-hand", new StringContent("k8s_upgrade_blocked 1\n"), Cancel);
        untyped.EnsureSuccessStatusCode();
        (await _push.PostAsync(PushGroup.Upgrade, [Metrics.Blocked.Is(true)], Cancel))!.ShouldContain("answered 400: pushed metrics are invalid or inconsistent with existing metrics");
    }

    [Fact]
    public async Task APushgatewayThatForgotEverythingHasItBackWithTheNextPush()
    {
        var said = new List<string>();
        var board = new PushBoard(_push, _wait, said.Add);
        await board.PostAsync(PushGroup.Upgrade, [Metrics.InFlight.Is(true), Metrics.SnapshotTaken.Is(true)], Cancel);
        using var wiped = await _http.DeleteAsync($"{_monitoring.PushgatewayUrl}/metrics/job/{PushGroup.Upgrade.Job}", Cancel);
        wiped.EnsureSuccessStatusCode();
        (await PushedAsync("k8s_upgrade_in_flight")).ShouldBeEmpty();

        await board.PostAsync(PushGroup.Upgrade, [Metrics.LastProgress.Is(7)], Cancel);

        (await PushedAsync("k8s_upgrade_in_flight", "k8s_upgrade_snapshot_taken", "k8s_upgrade_last_progress_timestamp")).Count.ShouldBe(3);
        said.ShouldBeEmpty();
    }

    [Fact]
    public async Task APrometheusIsAnsweredByOnceItHasLookedAndGivesWhatWasPushedBackUnchanged()
    {
        (await _push.PostAsync(PushGroup.Upgrade, [Metrics.Nodes.Is(2, ("state", Strange))], Cancel)).ShouldBeNull();
        await UntilAsync(async () => await _monitoring.QueryAsync("k8s_upgrade_nodes") == "2" && await _monitoring.QueryAsync("ALERTS{alertname=\"Watchdog\"}") == "1");

        (await _prometheus.QuerySeriesAsync("k8s_upgrade_nodes", Cancel)).ShouldHaveSingleItem().Labels["state"].ShouldBe(Strange);
        (await _prometheus.QueryAsync("k8s_upgrade_of_no_such_name", Cancel)).ShouldBeNull();
        (await _prometheus.FiringAlertsAsync(TimeSpan.Zero, Cancel)).Select(alert => $"{alert.Name} {alert.Severity} {alert.Group}")
            .ShouldBe(["Watchdog critical end-to-end", "CertificateExpiresSoon warning end-to-end"], ignoreOrder: true);
        (await Should.ThrowAsync<SourceException>(() => _prometheus.FiringAlertsAsync(TimeSpan.FromMinutes(10), Cancel))).Message
            .ShouldMatch("asked 3 times: it has been up for [0-9]+ s only; its answer counts after 600 s$");
        (await Should.ThrowAsync<SourceException>(() => _prometheus.QueryAsync("sum(", Cancel))).Message.ShouldContain("/api/v1/query answered 400: {\"status\":\"error\",\"errorType\":\"bad_data\"");
    }

    [Fact]
    public async Task ASilenceOfAPersonInAlertmanagerIsSeenForItsAlertAndForNoOther()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/prometheus-alertmanager"), "There is no Alertmanager here: tests/install.sh installs it.");
        await using var program = await _monitoring.StartAlertmanagerAsync();
        var alertmanager = new Alertmanager(_http, new Uri(_monitoring.AlertmanagerUrl), _wait);
        await UntilAsync(async () => await _monitoring.QueryAsync("count(ALERTS)") == "2");
        var firing = await _prometheus.FiringAlertsAsync(TimeSpan.Zero, Cancel);
        (await alertmanager.SilencedAsync(firing, Cancel)).ShouldBeEmpty();

        using var silence = await _http.PostAsync(
            $"{_monitoring.AlertmanagerUrl}/api/v2/silences",
            new StringContent(
                $$"""{"matchers":[{"name":"alertname","value":"Certificate.*","isRegex":true}],"startsAt":"{{_wait.Now:O}}","endsAt":"{{_wait.Now.AddHours(1):O}}","createdBy":"a person","comment":"known"}""",
                System.Text.Encoding.UTF8,
                "application/json"),
            Cancel);
        silence.EnsureSuccessStatusCode();

        await UntilAsync(async () => (await alertmanager.SilencedAsync(firing, Cancel)).Count > 0);
        (await alertmanager.SilencedAsync(firing, Cancel)).ShouldHaveSingleItem().Name.ShouldBe("CertificateExpiresSoon");
    }

    private static string Group(string phase, string node) =>
        $"k8s_upgrade_phase_duration_seconds{{instance=\"\",job=\"k8s-version-upgrade\",node=\"{node}\",phase=\"{phase}\"}}";

    private async Task<IReadOnlyList<string>> PushedAsync(params IEnumerable<string> metrics) =>
        [.. (await _monitoring.PushedAsync()).Where(line => metrics.Contains(line.Split('{', ' ')[0], StringComparer.Ordinal))];

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        var missing = await new Wait(TimeProvider.System).UntilAsync(
            TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(200), async _ => await isSo() ? null : "Prometheus has not scraped and evaluated", Cancel);
        missing.ShouldBeNull();
    }

    /// <summary>The real clock, on which the pause between two tries takes no time.</summary>
    private sealed class Hurried : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime <= TimeSpan.FromSeconds(5) ? TimeSpan.Zero : dueTime, period);
    }
}
