using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Simulation.Api;

namespace Stepper.Simulation.Tests.Api;

/// <summary>A simulated API server with nothing around it, and stepper's own client to it.</summary>
internal sealed class SimulatedApi
{
    private readonly VirtualTime _time = new(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));

    public SimulatedApi()
    {
        Registry = new Registry(new ObjectStore(), _time);
        Server = new SimulatedApiServer(Registry, Logs, _time) { Tokens = { ["admin"] = ApiUser.Admin } };
        Http = new HttpClient(new InProcess(Server)) { BaseAddress = new Uri("https://simulated/"), Timeout = Timeout.InfiniteTimeSpan };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "admin");
        Registry.Create(Kinds.Namespace, JsonNode.Parse("""{"metadata":{"name":"default"}}""")!.AsObject());
    }

    public Registry Registry { get; }

    public PodLogs Logs { get; } = new();

    public SimulatedApiServer Server { get; }

    public HttpClient Http { get; }

    public VirtualTime Time => _time;

    /// <summary>What the client said to people.</summary>
    public List<string> Said { get; } = [];

    public void After(TimeSpan delay, Action happens) => _time.After(delay, happens);

    public T Run<T>(Func<KubeApi, Task<T>> work, Action<KubeApi>? beside = null)
    {
        var api = new KubeApi(Http, new Wait(_time), Said.Add);
        var task = work(api);
        beside?.Invoke(api);
        return _time.RunUntil(task);
    }

    public JsonObject Add(string json)
    {
        var body = JsonNode.Parse(json)!.AsObject();
        return Registry.Create(Kinds.All.Single(kind => kind.Kind == (string?)body["kind"]), body);
    }

    /// <param name="labels">As <c>app=web,tier=front</c>.</param>
    public Pod AddPod(string name, string node, string labels = "")
    {
        var body = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
            ["spec"] = new JsonObject { ["nodeName"] = node, ["containers"] = new JsonArray(new JsonObject { ["name"] = "main", ["image"] = "busybox" }) },
            ["status"] = new JsonObject { ["phase"] = "Running", ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = "True" }) },
        };
        var set = new JsonObject();
        foreach (var pair in labels.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            set[pair.Split('=')[0]] = pair.Split('=')[1];
        }

        body["metadata"]!["labels"] = set;
        Registry.Create(Kinds.Pod, body);
        return Run(api => api.GetAsync(Resources.Pods, "default", name, default));
    }

    private sealed class InProcess(SimulatedApiServer server) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => server.AnswerAsync(request, cancellationToken);
    }
}
