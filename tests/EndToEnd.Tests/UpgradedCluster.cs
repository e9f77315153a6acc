using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Stepper.Cluster.Versions;
using Stepper.Loopback;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;

namespace Stepper.EndToEnd.Tests;

/// <summary>
/// A whole upgrade, done once: the published executable in its pods, over real ssh on five machines, with a real Prometheus and Pushgateway. Only the API server,
/// its controllers and kubelets are simulated, in the time of the real clock. Two things go wrong, as they do: the API server is away while its own node is
/// upgraded, and a step's pod is evicted while the node script runs.
/// </summary>
public sealed class UpgradedCluster : IAsyncLifetime
{
    public const string Namespace = "k8s-upgrade";

    /// <summary>The node whose step loses its pod.</summary>
    public const string Interrupted = "k8s-node3";

    private const string SlackPath = "/services/T0/B0/secret";
    private const string WebhookPath = "/hook";

    private static readonly TimeSpan AtMost = TimeSpan.FromMinutes(15);

    private readonly string _directory = Path.Combine(Path.GetTempPath(), "stepper-end-to-end", $"{Environment.ProcessId}");
    private readonly Stack<IAsyncDisposable> _opened = new();
    private SimulatedCluster? _cluster;
    private Pacer? _pacer;
    private Containers? _containers;
    private Receiver? _receiver;
    private bool _isInterrupted;

    public static KubeVersion Running { get; } = new(1, 34, 2);

    public static KubeVersion Target { get; } = new(1, 34, 7);

    /// <summary>Why there is no such upgrade; empty when there is.</summary>
    public string Missing { get; private set; } = "";

    internal NodeLab Lab { get; private set; } = null!;

    internal Monitoring Monitoring { get; private set; } = null!;

    /// <summary>In the order in which they ended.</summary>
    internal IReadOnlyList<Container> Containers => _containers!.Ended;

    /// <summary>What all containers said, for a test that fails.</summary>
    internal string Story => string.Concat(Containers) + string.Join('\n', Slack);

    /// <summary>The texts that Slack got.</summary>
    internal IReadOnlyList<string> Slack => [.. _receiver!.PostedTo(SlackPath).Select(body => (string)body["text"]!)];

    /// <summary>What the webhook got.</summary>
    internal IReadOnlyList<JsonNode> Webhook => _receiver!.PostedTo(WebhookPath);

    public async ValueTask InitializeAsync()
    {
        Missing = WhyNot();
        if (Missing.Length > 0)
        {
            return;
        }

        try
        {
            await StartAsync(await Repository.ExecutableAsync());
            await UpgradeAsync();
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_opened.TryPop(out var open))
        {
            try
            {
                await open.DisposeAsync();
            }
            finally
            {
                await DisposeAsync();
            }
        }
        else if (Directory.Exists(_directory) && !Directory.Exists(Path.Combine(_directory, "lab")))
        {
            // Not under machines that could not be taken down: what is mounted there is not ours alone.
            Directory.Delete(_directory, recursive: true);
        }
    }

    /// <summary>Looks at the cluster, on its own thread.</summary>
    internal T Look<T>(Func<SimulatedCluster, T> look) => _pacer!.Ask(() => look(_cluster!));

    private static string WhyNot() => (OperatingSystem.IsLinux() && Environment.UserName == "root", Tools.FirstOrDefault(tool => !IsThere(tool))) switch
    {
        (false, _) => "The end-to-end test starts machines, which needs Linux and root.",
        (_, { } tool) => $"There is no {tool} on the path: tests/install.sh installs what is needed.",
        _ => "",
    };

    private static readonly string[] Tools = ["prometheus", "prometheus-pushgateway", "ssh", "debootstrap", "unshare", "setpriv"];

    private static bool IsThere(string tool) => new[] { "/usr/bin", "/usr/sbin", "/usr/local/bin", "/bin", "/sbin" }.Any(folder => File.Exists(Path.Combine(folder, tool)));

    private async Task StartAsync(string executable)
    {
        await TakeDownWhatWasLeftAsync();
        Directory.CreateDirectory(_directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Lab = Opened(await NodeLab.UpAsync(Path.Combine(_directory, "lab"), Running));
        Monitoring = Opened(await Monitoring.StartAsync(Path.Combine(_directory, "monitoring")));
        _receiver = Opened(await Receiver.StartAsync());
        _cluster = new SimulatedCluster(Shape(), start: TimeProvider.System.GetUtcNow());
        _cluster.Programs.Set(SimulatedCluster.BackupImage, TimeSpan.FromSeconds(2), "Backup done: /mnt/main/etcd-backup/etcd-snapshot.db (48234528 bytes)\n");
        var mirror = new NodeMirror(_cluster, Lab);
        mirror.Follow();
        // Making it took a moment, and both clocks show the same.
        _cluster.Time.AdvanceTo(TimeProvider.System.GetUtcNow());
        _pacer = new Pacer(_cluster.Time, speed: 1);
        _opened.Push(new Ended(_pacer.Dispose));
        var api = Opened(await LoopbackServer.StartAsync(AnswerAsync, _pacer, _directory));
        _containers = Opened(new Containers(Path.Combine(_directory, "pods"), executable, _pacer, api));
        _containers.Told = Interrupt;
        _pacer.Ask(() => Done(() => _cluster.Programs.Set("stepper:", _containers.RunAsync)));
        // Long enough that an eviction meets it.
        await File.WriteAllTextAsync(Lab.PathOn(Interrupted, "/lab/slow-node"), "25");
    }

    private void Interrupt(PodProcess pod, string line)
    {
        if (!_isInterrupted && pod.Environment.GetValueOrDefault("TARGET_NODE") == Interrupted && line.EndsWith("script: node", StringComparison.Ordinal))
        {
            _isInterrupted = true;
            _cluster!.Evict(Namespace, pod.Name);
        }
    }

    // What a run leaves that was killed: no other run has its number.
    private async Task TakeDownWhatWasLeftAsync()
    {
        var all = Path.GetDirectoryName(_directory)!;
        foreach (var left in Directory.Exists(all) ? Directory.GetDirectories(all) : [])
        {
            if (!Directory.Exists($"/proc/{Path.GetFileName(left)}"))
            {
                KillAllThatName(left);
                await NodeLab.DownAsync(Path.Combine(left, "lab"));
                Directory.Delete(left, recursive: true);
            }
        }
    }

    private static void KillAllThatName(string directory)
    {
        foreach (var id in Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)))
        {
            try
            {
                if (File.ReadAllText($"/proc/{id}/cmdline").Contains(directory + "/", StringComparison.Ordinal))
                {
                    using var process = Process.GetProcessById(int.Parse(id!));
                    process.Kill();
                }
            }
            catch (Exception e) when (e is IOException or ArgumentException or InvalidOperationException)
            {
                // It has ended meanwhile.
            }
        }
    }

    private async Task UpgradeAsync()
    {
        var atRest = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _pacer!.Ask(() => Done(() =>
        {
            _cluster!.Store.Changed += change =>
            {
                if (change.Kind == Kinds.Job && _cluster.Store.List(Kinds.Job, Namespace).All(IsOver))
                {
                    atRest.TrySetResult();
                }
            };
            BeginDetection(_cluster);
        }));
        try
        {
            await atRest.Task.WaitAsync(AtMost, TimeProvider.System);
        }
        catch (TimeoutException e)
        {
            throw new InvalidOperationException($"After {AtMost.TotalMinutes} min the chain still goes on.\n{Story}", e);
        }
    }

    // As the CronJob's schedule would.
    private static void BeginDetection(SimulatedCluster cluster)
    {
        var template = cluster.Find(Kinds.CronJob, Namespace, "k8s-version-check").At("spec", "jobTemplate")!;
        cluster.Create(new JsonObject
        {
            ["apiVersion"] = "batch/v1",
            ["kind"] = "Job",
            ["metadata"] = new JsonObject { ["name"] = "k8s-version-check-1", ["namespace"] = Namespace, ["labels"] = template["metadata"]!["labels"]!.DeepClone() },
            ["spec"] = template["spec"]!.DeepClone(),
        });
    }

    private static bool IsOver(JsonObject job) => job.HasCondition("Complete") || job.HasCondition("Failed");

    private Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken ct) =>
        _cluster!.ApiIsUp ? _cluster.Api.AnswerAsync(request, ct) : throw new HttpRequestException("The API server is away.");

    // The machines' addresses; the rest as everywhere, without the pods whose only purpose is to hold a drain up.
    private ClusterShape Shape()
    {
        var shape = ClusterShapes.Of(controlPlanes: 1, workers: 4, Running);
        shape = shape with { Objects = [.. shape.Objects.Where(body => body.Name() is not "wiki")] };
        foreach (var node in Lab.Names)
        {
            shape = shape.Change(node, each => each with { Address = Lab.Address(node), Containerd = "1.7.29" });
        }

        return shape.WithYaml(Directory.GetFiles(Repository.PathOf("deploy"), "*.yaml").Order(StringComparer.Ordinal).Select(File.ReadAllText)).With(
            ConfigMap("k8s-upgrade-job-template", "job-template.yaml", Repository.Read("templates/job-template.yaml")),
            ConfigMap("k8s-upgrade-scripts", "update_k8s.sh", Repository.Read("scripts/update_k8s.sh")),
            ConfigMap("k8s-upgrade-config", "stepper.yaml", Settings()),
            Credentials());
    }

    private string Settings() =>
        $"""
        prometheusUrl: {Monitoring.PrometheusUrl}
        pushgatewayUrl: {Monitoring.PushgatewayUrl}
        webhookUrl: {_receiver!.Address}{WebhookPath}
        repository: "{Lab.Repository}"
        quietPeriod: 24h
        soak: 3s
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
            ["ssh_key"] = Base64(Lab.PrivateKey),
            ["known_hosts"] = Base64(Lab.KnownHosts),
            ["slack_webhook"] = Base64(_receiver!.Address + SlackPath),
        },
    };

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static JsonObject ConfigMap(string name, string key, string text) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = Namespace },
        ["data"] = new JsonObject { [key] = text },
    };

    private static bool Done(Action action)
    {
        action();
        return true;
    }

    private T Opened<T>(T open)
        where T : IAsyncDisposable
    {
        _opened.Push(open);
        return open;
    }

    private sealed class Ended(Action end) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            end();
            return ValueTask.CompletedTask;
        }
    }
}
