using System.Text;
using System.Text.Json.Nodes;
using Stepper.EndToEnd.Tests;
using Stepper.Loopback;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;

namespace Stepper.Bench;

/// <summary>
/// A simulated cluster in the time of the real clock, whose chain runs as real containers of the image, over real ssh on five machines of the node lab. Where it
/// has more nodes than five, they share the machines.
/// </summary>
internal sealed class LabCluster : IAsyncDisposable
{
    private const string Namespace = "k8s-upgrade";
    private static readonly TimeSpan LooksEvery = TimeSpan.FromMilliseconds(200);

    private readonly string _directory;
    private readonly JsonArray _machines;
    private readonly SimulatedCluster _cluster;
    private readonly Pacer _pacer;
    private readonly List<LoopbackServer> _servers = [];
    private readonly Dictionary<string, string> _kubelets = new(StringComparer.Ordinal);
    private readonly List<DateTimeOffset> _jobs = [];

    private LabCluster(string directory, JsonNode lab, ClusterShape shape)
    {
        _directory = directory;
        _machines = lab["nodes"]!.AsArray();
        var address = shape.Nodes.Where(node => !node.IsControlPlane).Select((node, index) => (node.Name, Machine: _machines[1 + (index % 4)]!))
            .Append((shape.Nodes[0].Name, Machine: _machines[0]!)).ToDictionary(node => node.Name, node => (string)node.Machine["address"]!, StringComparer.Ordinal);
        _cluster = new SimulatedCluster(
            shape with { Nodes = [.. shape.Nodes.Select(node => node with { Address = address[node.Name], Containerd = "1.7.29" })] }, start: TimeProvider.System.GetUtcNow());
        _cluster.Programs.Set(SimulatedCluster.BackupImage, TimeSpan.FromSeconds(2), "Backup done: /mnt/main/etcd-backup/etcd-snapshot.db (48234528 bytes)\n");
        _cluster.Store.Changed += change =>
        {
            if (change is { Type: ChangeType.Added } && change.Kind == Kinds.Job && change.Stored.Name.StartsWith("k8s-upgrade-", StringComparison.Ordinal))
            {
                _jobs.Add(TimeProvider.System.GetUtcNow());
            }
        };
        _cluster.Time.AdvanceTo(TimeProvider.System.GetUtcNow());
        _pacer = new Pacer(_cluster.Time, speed: 1);
    }

    /// <summary>When the Jobs of the chain were made.</summary>
    public IReadOnlyList<DateTimeOffset> JobsMade => _jobs;

    public Uri Api => _servers[0].Address;

    public string AuthorityFile => Path.Combine(_directory, "api", "ca.crt");

    public static async Task<LabCluster> StartAsync(string directory, ClusterShape shape)
    {
        var lab = Path.Combine(directory, "lab");
        const string Nodes = "k8s-master:master,k8s-node1:worker,k8s-node2:worker,k8s-node3:worker,k8s-node4:worker";
        await RunningProgram.RunAsync("tests/node-lab/lab.sh", "up", "--dir", lab, "--nodes", Nodes, "--version", $"{BenchShapes.Running}");
        var cluster = new LabCluster(directory, JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(lab, "lab.json")))!, shape);
        await cluster.ServeAsync();
        return cluster;
    }

    /// <summary>Begins the chain, as detection would, with what its pods run.</summary>
    public void Begin(PodProgram pods) => Do(() =>
    {
        _cluster.Programs.Set("stepper:", pods);
        Follow();
        var template = _cluster.Find(Kinds.CronJob, Namespace, "k8s-version-check").At("spec", "jobTemplate")!;
        _cluster.Create(new JsonObject
        {
            ["apiVersion"] = "batch/v1",
            ["kind"] = "Job",
            ["metadata"] = new JsonObject { ["name"] = "k8s-version-check-1", ["namespace"] = Namespace },
            ["spec"] = template["spec"]!.DeepClone(),
        });
    });

    /// <summary>Does something on the simulation's thread.</summary>
    public void Do(Action work) => _pacer.Post(work);

    /// <summary>Whether no Job of stepper's is active any more.</summary>
    public bool IsAtRest() => _pacer.Ask(() => _cluster.Store.List(Kinds.Job, Namespace).All(job => job.HasCondition("Complete") || job.HasCondition("Failed")));

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        _pacer.Dispose();
        await RunningProgram.RunAsync("tests/node-lab/lab.sh", "down", "--dir", Path.Combine(_directory, "lab"));
    }

    private async Task ServeAsync()
    {
        _servers.Add(await LoopbackServer.StartAsync(_cluster.Api.AnswerAsync, _pacer, Made("api")));
        _servers.Add(await LoopbackServer.StartAsync(AnswerMonitoring(), _pacer, Made("monitoring")));
        var monitoring = _servers[1].Address.GetLeftPart(UriPartial.Authority);
        var authority = await File.ReadAllTextAsync(_servers[1].AuthorityFile);
        Do(() =>
        {
            foreach (var text in Directory.GetFiles("deploy", "*.yaml").Select(File.ReadAllText).SelectMany(text => YamlObjects.Read(text)))
            {
                _cluster.Apply(text);
            }

            _cluster.Apply(ConfigMap("k8s-upgrade-job-template", ("job-template.yaml", File.ReadAllText("templates/job-template.yaml"))));
            _cluster.Apply(ConfigMap("k8s-upgrade-config", ("stepper.yaml", Settings(monitoring)), ("ca.pem", authority)));
            _cluster.Apply(Credentials());
        });
    }

    // What is asked here is asked of the simulated Prometheus and Pushgateway, under their own names there.
    private Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> AnswerMonitoring()
    {
        var simulated = new HttpMessageInvoker(_cluster.Network());
        return (request, ct) =>
        {
            var path = request.RequestUri!.PathAndQuery;
            var host = path.StartsWith("/metrics", StringComparison.Ordinal) ? "http://prometheus-prometheus-pushgateway.monitoring:9091" : "http://prometheus-server.monitoring.svc.cluster.local";
            request.RequestUri = new Uri(new Uri(host), path);
            return simulated.SendAsync(request, ct);
        };
    }

    // The nodes' kubelets and static pods are what the machines have. Of the nodes of a machine it is the one that is cordoned.
    private void Follow()
    {
        foreach (var machine in _machines)
        {
            var now = File.ReadAllText($"{machine!["root"]}/run/kubelet-version").Trim().TrimStart('v');
            var before = _kubelets.GetValueOrDefault((string)machine["name"]!, now);
            _kubelets[(string)machine["name"]!] = now;
            if (now != before && Cordoned((string)machine["address"]!) is { } node)
            {
                _cluster.Node(node).Packages["kubelet"] = $"{now}-1.1";
                _cluster.RestartKubelet(node);
                if (_cluster.Node(node).IsControlPlane)
                {
                    _cluster.ChangeStaticPods(node, ((string[])["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"]).ToDictionary(
                        name => name, name => ImageIn($"{machine["root"]}/etc/kubernetes/manifests/{name}.yaml"), StringComparer.Ordinal));
                }
            }
        }

        _cluster.Time.After(LooksEvery, Follow);
    }

    private string? Cordoned(string address) => _cluster.Store.List(Kinds.Node)
        .FirstOrDefault(node => node.Flag("spec", "unschedulable") && node.Items("status", "addresses").Any(each => each.Text("address") == address))?.Name();

    private static string ImageIn(string manifest) => File.ReadLines(manifest).Select(line => line.Trim()).First(line => line.StartsWith("image: ", StringComparison.Ordinal))["image: ".Length..];

    private string Made(string name) => Directory.CreateDirectory(Path.Combine(_directory, name)).FullName;

    private string Settings(string monitoring) =>
        $"""
        prometheusUrl: {monitoring}
        pushgatewayUrl: {monitoring}
        caFile: /etc/stepper/ca.pem
        repository: "{JsonNode.Parse(File.ReadAllText(Path.Combine(_directory, "lab", "lab.json")))!["repository"]}"
        soak: 5s
        alerts:
          minimumUptime: 5s
        """;

    private JsonObject Credentials() => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["metadata"] = new JsonObject { ["name"] = "k8s-upgrade-creds", ["namespace"] = Namespace },
        ["data"] = new JsonObject
        {
            ["ssh_key"] = Convert.ToBase64String(File.ReadAllBytes(Path.Combine(_directory, "lab", "id_ed25519"))),
            ["known_hosts"] = Convert.ToBase64String(File.ReadAllBytes(Path.Combine(_directory, "lab", "known_hosts"))),
        },
    };

    private static JsonObject ConfigMap(string name, params IEnumerable<(string Key, string Text)> data) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = Namespace },
        ["data"] = new JsonObject(data.Select(each => KeyValuePair.Create(each.Key, (JsonNode?)each.Text))),
    };
}
