using System.Net;

namespace Stepper.Simulation.Api;

/// <summary>
/// A kube-apiserver in memory: authenticates, authorizes, admits, keeps, tells. Answers at once, on the thread of the simulation; how long the way to it takes is
/// the network's. Only watches stay open.
/// </summary>
public sealed class SimulatedApiServer
{
    // How many changes of a kind a watch may be behind.
    private const int Remembers = 5000;

    private readonly VirtualTime _time;
    private readonly Rbac _rbac;
    private readonly ObjectVerbs _objects;
    private readonly Subresources _subresources;
    private readonly PlainPaths _plain;

    public SimulatedApiServer(Registry registry, PodLogs logs, VirtualTime time)
    {
        var hub = new WatchHub(registry.Store, time, Remembers);
        var pages = new ListPages(registry.Store, time);
        _time = time;
        _rbac = new Rbac(registry.Store);
        _objects = new ObjectVerbs(registry, hub, pages, time);
        _subresources = new Subresources(registry, logs, time, _objects);
        _plain = new PlainPaths(_rbac, () => Version, Metrics);
        _ = new NamespaceEnd(registry, time);
        Faults = new ApiFaults(hub.Close, () =>
        {
            hub.Forget();
            pages.Forget();
        });
    }

    /// <summary>Told of each request, after it has been answered and before the answer has arrived.</summary>
    public event Action<ApiCall>? Requested;

    /// <summary>Who may ask: bearer token to user.</summary>
    public Dictionary<string, ApiUser> Tokens { get; } = new(StringComparer.Ordinal);

    public ApiFaults Faults { get; }

    /// <summary>What <c>/version</c> says, such as <c>v1.34.8</c>.</summary>
    public string Version { get; set; } = "v1.34.8";

    /// <summary>When it started, by its own metrics.</summary>
    public DateTimeOffset StartedAt { get; set; }

    /// <summary>The deprecated APIs that were asked for since it started. Its own controllers ask for one all the time.</summary>
    public IList<RequestedApi> RequestedApis { get; } = [new RequestedApi("", "v1", "endpoints", "")];

    /// <summary>Answers a request. The body of a watch's answer goes on for as long as it is read.</summary>
    /// <exception cref="HttpRequestException">The server is down (<see cref="ApiFaults.IsDown"/>).</exception>
    public async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken ct)
    {
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(ct);
        var asked = Read(request, body);
        HttpResponseMessage answer;
        try
        {
            asked = Authenticate(request, asked);
            Faults.Strike(CallOf(asked, 0));
            Authorize(asked);
            answer = Answer(asked);
        }
        catch (ApiRefusal refusal)
        {
            answer = ApiAnswers.Refusal(refusal);
        }
        catch (HttpRequestException)
        {
            Requested?.Invoke(CallOf(asked, 0));
            throw;
        }

        answer.RequestMessage = request;
        answer.Headers.Date = _time.GetUtcNow();
        Requested?.Invoke(CallOf(asked, (int)answer.StatusCode));
        return answer;
    }

    private string Metrics() => string.Concat(
    [
        "# HELP apiserver_requested_deprecated_apis [STABLE] Gauge of deprecated APIs that have been requested, broken out by API group, version, resource, subresource, and removed_release.\n",
        "# TYPE apiserver_requested_deprecated_apis gauge\n",
        .. RequestedApis.Select(api =>
            $"apiserver_requested_deprecated_apis{{group=\"{api.Group}\",removed_release=\"{api.RemovedRelease}\",resource=\"{api.Resource}\",subresource=\"\",version=\"{api.Version}\"}} 1\n"),
        "# TYPE process_start_time_seconds gauge\n",
        $"process_start_time_seconds {StartedAt.ToUnixTimeSeconds()}.25\n",
    ]);

    private static ApiRequest Read(HttpRequestMessage request, byte[] body)
    {
        var uri = request.RequestUri!;
        return new ApiRequest
        {
            Method = request.Method,
            Path = uri.AbsolutePath,
            Query = new ApiQuery(uri.Query),
            Body = body,
            ContentType = request.Content?.Headers.ContentType?.MediaType ?? "",
            Accept = request.Headers.Accept.ToString(),
            UserAgent = request.Headers.UserAgent.ToString(),
            Resource = ResourcePath.Read(uri.AbsolutePath),
        };
    }

    private static ApiCall CallOf(ApiRequest asked, int code)
    {
        var attempt = Attempt.Of(asked);
        return new ApiCall(attempt.Verb, attempt.Group, attempt.Path ?? attempt.Resource, attempt.Subresource, asked.Resource?.Namespace ?? "", attempt.Name, asked.User.Name, code);
    }

    private ApiRequest Authenticate(HttpRequestMessage request, ApiRequest asked)
    {
        var user = request.Headers.Authorization switch
        {
            { Scheme: "Bearer", Parameter: { } token } => Tokens.GetValueOrDefault(token) ?? throw new ApiRefusal(HttpStatusCode.Unauthorized, "Unauthorized", "Unauthorized"),
            _ => ApiUser.Anonymous,
        };
        var asAnother = request.Headers.TryGetValues("Impersonate-User", out var names) && user.IsMaster ? names.First() : null;
        return asked with { User = asAnother is null ? user : ApiUser.Named(asAnother) };
    }

    private void Authorize(ApiRequest asked)
    {
        var attempt = Attempt.Of(asked);
        if (_rbac.Allows(asked.User, attempt))
        {
            return;
        }

        throw asked.Resource is { } resource
            ? ApiRefusal.Forbidden(resource.Kind, resource.Name ?? "", attempt.Refused(asked.User))
            : new ApiRefusal(HttpStatusCode.Forbidden, "Forbidden", attempt.Refused(asked.User)) { Details = new ApiDetails() };
    }

    private HttpResponseMessage Answer(ApiRequest asked) => asked.Resource switch
    {
        null => _plain.Answer(asked),
        { Subresource: "" } => _objects.Answer(asked),
        _ => _subresources.Answer(asked),
    };
}
