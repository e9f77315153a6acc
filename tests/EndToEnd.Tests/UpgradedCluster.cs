using System.Text.Json.Nodes;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Versions;
using Stepper.Loopback;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;

namespace Stepper.EndToEnd.Tests;

/// <summary>
/// A cluster that is upgraded once, by the published executable in its pods, over real ssh on machines of the lab, with a real Prometheus and Pushgateway. Only the
/// API server, its controllers and kubelets are simulated, in the time of the real clock. Each heir is a scenario: what the cluster is, and what happens in it.
/// </summary>
public abstract class UpgradedCluster : IAsyncLifetime
{
    public const string Namespace = "k8s-upgrade";

    private const string SlackPath = "/services/T0/B0/secret";
    private const string WebhookPath = "/hook";
    private const string Progress = "viktorbarzin.me/k8s-upgrade-progress";

    private static readonly TimeSpan AtMost = TimeSpan.FromMinutes(10);

    private readonly string _directory;
    private readonly Stack<IAsyncDisposable> _opened = new();
    private readonly List<(string Target, string Line, Func<SimulatedCluster, Task> Happens)> _awaited = [];
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SimulatedCluster? _cluster;
    private Pacer? _pacer;
    private Containers? _containers;
    private Receiver? _receiver;
    private TaskCompletionSource? _atRest;
    private int _detections;

    protected UpgradedCluster() => _directory = Workplace.DirectoryOf(GetType().Name);

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

    /// <summary>What the nodes run at first.</summary>
    protected virtual KubeVersion Running => new(1, 34, 2);

    /// <summary>Beside one control-plane node. One: nothing is in the cluster that would have nowhere else to go.</summary>
    protected virtual int Workers => 1;

    /// <summary>How long the API server is away after the upgrade of its node.</summary>
    protected virtual TimeSpan ApiServerAway => TimeSpan.FromSeconds(2);

    public async ValueTask InitializeAsync()
    {
        Missing = Workplace.WhyNot();
        if (Missing.Length > 0)
        {
            return;
        }

        try
        {
            await StartAsync(await Repository.ExecutableAsync());
            await await Task.WhenAny(PlayAsync(), _failed.Task).WaitAsync(AtMost, TimeProvider.System);
        }
        catch (Exception e)
        {
            var story = _receiver is null || _containers is null ? "" : Story;
            await DisposeAsync();
            throw new InvalidOperationException($"{GetType().Name} did not come to its end. {e.Message}\n{story}", e);
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
        else
        {
            Workplace.Leave(_directory);
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Looks at the cluster, on its own thread.</summary>
    internal T Look<T>(Func<SimulatedCluster, T> look) => _pacer!.Ask(() => look(_cluster!));

    /// <summary>What happens, from the first detection on.</summary>
    protected abstract Task PlayAsync();

    /// <summary>What else is so from the start.</summary>
    internal virtual ClusterShape Change(ClusterShape shape) => shape;

    /// <summary>Runs <c>stepper detect</c> as the CronJob's schedule would, until no Job goes on any more.</summary>
    private protected async Task DetectAsync()
    {
        var atRest = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Do(cluster =>
        {
            cluster.Create(Installation.DetectionJob(cluster, ++_detections));
            _atRest = atRest;
        });
        await atRest.Task;
    }

    /// <summary>Does something in the cluster, on its own thread.</summary>
    private protected void Do(Action<SimulatedCluster> what) => Look(cluster =>
    {
        what(cluster);
        return true;
    });

    /// <summary>Has something happen, once, when a step on a node says a line that has this in it.</summary>
    private protected void When(string target, string line, Func<Task> happens) => Do(_ => _awaited.Add((target, line, _ => happens())));

    /// <summary>As the other one, in the cluster.</summary>
    private protected void When(string target, string line, Action<SimulatedCluster> happens) => Do(_ => _awaited.Add((target, line, cluster =>
    {
        happens(cluster);
        return Task.CompletedTask;
    })));

    /// <summary>The run in flight reached its last milestone so long ago that it has stopped, and not just paused.</summary>
    private protected void TenMinutesPass() => Do(cluster => cluster.Registry.Change(
        Kinds.Namespace, null, Namespace, body => body["metadata"]!["annotations"]![Progress] = KubeTime.Text(cluster.Time.GetUtcNow().AddMinutes(-11))));

    private async Task StartAsync(string executable)
    {
        await Workplace.EnterAsync(_directory);
        Lab = Opened(await NodeLab.UpAsync(Path.Combine(_directory, "lab"), Workers, Running));
        Monitoring = Opened(await Monitoring.StartAsync(Path.Combine(_directory, "monitoring"), Lab.Network));
        _receiver = Opened(await Receiver.StartAsync());
        _cluster = new SimulatedCluster(Change(await ShapeAsync()), start: TimeProvider.System.GetUtcNow());
        _cluster.Programs.Set(SimulatedCluster.BackupImage, TimeSpan.FromSeconds(2), "Backup done: /mnt/main/etcd-backup/etcd-snapshot.db (48234528 bytes)\n");
        foreach (var node in _cluster.Nodes)
        {
            node.KubeletReportsAfter = TimeSpan.FromSeconds(1);
        }

        new NodeMirror(_cluster, Lab, ApiServerAway).Follow();
        // Making it took a moment, and both clocks show the same.
        _cluster.Time.AdvanceTo(TimeProvider.System.GetUtcNow());
        _pacer = new Pacer(_cluster.Time, speed: 1);
        _opened.Push(new Ended(_pacer.Dispose));
        var api = Opened(await LoopbackServer.StartAsync(AnswerAsync, _pacer, _directory));
        _containers = Opened(new Containers(Path.Combine(_directory, "pods"), executable, _pacer, api) { Told = Told });
        Do(cluster =>
        {
            cluster.Programs.Set("stepper:", _containers.RunAsync);
            cluster.Store.Changed += change =>
            {
                if (change.Kind == Kinds.Job && cluster.Store.List(Kinds.Job, Namespace).All(IsOver))
                {
                    _atRest?.TrySetResult();
                }
            };
        });
    }

    private async Task<ClusterShape> ShapeAsync()
    {
        var settings = Path.Combine(_directory, "stepper.yaml");
        await File.WriteAllTextAsync(settings, Installation.Settings(Lab, Monitoring, _receiver!.Address + WebhookPath));
        return await Installation.ShapeAsync(Lab, Workers, Running, settings, Installation.Credentials(Lab, _receiver.Address + SlackPath));
    }

    private void Told(PodProcess pod, string line)
    {
        if (_awaited.Find(each => each.Target == pod.Environment.GetValueOrDefault("TARGET_NODE", "") && line.Contains(each.Line, StringComparison.Ordinal)) is { Happens: { } happens } awaited)
        {
            _awaited.Remove(awaited);
            _ = HappenAsync(happens);
        }
    }

    // What can't happen ends the scenario: what would come of it may be waited for in vain.
    private async Task HappenAsync(Func<SimulatedCluster, Task> happens)
    {
        try
        {
            await happens(_cluster!);
        }
        catch (InvalidOperationException e)
        {
            _failed.TrySetException(e);
        }
    }

    private static bool IsOver(JsonObject job) => job.HasCondition("Complete") || job.HasCondition("Failed");

    private Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken ct) =>
        _cluster!.ApiIsUp ? _cluster.Api.AnswerAsync(request, ct) : throw new HttpRequestException("The API server is away.");

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
