using System.Text.Json.Nodes;
using Stepper.Cluster.NodeShell;
using Stepper.Simulation.Api;
using Stepper.Simulation.Controllers;
using Stepper.Simulation.Processes;

namespace Stepper.Simulation.Nodes;

/// <summary>Starts what runs in a pod's container: its program behind the three seams.</summary>
internal sealed class ContainerHost(ControlPlane plane, ImagePrograms programs, Journal journal, PodLogs logs, SimulatedNetwork network, INodeShell shell)
{
    private readonly List<string> _crashes = [];

    /// <summary>Asked around every call of a process: true kills it there.</summary>
    public Func<SeamCall, Moment, bool> Kills { get; set; } = (_, _) => false;

    /// <summary>What programs threw instead of ending: each is a bug of the program.</summary>
    public IReadOnlyList<string> Crashes => _crashes;

    /// <summary>The token of a service account, made known to the API server.</summary>
    public required Func<string, string, string> TokenOf { get; init; }

    /// <summary>How far a node's clock is ahead.</summary>
    public IDictionary<string, TimeSpan> ClockSkew { get; } = new Dictionary<string, TimeSpan>(StringComparer.Ordinal);

    public PodLogs Logs => logs;

    public PodFiles FilesOf(JsonObject pod, JsonObject container) =>
        new(plane, pod, container, TokenOf(pod.Namespace(), pod.Text("spec", "serviceAccountName") is { Length: > 0 } account ? account : "default"));

    /// <summary>Null where the container just runs.</summary>
    /// <param name="ended">Gets the exit code, once.</param>
    public SimulatedProcess? Start(JsonObject pod, JsonObject container, Action<int> ended)
    {
        var restarts = pod.Text("spec", "restartPolicy") is not ("Never" or "OnFailure");
        if (programs.Find(container.Text("image"), restarts) is not { } program)
        {
            return null;
        }

        var process = new SimulatedProcess(pod.Name(), pod.NodeName(), ended);
        var files = FilesOf(pod, container);
        var seams = new Seams(plane, journal, (call, moment) => Kills(call, moment), process);
        var seen = new PodProcess
        {
            Name = pod.Name(),
            Node = pod.NodeName(),
            Arguments = [.. container.Words("args")],
            Environment = files.Environment(),
            ReadFile = files.Read,
            Files = files.All,
            Network = new ProcessNetwork(plane, network, seams, files.Read("/var/run/secrets/kubernetes.io/serviceaccount/token")),
            Shell = new ProcessShell(shell, seams),
            Time = new ProcessTime(plane.Time, process, ClockSkew.TryGetValue(pod.NodeName(), out var skew) ? skew : TimeSpan.Zero),
            Output = new LogWriter(text => logs.Append(pod.Uid(), container.Text("name"), text)),
            Terminated = process.Terminated,
        };
        _ = RunAsync(program, seen, process);
        return process;
    }

    private async Task RunAsync(PodProgram program, PodProcess seen, SimulatedProcess process)
    {
        int exitCode;
        try
        {
            exitCode = await program(seen);
        }
#pragma warning disable CA1031 // As the runtime does with what nobody caught: said on the process' own output, and the process aborts.
        catch (Exception crash)
#pragma warning restore CA1031
        {
            await seen.Output.WriteLineAsync($"Unhandled exception. {crash}");
            _crashes.Add($"{plane.Now:u} {seen.Name}: {crash}");
            exitCode = 134;
        }

        process.End(exitCode);
    }
}
