using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Stepper.Cluster;
using Stepper.Simulation.Api;
using Stepper.Simulation.Controllers;

namespace Stepper.Simulation.Monitoring;

/// <summary>
/// A Prometheus that knows the cluster's pods and the alerts that a test lets fire. Where the cluster has a pod that serves it, it is there only while that pod
/// is ready, and has started when the pod did.
/// </summary>
public sealed class SimulatedPrometheus
{
    /// <summary>The label, with the value <c>prometheus</c>, of the pod that serves it.</summary>
    public const string ServesLabel = "simulation/serves";

    // How long after its start every rule has been evaluated once.
    private static readonly TimeSpan RulesTake = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    private readonly ControlPlane _plane;
    private readonly Func<IEnumerable<Api.RequestedApi>> _requestedApis;
    private readonly Wait _wait;
    private readonly List<SimulatedAlert> _alerts = [];
    // The pods that serve it, in the order of their names.
    private readonly SortedDictionary<string, JsonObject> _pods = new(StringComparer.Ordinal);
    private DateTimeOffset _restarted;

    /// <param name="requestedApis">What the API server says that it was asked for of what is deprecated.</param>
    internal SimulatedPrometheus(ControlPlane plane, Func<IEnumerable<Api.RequestedApi>> requestedApis)
    {
        _plane = plane;
        _requestedApis = requestedApis;
        _wait = new Wait(plane.Time);
        StartedAt = plane.Now.AddDays(-9);
        plane.Store.Changed += Follow;
    }

    /// <summary>When it started, where no pod of the cluster serves it.</summary>
    public DateTimeOffset StartedAt { get; set; }

    public PrometheusState State { get; set; }

    /// <summary>How long an answer takes besides the way.</summary>
    public TimeSpan Slowness { get; set; }

    /// <summary>Answers by query, in the place of what the cluster says: the JSON of <c>data.result</c>.</summary>
    public IDictionary<string, string> Results { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>It has no kube-state-metrics to scrape: queries of pods find nothing.</summary>
    public bool HasNoPodMetrics { get; set; }

    /// <summary>It does not scrape the API server: queries of its requests find nothing.</summary>
    public bool HasNoApiServerMetrics { get; set; }

    /// <summary>The rule groups, with the alerts each of them has.</summary>
    public IDictionary<string, IReadOnlyList<string>> Groups { get; } = new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
    {
        ["kubernetes"] = ["EtcdDown", "KubeAPIDown"],
        ["general"] = ["Watchdog"],
    };

    /// <summary>What fires, as it sends it on.</summary>
    internal JsonArray Sent => Started() is { } started ? Alerts(started) : [];

    /// <summary>It starts again now, and has evaluated nothing yet.</summary>
    public void Restart() => _restarted = _plane.Now;

    public void Fire(SimulatedAlert alert) => _alerts.Add(alert);

    internal async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken ct)
    {
        var started = Started();
        if (State == PrometheusState.Down || started is null)
        {
            throw SimulatedNetwork.Refused(request.RequestUri!);
        }

        if (Slowness > TimeSpan.Zero)
        {
            await _wait.ForAsync(Slowness, ct);
        }

        return State switch
        {
            PrometheusState.Failing => Answer(HttpStatusCode.ServiceUnavailable, "Service Unavailable", "text/plain"),
            PrometheusState.Garbage => Answer(HttpStatusCode.OK, "<html><body>It works!</body></html>", "text/html"),
            _ => await AnswerAsync(request, started.Value, ct),
        };
    }

    private void Follow(StoreChange change)
    {
        if (change.Kind != Kinds.Pod || change.Stored.Namespace != "monitoring")
        {
            return;
        }

        if (change.Type != ChangeType.Deleted && change.Object.Says("prometheus", "metadata", "labels", ServesLabel))
        {
            _pods[change.Stored.Name] = change.Object;
        }
        else
        {
            _pods.Remove(change.Stored.Name);
        }
    }

    // Null while the pod that serves it is not ready.
    private DateTimeOffset? Started()
    {
        if (_pods.Count == 0)
        {
            return Later(StartedAt);
        }

        var ready = _pods.Values.FirstOrDefault(pod => pod.IsReady());
        var since = ready.Time("status", "startTime");
        // A pod that was there when the simulation began has been there for long.
        return since is null ? null : Later(since <= _plane.Began ? StartedAt : since.Value);
    }

    private DateTimeOffset Later(DateTimeOffset started) => started > _restarted ? started : _restarted;

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, DateTimeOffset started, CancellationToken ct) =>
        request.RequestUri!.AbsolutePath switch
        {
            "/api/v1/alerts" => Success(new JsonObject { ["alerts"] = Alerts(started) }),
            "/api/v1/rules" => Success(new JsonObject { ["groups"] = Rules(started) }),
            "/api/v1/status/runtimeinfo" => Success(new JsonObject { ["startTime"] = Precise(started), ["CWD"] = "/prometheus", ["reloadConfigSuccess"] = true }),
            "/api/v1/query" => Query(await QueryOf(request, ct)),
            "/-/healthy" => Answer(HttpStatusCode.OK, "Prometheus Server is Healthy.\n", "text/plain"),
            "/-/ready" => Answer(HttpStatusCode.OK, "Prometheus Server is Ready.\n", "text/plain"),
            _ => Answer(HttpStatusCode.NotFound, "404 page not found\n", "text/plain"),
        };

    // One that has just started has evaluated no rule yet, and no alert fires.
    private JsonArray Alerts(DateTimeOffset started) => _plane.Now < started + RulesTake
        ? []
        : new JsonArray([.. _alerts.Where(alert => alert.FiresAt(_plane.Now)).Select(AlertNow)]);

    private JsonObject AlertNow(SimulatedAlert alert)
    {
        var labels = new JsonObject { ["alertname"] = alert.Name };
        if (alert.Severity is not null)
        {
            labels["severity"] = alert.Severity;
        }

        foreach (var (name, value) in alert.Labels)
        {
            labels[name] = value;
        }

        return new JsonObject
        {
            ["labels"] = labels,
            ["annotations"] = new JsonObject(),
            ["state"] = "firing",
            ["activeAt"] = Precise(alert.From > DateTimeOffset.MinValue ? alert.From : _plane.Began),
            ["value"] = "1e+00",
        };
    }

    private JsonArray Rules(DateTimeOffset started)
    {
        var evaluated = _plane.Now >= started + RulesTake;
        var names = Groups.ToDictionary(group => group.Key, group => group.Value.ToList(), StringComparer.Ordinal);
        foreach (var alert in _alerts)
        {
            if (!names.TryGetValue(alert.Group, out var rules))
            {
                names[alert.Group] = rules = [];
            }

            if (!rules.Contains(alert.Name))
            {
                rules.Add(alert.Name);
            }
        }

        return new JsonArray([.. names.OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => Group(group.Key, group.Value, evaluated))]);
    }

    private JsonObject Group(string name, List<string> alerts, bool evaluated)
    {
        var last = evaluated ? Precise(_plane.Now.AddSeconds(-20)) : "0001-01-01T00:00:00Z";
        return new JsonObject
        {
            ["name"] = name,
            ["file"] = $"/etc/config/{name}.yaml",
            ["interval"] = 60,
            ["lastEvaluation"] = last,
            ["evaluationTime"] = evaluated ? 0.001 : 0,
            ["rules"] = new JsonArray([.. alerts.Select(alert => Rule(name, alert, evaluated, last))]),
        };
    }

    private JsonObject Rule(string group, string name, bool evaluated, string last)
    {
        var firing = evaluated ? _alerts.Where(alert => alert.Group == group && alert.Name == name && alert.FiresAt(_plane.Now)).ToList() : [];
        return new JsonObject
        {
            ["name"] = name,
            ["type"] = "alerting",
            ["query"] = "up == 0",
            ["duration"] = 0,
            ["state"] = !evaluated ? "unknown" : firing.Count > 0 ? "firing" : "inactive",
            ["health"] = evaluated ? "ok" : "unknown",
            ["lastEvaluation"] = last,
            ["alerts"] = new JsonArray([.. firing.Select(AlertNow)]),
        };
    }

    private HttpResponseMessage Query(string query)
    {
        if (Results.TryGetValue(query, out var result))
        {
            return Success(new JsonObject { ["resultType"] = "vector", ["result"] = JsonNode.Parse(result) });
        }

        if (query.Contains("apiserver_", StringComparison.Ordinal))
        {
            return Vector(HasNoApiServerMetrics ? [] : RequestedOf(query));
        }

        var ready = _plane.Store.List(Api.Kinds.Pod).Count(pod => pod.IsReady());
        var running = _plane.Store.List(Api.Kinds.Pod).Count(pod => pod.Text("status", "phase") == "Running");
        double? value = (query.Contains("kube_pod_status_ready", StringComparison.Ordinal), query.Contains("kube_pod_status_phase", StringComparison.Ordinal)) switch
        {
            _ when HasNoPodMetrics => null,
            (true, true) => running == 0 ? null : (double)ready / running,
            (true, false) => ready,
            (false, true) => running,
            _ => null,
        };
        return Vector(value is null ? [] : [([], value.Value)]);
    }

    // How many requests each had within the week, which there were at all, and how many of any kind.
    private IEnumerable<(IEnumerable<(string Name, string Value)> Labels, double Value)> RequestedOf(string query) => query switch
    {
        _ when query.Contains("increase(apiserver_request_total", StringComparison.Ordinal) =>
            _requestedApis().Select(api => (api.Labels, api.LastAsked is { } last && _plane.Now - last > Week ? 0d : 12)),
        _ when query.Contains("apiserver_requested_deprecated_apis", StringComparison.Ordinal) =>
            _requestedApis().Select(api => (api.Labels.Append(("removed_release", api.RemovedRelease)), 1d)),
        _ => [([], 4711)],
    };

    // Like Prometheus it drops a label that is empty.
    private HttpResponseMessage Vector(IEnumerable<(IEnumerable<(string Name, string Value)> Labels, double Value)> series) => Success(new JsonObject
    {
        ["resultType"] = "vector",
        ["result"] = new JsonArray([.. series.Select(each => new JsonObject
        {
            ["metric"] = new JsonObject(each.Labels.Where(label => label.Value.Length > 0).Select(label => KeyValuePair.Create(label.Name, (JsonNode?)label.Value))),
            ["value"] = new JsonArray(_plane.Now.ToUnixTimeMilliseconds() / 1000d, $"{each.Value}"),
        })]),
    });

    private static async Task<string> QueryOf(HttpRequestMessage request, CancellationToken ct)
    {
        var form = request.Content is null ? request.RequestUri!.Query.TrimStart('?') : await request.Content.ReadAsStringAsync(ct);
        var pair = form.Split('&').Select(part => part.Split('=', 2)).FirstOrDefault(part => part[0] == "query");
        return pair is null ? "" : Uri.UnescapeDataString(pair[1].Replace('+', ' '));
    }

    private static string Precise(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture);

    private static HttpResponseMessage Success(JsonObject data) =>
        Answer(HttpStatusCode.OK, new JsonObject { ["status"] = "success", ["data"] = data }.ToJsonString(), "application/json");

    private static HttpResponseMessage Answer(HttpStatusCode code, string text, string type) =>
        new(code) { Content = new StringContent(text, Encoding.UTF8, type) };
}

/// <summary>How Prometheus answers.</summary>
public enum PrometheusState
{
    Well,

    /// <summary>The connection is refused.</summary>
    Down,

    /// <summary>503 to everything.</summary>
    Failing,

    /// <summary>200, and what is no answer of Prometheus'.</summary>
    Garbage,
}
