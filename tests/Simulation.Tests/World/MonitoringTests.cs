using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Stepper.Simulation.Monitoring;

namespace Stepper.Simulation.Tests.World;

public sealed class MonitoringTests
{
    private const string Gateway = "http://prometheus-prometheus-pushgateway.monitoring:9091/metrics/job/";
    private const string Prometheus = "http://prometheus-server.monitoring.svc.cluster.local:80";

    private readonly Story _story = new();

    [Fact]
    public void APutReplacesItsWholeGroupAndAPostTheNamesThatItBrings()
    {
        Push(HttpMethod.Put, "version", "a 1\nb{x=\"y\"} 2\n");
        Push(HttpMethod.Post, "version", "b{x=\"z\"} 3\n");
        Series("job=\"version\"").ShouldBe(["a 1", "b{x=\"z\"} 3"]);

        Push(HttpMethod.Put, "version", "c 4\n");

        Series("job=\"version\"").ShouldBe(["c 4"]);
        _story.Cluster.Pushgateway.Value("version", "c").ShouldBe(4);
    }

    [Fact]
    public void EachGroupIsItsOwnAndIsDeletedAlone()
    {
        Push(HttpMethod.Put, "upgrade", "a 1\n");
        Push(HttpMethod.Put, "upgrade/phase/worker/node/k8s-node3", "a 3\n");
        Push(HttpMethod.Put, "upgrade/node@base64/azhzLW5vZGU0/phase/worker", "a 4\n");

        _story.Cluster.Pushgateway.Groups.Keys.ShouldBe(
            ["job=\"upgrade\"", "job=\"upgrade\",node=\"k8s-node3\",phase=\"worker\"", "job=\"upgrade\",node=\"k8s-node4\",phase=\"worker\""], ignoreOrder: true);
        Send(HttpMethod.Delete, Gateway + "upgrade/node/k8s-node3/phase/worker").ShouldBe(HttpStatusCode.Accepted);
        _story.Cluster.Pushgateway.Groups.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("a 1")]
    [InlineData("1a 1\n")]
    [InlineData("a one\n")]
    [InlineData("a 1 1700000000000\n")]
    [InlineData("a 1\na 2\n")]
    [InlineData("a{x=y} 1\n")]
    [InlineData("a{x=\"y\" 1\n")]
    [InlineData("# TYPE a gauges\na 1\n")]
    [InlineData("a 1\n# TYPE a gauge\n")]
    public void WhatIsNoMetricsIsRefused(string text)
    {
        Push(HttpMethod.Put, "version", text, HttpStatusCode.BadRequest);

        _story.Cluster.Pushgateway.Groups.ShouldBeEmpty();
    }

    [Fact]
    public void LabelsOfTheGroupTakeThePlaceOfTheSeriesOwn()
    {
        Push(HttpMethod.Put, "version", "# HELP a What.\n# TYPE a gauge\na{job=\"other\",b=\"q\\\"\"} +Inf\n");

        Series("job=\"version\"").ShouldBe(["a{b=\"q\"\"} Infinity"]);
    }

    [Fact]
    public void AnAlertFiresWhileItFires()
    {
        _story.Cluster.Prometheus.Fire(new SimulatedAlert("EtcdDown") { From = _story.Cluster.Start.AddMinutes(1), Until = _story.Cluster.Start.AddMinutes(2) });

        Firing().ShouldBeEmpty();
        _story.Pass(70);
        Firing().ShouldBe(["EtcdDown critical"]);
        _story.Pass(60);
        Firing().ShouldBeEmpty();
    }

    [Fact]
    public void APrometheusThatWasMovedSaysSuccessAndNothingUntilItHasEvaluatedItsRules()
    {
        _story.Cluster.Prometheus.Fire(new SimulatedAlert("EtcdDown"));
        _story.Cluster.Evict("monitoring", _story.PodWith("prometheus-server", "monitoring").Name());
        _story.Pass(3);
        Should.Throw<HttpRequestException>(() => Ask("/api/v1/alerts"));

        _story.Pass(32);
        Firing().ShouldBeEmpty();
        Ask("/api/v1/rules")["data"]!["groups"]!.AsArray().Select(group => group.Text("lastEvaluation")).Distinct().ShouldBe(["0001-01-01T00:00:00Z"]);
        Ask("/api/v1/status/runtimeinfo").Time("data", "startTime")!.Value.ShouldBeGreaterThan(_story.Cluster.Start);

        _story.Pass(60);
        Firing().ShouldBe(["EtcdDown critical"]);
    }

    [Fact]
    public void PodReadinessIsCountedFromTheCluster()
    {
        const string Query = "sum(kube_pod_status_ready{condition=\"true\"}) / sum(kube_pod_status_phase{phase=\"Running\"})";

        Ask("/api/v1/query?query=" + Uri.EscapeDataString(Query))["data"]!["result"]![0]!["value"]![1]!.ToString().ShouldBe("1");
        _story.Cluster.Prometheus.HasNoPodMetrics = true;
        Ask("/api/v1/query?query=" + Uri.EscapeDataString(Query))["data"]!["result"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public void ThePackageSourceListsWhatIsOfferedAndHasNoOtherMinor()
    {
        const string Source = "https://pkgs.k8s.io/core:/stable:/v1.34/deb/";

        Read(Source + "Packages").ShouldContain("Package: kubeadm\nVersion: 1.34.7-1.1\n");
        Send(HttpMethod.Head, Source + "Release").ShouldBe(HttpStatusCode.OK);
        Send(HttpMethod.Head, "https://pkgs.k8s.io/core:/stable:/v1.35/deb/Release").ShouldBe(HttpStatusCode.Forbidden);
    }

    private IReadOnlyList<string> Firing() =>
        [.. Ask("/api/v1/alerts")["data"]!["alerts"]!.AsArray().Select(alert => $"{alert.Text("labels", "alertname")} {alert.Text("labels", "severity")}")];

    private JsonObject Ask(string path) => JsonNode.Parse(Read(Prometheus + path))!.AsObject();

    private string Read(string address)
    {
        using var http = new HttpClient(_story.Cluster.Network()) { Timeout = Timeout.InfiniteTimeSpan };
        return _story.Cluster.Time.RunUntil(http.GetStringAsync(new Uri(address)));
    }

    private HttpStatusCode Send(HttpMethod method, string address, string? body = null)
    {
        using var http = new HttpClient(_story.Cluster.Network()) { Timeout = Timeout.InfiniteTimeSpan };
        using var request = new HttpRequestMessage(method, address) { Content = body is null ? null : new StringContent(body, Encoding.UTF8) };
        return _story.Cluster.Time.RunUntil(http.SendAsync(request)).StatusCode;
    }

    private void Push(HttpMethod method, string group, string text, HttpStatusCode expected = HttpStatusCode.OK) => Send(method, Gateway + group, text).ShouldBe(expected);

    private IReadOnlyList<string> Series(string group) => [.. _story.Cluster.Pushgateway.Groups[group].Samples.Select(sample => $"{sample.Series} {sample.Value}")];
}
