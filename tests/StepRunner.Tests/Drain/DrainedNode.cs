using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;
using Stepper.StepRunner.Drain;

namespace Stepper.StepRunner.Tests.Drain;

/// <summary>A node with pods on a simulated API server, in virtual time. Its kubelet ends what is to end; no controller makes anything again.</summary>
internal sealed class DrainedNode
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private readonly VirtualTime _time = new(Start);
    private readonly Registry _registry;
    private int _evictions;

    public DrainedNode()
    {
        _registry = new Registry(new ObjectStore(), _time);
        Server = new SimulatedApiServer(_registry, new PodLogs(), _time) { Tokens = { ["admin"] = ApiUser.Admin } };
        Server.Requested += Calls.Add;
        _registry.Store.Changed += EndWhatIsToEnd;
        foreach (var name in (string[])["shop", "kube-system", "k8s-upgrade"])
        {
            _registry.Create(Kinds.Namespace, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } });
        }
    }

    public SimulatedApiServer Server { get; }

    public List<ApiCall> Calls { get; } = [];

    /// <summary>What the drain said, after the second at which it said it.</summary>
    public List<string> Said { get; } = [];

    /// <summary>Of all that the drain called back.</summary>
    public HashSet<int> Threads { get; } = [];

    public int MostEvictionsAtOnce { get; private set; }

    /// <summary>How long a container takes to stop.</summary>
    public TimeSpan StopsAfter { get; set; } = TimeSpan.FromSeconds(1);

    public TimeSpan Passed => _time.GetUtcNow() - Start;

    public static DrainOptions Options { get; } = new(TimeSpan.FromMinutes(30), TimeSpan.FromSeconds(300), BudgetMode.Unstick, 16);

    public void Pass(TimeSpan length) => _time.Pass(length);

    public void At(TimeSpan passed, Action happens) => _time.After(passed - Passed, happens);

    public DrainReport Drain(DrainOptions? options = null, Func<int, Task>? milestone = null, CancellationToken ct = default) =>
        _time.RunUntil(DrainAsync(options, milestone, ct));

    public Task<DrainReport> DrainAsync(DrainOptions? options = null, Func<int, Task>? milestone = null, CancellationToken ct = default)
    {
        var http = new HttpClient(new Network(this)) { BaseAddress = new Uri("https://simulated/"), Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "admin");
        var wait = new Wait(_time);
        return new NodeDrain(new KubeApi(http, wait, Say), wait, Say, options ?? Options).RunAsync("node3", milestone, ct);
    }

    /// <summary>A pod on the node: Running, Ready, of a ReplicaSet and labelled by its name, unless <paramref name="otherwise"/>.</summary>
    public void Add(string name, Action<JsonObject>? otherwise = null, string ns = "shop")
    {
        var pod = JsonNode.Parse($$"""
            {
              "metadata": {"namespace": "{{ns}}", "name": "{{name}}", "labels": {"app": "{{name}}"} },
              "spec": {"nodeName": "node3", "terminationGracePeriodSeconds": 30, "containers": [{"name": "main", "image": "busybox"}]},
              "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
            }
            """)!.AsObject();
        pod.Owned("ReplicaSet", name);
        otherwise?.Invoke(pod);
        _registry.Create(Kinds.Pod, pod);
    }

    public void AddBudget(string name, string selector, int pods, int healthy, int needed, int mayGo = 0) =>
        _registry.Create(Kinds.DisruptionBudget, JsonNode.Parse($$$"""
            {
              "metadata": {"namespace": "shop", "name": "{{{name}}}"},
              "spec": {"minAvailable": {{{needed}}}, "selector": {{{selector}}} },
              "status": {"observedGeneration": 1, "expectedPods": {{{pods}}}, "currentHealthy": {{{healthy}}}, "desiredHealthy": {{{needed}}}, "disruptionsAllowed": {{{mayGo}}} }
            }
            """)!.AsObject());

    public void RemoveBudget(string name) => _registry.Delete(Kinds.DisruptionBudget, "shop", name);

    public void ChangeBudget(string name, string field, JsonNode? value) =>
        _registry.Change(Kinds.DisruptionBudget, "shop", name, budget => budget["status"]![field] = value?.DeepClone());

    public string AddDaemonSet(string name, string? uid = null, string ns = "kube-system")
    {
        var set = Workloads.DaemonSet(ns, name);
        set["metadata"]!["uid"] = uid;
        return (string)_registry.Create(Kinds.DaemonSet, set)["metadata"]!["uid"]!;
    }

    public void Change(string name, Action<JsonObject> change) => _registry.Change(Kinds.Pod, "shop", name, change);

    /// <summary>Another pod has the name from one moment to the next.</summary>
    public void Replace(string name)
    {
        if (Find(name) is not null)
        {
            _registry.Delete(Kinds.Pod, "shop", name, 0);
        }

        Add(name);
    }

    public void Delete(string name) => _registry.Delete(Kinds.Pod, "shop", name);

    public JsonObject? Find(string name) => _registry.Store.Find(Kinds.Pod, "shop", name);

    /// <summary>The names of the node's pods.</summary>
    public IEnumerable<string> Names => _registry.Store.List(Kinds.Pod).Select(pod => (string)pod["metadata"]!["name"]!);

    public IEnumerable<ApiCall> Asked(string verb, string resource, string subresource = "") =>
        Calls.Where(call => call.Verb == verb && call.Resource == resource && call.Subresource == subresource);

    private void EndWhatIsToEnd(StoreChange change)
    {
        var meta = change.Object["metadata"]!;
        if (change.Kind == Kinds.Pod && change.Type == ChangeType.Modified && meta["deletionTimestamp"] is not null && change.Old!["metadata"]!["deletionTimestamp"] is null)
        {
            _time.After(StopsAfter, () => End((string)meta["namespace"]!, (string)meta["name"]!));
        }
    }

    private void End(string ns, string name)
    {
        _registry.Change(Kinds.Pod, ns, name, pod => pod["status"]!["phase"] = "Failed");
        _registry.Delete(Kinds.Pod, ns, name, 0);
    }

    private void Say(string line)
    {
        Threads.Add(Environment.CurrentManagedThreadId);
        Said.Add($"{Passed.TotalSeconds:0} {line}");
    }

    // Each way takes 10 ms.
    private sealed class Network(DrainedNode node) : HttpMessageHandler
    {
        private readonly Wait _wait = new(node._time);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var isEviction = request.RequestUri!.AbsolutePath.EndsWith("/eviction", StringComparison.Ordinal);
            node._evictions += isEviction ? 1 : 0;
            node.MostEvictionsAtOnce = Math.Max(node.MostEvictionsAtOnce, node._evictions);
            try
            {
                await _wait.ForAsync(TimeSpan.FromMilliseconds(10), cancellationToken);
                var answer = await node.Server.AnswerAsync(request, cancellationToken);
                await _wait.ForAsync(TimeSpan.FromMilliseconds(10), cancellationToken);
                return answer;
            }
            finally
            {
                node._evictions -= isEviction ? 1 : 0;
            }
        }
    }
}

internal static class PodChanges
{
    public static void Owned(this JsonObject pod, string kind, string name, string uid = "owner", string apiVersion = "apps/v1") =>
        pod["metadata"]!["ownerReferences"] = new JsonArray(new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind, ["name"] = name, ["uid"] = uid, ["controller"] = true });

    public static void Alone(this JsonObject pod) => pod["metadata"]!.AsObject().Remove("ownerReferences");

    public static void Phase(this JsonObject pod, string phase) => pod["status"] = new JsonObject { ["phase"] = phase };
}
