using System.Text;
using System.Text.Json.Nodes;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;
using Stepper.StepRunner.Commands;
using Stepper.StepRunner.Gates.Compatibility;
using Stepper.StepRunner.Installing;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Rehearsing;

/// <summary>
/// A simulated cluster with stepper installed in it, whose pods of stepper's image really run this program: the same command line, settings, template and
/// phases, behind the three seams.
/// </summary>
internal sealed class Rehearsal
{
    /// <summary>How the images begin whose pods run this program.</summary>
    public const string Image = "stepper:";

    private static readonly Uri ApiServer = new("https://kubernetes.default.svc/");

    private readonly string _namespace;

    /// <param name="settings">The text of <c>stepper.yaml</c>; null for the defaults.</param>
    /// <param name="matrix">The text of <c>compat.yaml</c>; null for the shipped one.</param>
    public Rehearsal(ClusterShape shape, int seed = 1, string? settings = null, string? matrix = null)
    {
        // Wrong settings are installed too: that the pods say what is wrong is a story worth seeing.
        var read = SettingsReader.Read(settings, "stepper.yaml", []) ?? new StepperSettings();
        _namespace = read.Namespace;
        Cluster = new SimulatedCluster(Installed(shape, new InstallationChoices(Image + "0.1.0", settings, read) { Matrix = matrix }).With(Credentials()), seed);
        Story = new Story(Cluster.Time);
        Cluster.Programs.Set(Image, RunAsync);
    }

    public SimulatedCluster Cluster { get; }

    public Story Story { get; }

    /// <summary>The chain Jobs that there are now.</summary>
    public IEnumerable<JsonObject> ChainJobs => Cluster.Store.List(Kinds.Job, _namespace).Where(job => job.Labels().GetValueOrDefault("app") == "k8s-upgrade-chain");

    /// <summary>Runs a command line as an operator would, from outside the cluster, to its end.</summary>
    /// <returns>Its exit code.</returns>
    public int ByHand(TextWriter error, params IReadOnlyList<string> arguments) => Cluster.Time.RunUntil(BeginByHand(error, arguments));

    /// <summary>As <see cref="ByHand"/>, without waiting for its end.</summary>
    public Task<int> BeginByHand(TextWriter error, params IReadOnlyList<string> arguments)
    {
        var who = arguments is ["--phase", var phase, ..] ? phase : arguments[0];
        var input = new ProcessInput(
            arguments,
            new Dictionary<string, string>(StringComparer.Ordinal),
            // He has copies of the two that he wrote.
            path => path switch
            {
                "/etc/stepper/stepper.yaml" => Cluster.Find(Kinds.ConfigMap, _namespace, Manifests.ConfigMapOfSettings)?.Text("data", "stepper.yaml"),
                MatrixFile.Path => Cluster.Find(Kinds.ConfigMap, _namespace, Manifests.ConfigMapOfMatrix)?.Text("data", "compat.yaml"),
                _ => null,
            },
            Story.OutputOf(who, "", TextWriter.Null),
            error,
            _ => new Outside(Cluster.Network(), ApiServer, Cluster.Shell, Cluster.Time));
        return Cli.RunAsync(input, CancellationToken.None);
    }

    /// <summary>Makes a Job of the detection CronJob, as its schedule would.</summary>
    public void BeginDetection(string name)
    {
        var cronJob = Cluster.Find(Kinds.CronJob, _namespace, "k8s-version-check")!;
        Cluster.Create(new JsonObject
        {
            ["apiVersion"] = "batch/v1",
            ["kind"] = "Job",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = _namespace, ["labels"] = cronJob.At("spec", "jobTemplate", "metadata", "labels")?.DeepClone() },
            ["spec"] = cronJob.At("spec", "jobTemplate", "spec")!.DeepClone(),
        });
    }

    /// <summary>What a pod of stepper's image runs.</summary>
    public Task<int> RunAsync(PodProcess process)
    {
        var phase = process.Environment.GetValueOrDefault("PHASE") ?? string.Join(' ', process.Arguments);
        var who = phase == "worker" ? $"worker {process.Environment.GetValueOrDefault("TARGET_NODE")}" : phase;
        var output = Story.OutputOf(who, process.Node, process.Output);
        var input = new ProcessInput(
            process.Arguments, process.Environment, process.ReadFile, output, output, _ => new Outside(process.Network, ApiServer, process.Shell, process.Time));
        return Cli.RunAsync(input, process.Terminated);
    }

    /// <summary>Lets time pass until no Job of stepper's is active any more.</summary>
    /// <param name="atMost">Ends the rehearsal of a chain that never ends.</param>
    /// <returns>False when the time was over before.</returns>
    public bool RunToRest(TimeSpan? atMost = null)
    {
        var deadline = Cluster.Time.GetUtcNow() + (atMost ?? TimeSpan.FromDays(2));
        // Followed, since looking at all Jobs whenever one has changed would be most of the work.
        var active = Cluster.Store.List(Kinds.Job, _namespace).Where(job => !IsOver(job)).Select(job => job.Name()).ToHashSet(StringComparer.Ordinal);
        Cluster.Store.Changed += Look;
        try
        {
            Cluster.Time.RunUntil(() => active.Count == 0 || Cluster.Time.GetUtcNow() > deadline);
        }
        finally
        {
            Cluster.Store.Changed -= Look;
        }

        return active.Count == 0;

        void Look(StoreChange change)
        {
            if (change.Kind == Kinds.Job && change.Stored.Namespace == _namespace)
            {
                active.Remove(change.Stored.Name);
                if (Cluster.Find(Kinds.Job, _namespace, change.Stored.Name) is { } job && !IsOver(job))
                {
                    active.Add(change.Stored.Name);
                }
            }
        }
    }

    public static bool IsOver(JsonObject job) => job.Items("status", "conditions").Any(condition => condition.Text("type") is "Complete" or "Failed" && condition.Text("status") == "True");

    // What `stepper manifests` prints, and the namespaces that the settings speak of.
    private static ClusterShape Installed(ClusterShape shape, InstallationChoices choices)
    {
        var objects = Manifests.Of(choices);
        var there = shape.Objects.Where(body => body.Text("kind") == "Namespace").Select(body => body.Name()).Append(choices.Settings.Namespace);
        return shape.With(objects.Select(body => body.Namespace()).Where(ns => ns.Length > 0).Distinct(StringComparer.Ordinal).Except(there, StringComparer.Ordinal).Select(Workloads.Namespace)).With(objects);
    }

    private JsonObject Credentials() => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["metadata"] = new JsonObject { ["name"] = "k8s-upgrade-creds", ["namespace"] = _namespace },
        ["data"] = new JsonObject
        {
            ["ssh_key"] = Convert.ToBase64String("a key"u8),
            ["slack_webhook"] = Convert.ToBase64String(Encoding.UTF8.GetBytes("https://hooks.slack.test/services/rehearsal")),
        },
    };
}
