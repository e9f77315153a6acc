using System.Text.Json.Nodes;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Monitoring;
using Stepper.Simulation.Shapes;
using Stepper.StepRunner.Rehearsing;

namespace Stepper.Scenarios.Tests;

/// <summary>A simulated cluster in which the real program runs: what an operator does there, and what he can see afterwards.</summary>
internal sealed class Scenario
{
    public const string Target = "1.34.7";
    public const string Namespace = "k8s-upgrade";

    /// <summary>A compatibility matrix without a line.</summary>
    public const string NothingKnown = "addons: []";

    private static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    private readonly Rehearsal _rehearsal;
    private readonly List<MadeJob> _jobs = [];
    private readonly List<PlacedPod> _pods = [];
    private readonly List<CordonChange> _cordons = [];
    private readonly StringWriter _errors = new();
    private int _detections;

    /// <param name="shape">Null: the default cluster, a control plane and four workers at 1.34.2, one with a GPU.</param>
    /// <param name="settings">The text of <c>stepper.yaml</c>; null for the defaults.</param>
    /// <param name="matrix">The text of <c>compat.yaml</c>: not the shipped one, which changes with the world.</param>
    public Scenario(ClusterShape? shape = null, string? settings = null, int seed = 1, string matrix = NothingKnown)
    {
        _rehearsal = new Rehearsal(shape ?? ClusterShapes.Default(), seed, settings, matrix);
        Cluster.Store.Changed += Note;
    }

    public SimulatedCluster Cluster => _rehearsal.Cluster;

    public DateTimeOffset Now => Cluster.Time.GetUtcNow();

    /// <summary>Every Job of a chain that was ever made, those included that are gone again.</summary>
    public IReadOnlyList<MadeJob> Jobs => _jobs;

    /// <summary>Every pod of a chain that was ever given a node.</summary>
    public IReadOnlyList<PlacedPod> Pods => _pods;

    /// <summary>Every time that a node was cordoned or uncordoned, by whomever.</summary>
    public IReadOnlyList<CordonChange> Cordons => _cordons;

    public IReadOnlyList<StoryLine> Story => _rehearsal.Story.Lines;

    public IReadOnlyList<string> Messages => [.. Cluster.Webhooks.Posts.Select(post => JsonNode.Parse(post.Body).Text("text"))];

    /// <summary>What commands by hand wrote to standard error.</summary>
    public string Errors => _errors.ToString();

    public string? InFlight => Annotation("in-flight");

    public int ByHand(params string[] arguments) => _rehearsal.ByHand(_errors, arguments);

    /// <summary>As <see cref="ByHand"/>, without waiting for its end.</summary>
    public Task<int> BeginByHand(params string[] arguments) => _rehearsal.BeginByHand(_errors, arguments);

    /// <summary>Until all of them have ended.</summary>
    /// <returns>Their exit codes.</returns>
    public IReadOnlyList<int> EndOf(params IReadOnlyList<Task<int>> steps)
    {
        RunUntil(() => steps.All(step => step.IsCompleted));
        return [.. steps.Select(step => step.Result)];
    }

    public void Start(string target = Target) => ByHand("start", "--target", target).ShouldBe(0, Telling());

    /// <summary>Lets the detection CronJob make a Job, and waits until that one is over. What it began goes on.</summary>
    public void Detect()
    {
        var name = BeginDetection();
        RunUntil(() => Rehearsal.IsOver(Cluster.Find(Kinds.Job, Namespace, name)!));
    }

    /// <summary>As <see cref="Detect"/>, without waiting for anything.</summary>
    /// <returns>The name of its Job.</returns>
    public string BeginDetection()
    {
        var name = $"k8s-version-check-{++_detections}";
        _rehearsal.BeginDetection(name);
        return name;
    }

    /// <summary>Until no Job of stepper's is active any more.</summary>
    public void RunToRest() => _rehearsal.RunToRest(Patience).ShouldBeTrue(Telling("a Job is active for ever"));

    public void RunUntil(Func<bool> holds)
    {
        var giveUp = Now + Patience;
        Cluster.Time.RunUntil(() => holds() || Now > giveUp);
        holds().ShouldBeTrue(Telling("what the test waits for has not come"));
    }

    /// <summary>Until some process says it, from now on.</summary>
    public void RunUntilSaid(string text)
    {
        var seen = Story.Count;
        RunUntil(() =>
        {
            for (; seen < Story.Count; seen++)
            {
                if (Story[seen].Text.Contains(text, StringComparison.Ordinal))
                {
                    return true;
                }
            }

            return false;
        });
    }

    public void Pass(TimeSpan length) => Cluster.Time.Pass(length);

    public bool Said(string text) => Story.Any(line => line.Text.Contains(text, StringComparison.Ordinal));

    public StoryLine Line(string text) => Story.FirstOrDefault(line => line.Text.Contains(text, StringComparison.Ordinal)).ShouldNotBeNull(Telling($"nobody said \"{text}\""));

    public bool WasTold(string text) => Messages.Any(message => message.Contains(text, StringComparison.Ordinal));

    public JsonObject Node(string name) => Cluster.Find(Kinds.Node, null, name).ShouldNotBeNull();

    public bool IsCordoned(string node) => Node(node).Flag("spec", "unschedulable");

    public string Kubelet(string node) => Node(node).Text("status", "nodeInfo", "kubeletVersion").TrimStart('v');

    public double? Gauge(string series) => Cluster.Pushgateway.Value("k8s-version-upgrade", series);

    public string? Annotation(string name) =>
        Cluster.Find(Kinds.Namespace, null, Namespace)!.Annotation($"viktorbarzin.me/k8s-upgrade-{name}") is { Length: > 0 } text ? text : null;

    public int Replicas(string ns, string deployment) => Cluster.Find(Kinds.Deployment, ns, deployment).Number("spec", "replicas");

    /// <summary>The pods of an application, by the label <c>app</c>.</summary>
    public IEnumerable<JsonObject> PodsOf(string ns, string app) => Cluster.Store.List(Kinds.Pod, ns).Where(pod => pod.Labels().GetValueOrDefault("app") == app);

    public static string Worker(string node) => $"k8s-upgrade-worker-1-34-7-{node}";

    public JsonObject? Job(string name) => Cluster.Find(Kinds.Job, Namespace, name);

    public bool HasFailed(string job) => Job(job) is { } there && there.HasCondition("Failed");

    /// <summary>What its step wrote before it exited; empty before.</summary>
    public string Outcome(string job) => Job(job) is { } there ? there.Annotation("viktorbarzin.me/k8s-upgrade-outcome") : "";

    /// <summary>The pod of a step that runs now; null when none does.</summary>
    public string? RunningPod(string job) => Cluster.Store.List(Kinds.Pod, Namespace)
        .FirstOrDefault(pod => pod.Labels().GetValueOrDefault("job-name") == job && pod.Text("status", "phase") == "Running" && !pod.IsBeingDeleted())?.Name();

    /// <summary>SIGKILL to the running pod of a step.</summary>
    public void Kill(string job) => Cluster.KillProcess(Namespace, RunningPod(job).ShouldNotBeNull());

    /// <summary>The running pod of a step is evicted: SIGTERM, and the disruption that its Job does not count.</summary>
    public void Evict(string job) => Cluster.Evict(Namespace, RunningPod(job).ShouldNotBeNull());

    /// <summary>A person's own cordon, or its end.</summary>
    public void Cordon(string node) => Cluster.Registry.Change(Kinds.Node, null, node, changed => changed.Child("spec")["unschedulable"] = true);

    public void Uncordon(string node) => Cluster.Registry.Change(Kinds.Node, null, node, changed => changed.Child("spec").Remove("unschedulable"));

    public void PullTheBrake(string reason) => Cluster.Create(new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["name"] = "k8s-upgrade-killswitch", ["namespace"] = Namespace },
        ["data"] = new JsonObject { ["reason"] = reason },
    });

    /// <summary>The rule that an operator adds for a ConfigMap of his own in the namespace.</summary>
    public void AllowToRead(string configMap) => Cluster.Registry.Change(Kinds.Role, Namespace, "k8s-upgrade", role => role["rules"]!.AsArray().Add(new JsonObject
    {
        ["apiGroups"] = new JsonArray(""),
        ["resources"] = new JsonArray("configmaps"),
        ["resourceNames"] = new JsonArray(configMap),
        ["verbs"] = new JsonArray("get"),
    }));

    /// <summary>An operator's script for after the control plane, with the right to read it: what <c>afterControlPlane: [k8s-upgrade/after/run.sh]</c> names.</summary>
    public void AddHook()
    {
        Cluster.Create(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = "after", ["namespace"] = Namespace },
            ["data"] = new JsonObject { ["run.sh"] = "true" },
        });
        AllowToRead("after");
    }

    public void ReleaseTheBrake() => Cluster.Registry.Delete(Kinds.ConfigMap, Namespace, "k8s-upgrade-killswitch");

    /// <summary>A Job of an earlier run, of the name and with the labels of this run's step on a node; it makes no pod.</summary>
    public void PlantJobOfAnotherRun(string node, Action<JsonObject>? change = null)
    {
        var job = Workloads.Job(Namespace, Worker(node), "registry.local/old:1", spec => spec["suspend"] = true);
        job["metadata"]!["labels"] = new JsonObject { ["app"] = "k8s-upgrade-chain", ["phase"] = "worker", ["target-version"] = "1-34-7", ["target-node"] = node };
        job["metadata"]!["annotations"] = new JsonObject
        {
            ["viktorbarzin.me/k8s-upgrade-run"] = "1.34.7/2026-11-15T12:00:00Z",
            ["viktorbarzin.me/k8s-upgrade-outcome"] = "done",
        };
        change?.Invoke(job);
        Cluster.Create(job);
        Cluster.Registry.Change(Kinds.Job, Namespace, Worker(node), planted => planted.SetCondition("Complete", "True", "CompletionsReached", null, Now));
        _jobs.RemoveAll(made => made.Run == "1.34.7/2026-11-15T12:00:00Z");
    }

    /// <summary>Every node at the target and in use as it was before, nothing in flight any more, and one message that says so.</summary>
    public void MustBeComplete(string target = Target)
    {
        Cluster.Store.List(Kinds.Node).Select(node => $"{node.Name()} {Kubelet(node.Name())}")
            .ShouldBe(Cluster.Store.List(Kinds.Node).Select(node => $"{node.Name()} {target}"), Telling());
        Cluster.Store.List(Kinds.Node).Where(IsHeldByChain).Select(ObjectFields.Name).ShouldBeEmpty(Telling());
        InFlight.ShouldBeNull(Telling());
        Gauge("k8s_upgrade_in_flight").ShouldBe(0);
        Messages.Count(message => message.Contains($":white_check_mark: K8s upgrade complete: {target}", StringComparison.Ordinal)).ShouldBe(1, Telling());
    }

    /// <summary>What must hold in each scenario, whatever it is about.</summary>
    public void MustBeSound()
    {
        Cluster.Invariants.Violations.Select(violation => violation.ToString()).ShouldBeEmpty(Telling());
        Cluster.Crashes.ShouldBeEmpty();
    }

    /// <summary>The whole story, for a test that fails.</summary>
    public string Telling(string what = "")
    {
        var lines = Story.Where(line => !line.Text.Contains(" | ", StringComparison.Ordinal))
            .Where(line => !line.Text.Contains(" has been blocked for ", StringComparison.Ordinal) || line.Text.Contains("ABORT", StringComparison.Ordinal)).Select(line => $"{line.Time:MM-dd HH:mm:ss} {line.Who,-18} {line.Host,-11} {line.Text}");
        return $"{what}\n{string.Join('\n', lines.TakeLast(120))}\n{Errors}";
    }

    public static bool IsHeldByChain(JsonObject node) => node.Annotation("viktorbarzin.me/k8s-upgrade-cordoned").Length > 0;

    private void Note(StoreChange change)
    {
        if (change.Kind == Kinds.Job && change.Type == ChangeType.Added && IsChains(change.Object))
        {
            var job = change.Object;
            _jobs.Add(new MadeJob(
                Now, job.Name(), job.Labels()["phase"], NodeOf(job.At("spec", "template")!.AsObject()), job.Text("spec", "template", "spec", "nodeSelector", "kubernetes.io/hostname"),
                job.Annotation("viktorbarzin.me/k8s-upgrade-run"), job));
        }
        else if (change.Kind == Kinds.Pod && change.Type == ChangeType.Modified && IsChains(change.Object) && change.Old!.NodeName().Length == 0 && change.Object.NodeName().Length > 0)
        {
            _pods.Add(new PlacedPod(change.Object.Name(), change.Object.Labels()["job-name"], NodeOf(change.Object), change.Object.NodeName()));
        }
        else if (change.Kind == Kinds.Node && change.Type == ChangeType.Modified && change.Object.Flag("spec", "unschedulable") != change.Old.Flag("spec", "unschedulable"))
        {
            _cordons.Add(new CordonChange(Now, change.Object.Name(), change.Object.Flag("spec", "unschedulable")));
        }
    }

    private static bool IsChains(JsonObject body) => body.Labels().GetValueOrDefault("app") == "k8s-upgrade-chain";

    private static string NodeOf(JsonObject pod) =>
        pod.Items("spec", "containers").First().Items("env").FirstOrDefault(variable => variable.Text("name") == "TARGET_NODE").Text("value");
}

/// <param name="Node">The node that its step works on; empty for a step without one.</param>
/// <param name="Host">The hostname label that its pod is pinned to; empty for none.</param>
internal sealed record MadeJob(DateTimeOffset Time, string Name, string Phase, string Node, string Host, string Run, JsonObject Body);

/// <param name="Node">The node that its step works on; empty for a step without one.</param>
/// <param name="Host">The node that it was given.</param>
internal sealed record PlacedPod(string Name, string Job, string Node, string Host);

internal sealed record CordonChange(DateTimeOffset Time, string Node, bool IsCordoned);
