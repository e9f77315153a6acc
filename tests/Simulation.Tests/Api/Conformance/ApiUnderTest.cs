using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Simulation.Api;

namespace Stepper.Simulation.Tests.Api.Conformance;

/// <summary>
/// The API server that the facts are about: the simulated one or, where STEPPER_TEST_KUBECONFIG names a kubeconfig of an administrator, a real one. Each has
/// a namespace of its own to work in.
/// </summary>
public sealed class ApiUnderTest : IDisposable
{
    private static int _count;

    private readonly HttpClient _http;
    private readonly VirtualTime? _time;

    public ApiUnderTest()
    {
#pragma warning disable RS0030 // Where the facts are tried is not the tests' business.
        var config = Environment.GetEnvironmentVariable("STEPPER_TEST_KUBECONFIG");
#pragma warning restore RS0030
        Namespace = $"facts-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";
        if (string.IsNullOrEmpty(config))
        {
            _time = new VirtualTime(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));
            _http = Simulated(_time);
        }
        else
        {
            _http = Real(config);
        }

        Post("/api/v1/namespaces", $$$"""{"metadata":{"name":"{{{Namespace}}}"}}""").Code.ShouldBe(HttpStatusCode.Created);
    }

    public string Namespace { get; }

    /// <summary>The address of the namespace's objects of a kind.</summary>
    public string At(string resource) => resource.Split('/', '?')[0] switch
    {
        "jobs" or "cronjobs" => $"/apis/batch/v1/namespaces/{Namespace}/{resource}",
        "deployments" or "replicasets" => $"/apis/apps/v1/namespaces/{Namespace}/{resource}",
        "poddisruptionbudgets" => $"/apis/policy/v1/namespaces/{Namespace}/{resource}",
        "roles" or "rolebindings" => $"/apis/rbac.authorization.k8s.io/v1/namespaces/{Namespace}/{resource}",
        _ => $"/api/v1/namespaces/{Namespace}/{resource}",
    };

    public Answer Get(string path, string? asUser = null) => Send(HttpMethod.Get, path, null, null, asUser);

    public Answer Post(string path, string json, string? asUser = null) => Send(HttpMethod.Post, path, json, "application/json", asUser);

    public Answer Put(string path, string json) => Send(HttpMethod.Put, path, json, "application/json", null);

    public Answer Merge(string path, string json) => Send(HttpMethod.Patch, path, json, "application/merge-patch+json", null);

    public Answer Strategic(string path, string json) => Send(HttpMethod.Patch, path, json, "application/strategic-merge-patch+json", null);

    public Answer JsonPatch(string path, string json) => Send(HttpMethod.Patch, path, json, "application/json-patch+json", null);

    public Answer Patch(string path, string json, string form) => Send(HttpMethod.Patch, path, json, form, null);

    public Answer Apply(string path, string manager, string json, bool force = false) =>
        Send(HttpMethod.Patch, $"{path}?fieldManager={manager}{(force ? "&force=true" : "")}", json, "application/apply-patch+yaml", null);

    public Answer Delete(string path, string? json = null) => Send(HttpMethod.Delete, path, json, "application/json", null);

    /// <summary>What stepper's own client makes of it.</summary>
    public T Ask<T>(Func<KubeApi, Task<T>> call) => Wait(call(new KubeApi(_http, new Wait(_time ?? TimeProvider.System), _ => { })));

    /// <summary>Makes a ConfigMap and gives back its answer.</summary>
    public Answer AddMap(string name, string data = "{}") => Post(At("configmaps"), $$"""{"metadata":{"name":"{{name}}"},"data":{{data}}}""");

    /// <summary>Makes a pod that runs and is ready on a node.</summary>
    /// <param name="owner">One of its <c>ownerReferences</c>; empty for none.</param>
    public void AddRunningPod(string name, string app, string owner = "")
    {
        Post(At("pods"), $$$"""{"metadata":{"name":"{{{name}}}","labels":{"app":"{{{app}}}"},"ownerReferences":[{{{owner}}}]},"spec":{"nodeName":"some-node","containers":[{"name":"c","image":"i:1"}]}}""")
            .Code.ShouldBe(HttpStatusCode.Created);
        Merge(At($"pods/{name}/status"), """{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}""").Code.ShouldBe(HttpStatusCode.OK);
    }

    /// <summary>Makes a disruption budget over pods that are there already, and has its controller count them.</summary>
    public void AddBudget(string name, string app, int wanted, int healthy)
    {
        Post(At("poddisruptionbudgets"), $$$$$"""{"metadata":{"name":"{{{{{name}}}}}"},"spec":{"minAvailable":{{{{{wanted}}}}},"selector":{"matchLabels":{"app":"{{{{{app}}}}}"}}}}""")
            .Code.ShouldBe(HttpStatusCode.Created);
        SetBudget(name, wanted, healthy);
    }

    /// <summary>Waits until a budget's controller has counted so many; where there are no controllers, their numbers are written here.</summary>
    public void SetBudget(string name, int wanted, int healthy)
    {
        var allowed = Math.Max(0, healthy - wanted);
        if (_time is not null)
        {
            Merge(
                At($"poddisruptionbudgets/{name}/status"),
                $$$"""{"status":{"observedGeneration":1,"disruptionsAllowed":{{{allowed}}},"currentHealthy":{{{healthy}}},"desiredHealthy":{{{wanted}}},"expectedPods":{{{healthy}}}}}""")
                .Code.ShouldBe(HttpStatusCode.OK);
        }

        Until(() => Get(At($"poddisruptionbudgets/{name}")) is var budget
            && (int?)budget["status.currentHealthy"] == healthy && (int?)budget["status.desiredHealthy"] == wanted && (int?)budget["status.disruptionsAllowed"] == allowed);
    }

    /// <summary>The first events of a watch.</summary>
    public IReadOnlyList<JsonNode> Watch(string path, int count)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        using var response = Wait(_http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead));
        using var lines = new StreamReader(Wait(response.Content.ReadAsStreamAsync()));
        List<JsonNode> events = [];
        while (events.Count < count && Wait(lines.ReadLineAsync()) is { } line)
        {
            events.Add(JsonNode.Parse(line)!);
        }

        return events;
    }

    /// <summary>Asks again until what was just written has come to where it is read: a real server's access rules take a moment.</summary>
    public void Until(Func<bool> holds)
    {
        for (var attempt = 0; attempt < 500 && !holds(); attempt++)
        {
        }
    }

    public void Dispose()
    {
        Delete($"/api/v1/namespaces/{Namespace}");
        _http.Dispose();
    }

    private Answer Send(HttpMethod method, string path, string? json, string? type, string? asUser)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue(type!));
        }

        if (asUser is not null)
        {
            request.Headers.Add("Impersonate-User", asUser);
        }

        using var response = Wait(_http.SendAsync(request));
        var text = Wait(response.Content.ReadAsStringAsync());
        var warnings = response.Headers.TryGetValues("Warning", out var values) ? values.ToList() : [];
        return new Answer(response.StatusCode, text, warnings);
    }

    private T Wait<T>(Task<T> task) => _time is null ? task.GetAwaiter().GetResult() : _time.RunUntil(task);

    private static HttpClient Simulated(VirtualTime time)
    {
        var registry = new Registry(new ObjectStore(), time);
        registry.Create(Kinds.Namespace, JsonNode.Parse("""{"metadata":{"name":"default"}}""")!.AsObject());
        var server = new SimulatedApiServer(registry, new PodLogs(), time) { Tokens = { ["admin"] = ApiUser.Admin } };
        var http = new HttpClient(new InProcess(server)) { BaseAddress = new Uri("https://simulated/"), Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "admin");
        http.DefaultRequestHeaders.UserAgent.ParseAdd("facts/1.0");
        return http;
    }

    // kubectl knows how to read a kubeconfig.
    private static HttpClient Real(string config)
    {
        using var kubectl = Process.Start(new ProcessStartInfo("kubectl", ["--kubeconfig", config, "config", "view", "--raw", "--flatten", "--minify", "-o", "json"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        var view = JsonNode.Parse(kubectl.StandardOutput.ReadToEnd())!;
        var (cluster, user) = (view["clusters"]![0]!["cluster"]!, view["users"]![0]!["user"]!);
        var authority = X509CertificateLoader.LoadCertificate(Pem(cluster["certificate-authority-data"]!, "CERTIFICATE"));
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(authority);
        if (user["client-certificate-data"] is { } certificate)
        {
            var both = X509Certificate2.CreateFromPem(Text(certificate), Text(user["client-key-data"]!));
            handler.SslOptions.ClientCertificates = [X509CertificateLoader.LoadPkcs12(both.Export(X509ContentType.Pfx), null)];
        }

        var http = new HttpClient(handler) { BaseAddress = new Uri((string)cluster["server"]!), Timeout = Timeout.InfiniteTimeSpan };
        if ((string?)user["token"] is { } token)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        http.DefaultRequestHeaders.UserAgent.ParseAdd("facts/1.0");
        return http;
    }

    private static string Text(JsonNode data) => Encoding.ASCII.GetString(Convert.FromBase64String((string)data!));

    private static byte[] Pem(JsonNode data, string label)
    {
        var text = Text(data);
        var fields = System.Security.Cryptography.PemEncoding.Find(text);
        text[fields.Label].ShouldBe(label);
        return Convert.FromBase64String(text[fields.Base64Data]);
    }

    private sealed class InProcess(SimulatedApiServer server) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => server.AnswerAsync(request, cancellationToken);
    }
}

/// <summary>What was answered.</summary>
public sealed record Answer(HttpStatusCode Code, string Text, IReadOnlyList<string> Warnings)
{
    public JsonNode Body => JsonNode.Parse(Text)!;

    public string? Message => (string?)Body["message"];

    /// <summary>Follows a path such as <c>metadata.labels.app</c> or <c>spec.containers.0.image</c>; null where it ends.</summary>
    public JsonNode? this[string path]
    {
        get
        {
            JsonNode? at = Body;
            foreach (var part in path.Split('.'))
            {
                at = at switch
                {
                    JsonArray list => int.Parse(part, System.Globalization.CultureInfo.InvariantCulture) is var index && index < list.Count ? list[index] : null,
                    JsonObject map => map[part],
                    _ => null,
                };
            }

            return at;
        }
    }

    public string Version => (string)this["metadata.resourceVersion"]!;

    /// <summary>Code, reason and message at once.</summary>
    public void ShouldRefuse(HttpStatusCode code, string reason, string message)
    {
        Message.ShouldBe(message);
        ((string?)this["reason"] ?? "").ShouldBe(reason);
        Code.ShouldBe(code);
        ((int?)this["code"]).ShouldBe((int)code);
    }
}
