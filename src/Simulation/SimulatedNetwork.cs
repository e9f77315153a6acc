using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using Stepper.Simulation.Controllers;
using Stepper.Simulation.Monitoring;

namespace Stepper.Simulation;

/// <summary>Which host answers. A host that is not there, or that is away, refuses the connection.</summary>
[SuppressMessage("Reliability", "CA1001:Types that own disposable fields should be disposable", Justification = "No timer and no handle is behind it.")]
internal sealed class SimulatedNetwork
{
    public const string ApiServer = "kubernetes.default.svc";

    private readonly ControlPlane _plane;
    private readonly Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> _api;
    private readonly SimulatedPrometheus _prometheus;
    private readonly SimulatedAlertmanager _alertmanager;
    private readonly SimulatedPushgateway _pushgateway;
    private readonly PackageRepository _packages;
    private readonly WebhookReceiver _webhooks;
    private CancellationTokenSource _cut = new();

    public SimulatedNetwork(
        ControlPlane plane,
        Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> api,
        SimulatedPrometheus prometheus,
        SimulatedAlertmanager alertmanager,
        SimulatedPushgateway pushgateway,
        PackageRepository packages,
        WebhookReceiver webhooks)
    {
        _plane = plane;
        _api = api;
        _prometheus = prometheus;
        _alertmanager = alertmanager;
        _pushgateway = pushgateway;
        _packages = packages;
        _webhooks = webhooks;
        plane.Switched += up =>
        {
            if (!up)
            {
                CutConnections();
            }
        };
    }

    /// <summary>Cancelled when the connections that stand now are lost.</summary>
    public CancellationToken Cut => _cut.Token;

    /// <summary>Asked before each request to the API server; an answer, or an exception, takes the place of the server's.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage?> BeforeApi { get; set; } = _ => null;

    public static string SeamOf(Uri address) => address.Host switch
    {
        ApiServer => "api",
        "prometheus-server.monitoring.svc.cluster.local" => "prometheus",
        "alertmanager.monitoring" => "alertmanager",
        "prometheus-prometheus-pushgateway.monitoring" => "pushgateway",
        "pkgs.k8s.io" => "packages",
        "hooks.slack.test" => "slack",
        _ => "http",
    };

    /// <summary>All watches that stand end with an error.</summary>
    public void CutConnections()
    {
        var cut = _cut;
        _cut = new CancellationTokenSource();
        cut.Cancel();
    }

    /// <param name="token">What a request to the API server that brings no token is authenticated with; null for none.</param>
    public Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, string? token, CancellationToken ct) => SeamOf(request.RequestUri!) switch
    {
        "api" => ApiAsync(request, token, ct),
        "prometheus" => _prometheus.AnswerAsync(request, ct),
        "alertmanager" => Task.FromResult(_alertmanager.Answer(request)),
        "pushgateway" => _pushgateway.AnswerAsync(request, ct),
        "packages" => Task.FromResult(_packages.Answer(request)),
        "slack" => _webhooks.AnswerAsync(request, ct),
        _ => throw Refused(request.RequestUri!),
    };

    public static HttpRequestException Refused(Uri address) =>
        new(HttpRequestError.ConnectionError, $"Connection refused ({address.Host}:{address.Port})");

    private Task<HttpResponseMessage> ApiAsync(HttpRequestMessage request, string? token, CancellationToken ct)
    {
        if (!_plane.IsUp)
        {
            throw Refused(request.RequestUri!);
        }

        if (BeforeApi(request) is { } instead)
        {
            return Task.FromResult(instead);
        }

        if (token is not null)
        {
            request.Headers.Authorization ??= new AuthenticationHeaderValue("Bearer", token);
        }

        return _api(request, ct);
    }
}
