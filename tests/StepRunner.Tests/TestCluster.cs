using System.Text.Json.Nodes;
using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Messages;
using Stepper.Cluster.Monitoring;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.Workloads;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;
using Stepper.StepRunner.Commands;
using Stepper.StepRunner.Gates;
using Stepper.StepRunner.Phases.Parts;
using Stepper.StepRunner.Rehearsing;
using Stepper.StepRunner.Settings;
using Stepper.StepRunner.Spawning;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Tests;

/// <summary>A simulated cluster with stepper installed in it, and the parts of stepper that most facts need, over its three seams.</summary>
internal sealed class TestCluster
{
    public static readonly Uri ApiServer = new("https://kubernetes.default.svc/");

    /// <param name="settings">Those that stepper is installed with; null for the defaults.</param>
    public TestCluster(ClusterShape? shape = null, string? settings = null)
    {
        Sim = new Rehearsal(shape ?? ClusterShapes.Default(), settings: settings).Cluster;
        Wait = new Wait(Sim.Time);
        Api = new KubeApi(Client(ApiServer), Wait, Said.Add);
        Sim.Api.Requested += call =>
        {
            if (call.Verb is not ("get" or "list" or "watch"))
            {
                Writes.Add($"{call.Verb} {call.Resource} {call.Name}".TrimEnd());
            }
        };
    }

    public SimulatedCluster Sim { get; }

    public Wait Wait { get; }

    public KubeApi Api { get; }

    public List<string> Said { get; } = [];

    /// <summary>What was asked of the API server that is no reading.</summary>
    public List<string> Writes { get; } = [];

    public NodeList Nodes => new(Api);

    public RunState State => new(Api, "k8s-upgrade", Given.Names, Wait);

    public ChainJobs Jobs => new(Api, "k8s-upgrade", Given.Names);

    public Cordons Cordons => new(Api, Nodes, Given.Names, Marks);

    public StepMarks Marks => new(Given.Names, Wait);

    public Prometheus Prometheus => new(Client(), new StepperSettings().PrometheusUrl, Wait);

    public AlertGate Alerts => new(Prometheus, new Alertmanager(Client(), new Uri("http://alertmanager.monitoring:9093"), Wait), new AlertPolicy(new AlertSettings()), new AlertSettings());

    public Milestones Milestones => new(State, new Gauges(new PushBoard(new Pushgateway(Client(), new StepperSettings().PushgatewayUrl, Wait), Wait, Said.Add), Wait), new KubeEvents(Api, Wait, Said.Add), Wait, Said.Add);

    public AlertsHold AlertsHold => new(Alerts, Wait, TimeSpan.FromMinutes(30), Milestones);

    public HttpClient Client(Uri? address = null) => new(Sim.Network()) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };

    public T Run<T>(Task<T> work) => Sim.Time.RunUntil(work);

    public void Run(Task work) => Run(TrueAfterAsync(work));

    /// <summary>The message of the abort that the work ends in.</summary>
    public string AbortOf(Task work) => Should.Throw<AbortException>(() => Run(work)).Message;

    public string FailureOf(Task work) => Should.Throw<SourceException>(() => Run(work)).Message;

    public ClusterNode Node(string name) => Run(Nodes.GetAsync(name, default));

    public GateFacts Facts(Step step) => new(step, Run(Nodes.ListAsync(default)), Run(new ControlPlanePods(Api).ListAsync(default)));

    public Verdict Ask(IGate gate, PhaseName phase = PhaseName.Preflight) => Run(GateList.AskAsync(gate, Facts(Given.Step(phase)), default));

    /// <summary>Writes annotations as a person would; null takes one away.</summary>
    public void Annotate(ResourceKind kind, string? ns, string name, params IEnumerable<(string Name, string? Value)> values) => Sim.Registry.Change(kind, ns, name, body =>
    {
        var annotations = body["metadata"]!.AsObject().Child("annotations");
        foreach (var (key, value) in values)
        {
            annotations.Remove(key);
            if (value is not null)
            {
                annotations[key] = value;
            }
        }
    });

    /// <summary>Has something happen just before the first request that matches is answered: what another client does in between.</summary>
    public void Before(Func<ApiCall, bool> which, Action happens)
    {
        var isOver = false;
        Sim.Api.Faults.Answer(call =>
        {
            if (!isOver && which(call))
            {
                isOver = true;
                happens();
            }

            return null;
        });
    }

    /// <summary>A pod of the chain on a node.</summary>
    public void AddChainPod(string name, string node, bool endsByItself) => Sim.Create(new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Pod",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "k8s-upgrade", ["labels"] = new JsonObject { ["app"] = ChainJobs.App } },
        ["spec"] = new JsonObject
        {
            ["nodeName"] = node,
            ["restartPolicy"] = endsByItself ? "Never" : "Always",
            ["containers"] = new JsonArray(new JsonObject { ["name"] = "main", ["image"] = "registry.local/other:1" }),
        },
    });

    /// <summary>A command line as somebody outside the cluster gives it, to its end.</summary>
    /// <param name="files">What can be read, by path.</param>
    public CommandEnd Command(
        IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment = null, IReadOnlyDictionary<string, string>? files = null)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var input = new ProcessInput(
            arguments,
            environment ?? new Dictionary<string, string>(StringComparer.Ordinal),
            path => files?.GetValueOrDefault(path),
            output,
            error,
            _ => new Outside(Sim.Network(), ApiServer, Sim.Shell, Sim.Time));
        return new CommandEnd(Run(Cli.RunAsync(input, CancellationToken.None)), output.ToString(), error.ToString());
    }

    private static async Task<bool> TrueAfterAsync(Task work)
    {
        await work;
        return true;
    }
}

internal sealed record CommandEnd(int Code, string Output, string Error);
