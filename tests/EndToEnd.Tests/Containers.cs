using Stepper.Loopback;
using Stepper.Simulation;

namespace Stepper.EndToEnd.Tests;

/// <summary>
/// Runs the containers of the simulated cluster's pods as processes of this machine, each in a root of its own with its pod's mounts, under a user of its own,
/// with its pod's environment and token and nothing else: see <c>pod.sh</c>.
/// </summary>
/// <param name="directory">Where their roots are made.</param>
/// <param name="executable">What they run.</param>
internal sealed class Containers(string directory, string executable, Pacer pacer, LoopbackServer api) : IAsyncDisposable
{
    private const string Authority = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";

    private readonly List<RunningProgram> _running = [];
    private readonly List<Container> _ended = [];

    /// <summary>Gets each line that a container says, on the simulation's thread.</summary>
    public Action<PodProcess, string> Told { get; set; } = (_, _) => { };

    /// <summary>Those that have ended, in that order.</summary>
    public IReadOnlyList<Container> Ended
    {
        get
        {
            lock (_ended)
            {
                return [.. _ended];
            }
        }
    }

    /// <summary>On the simulation's thread.</summary>
    public async Task<int> RunAsync(PodProcess pod)
    {
        var root = Path.Combine(directory, pod.Name);
        WriteFiles(Path.Combine(root, "files"), pod);
        var exited = new TaskCompletionSource<int>();
        var program = new RunningProgram(
            Repository.PathOf("tests/EndToEnd.Tests/pod.sh"),
            [root, executable, .. EnvironmentOf(pod), "--", .. pod.Arguments],
            line => pacer.Post(() => Tell(pod, line)));
        _running.Add(program);
        _ = program.Exited.ContinueWith(ended => pacer.Post(() => exited.SetResult(ended.Result)), TaskScheduler.Default);
        using var terminated = pod.Terminated.Register(() => _ = RunningProgram.TerminateAsync(FirstProcessIn(program.Id)));
        var code = await exited.Task;
        lock (_ended)
        {
            _ended.Add(new Container(pod.Name, pod.Node, pod.Environment.GetValueOrDefault("PHASE", ""), pod.Environment.GetValueOrDefault("TARGET_NODE", ""), code, program.Said));
        }

        return code;
    }

    /// <summary>A container's first process, by that which made its namespaces and waits for it.</summary>
    public static int FirstProcessIn(int waiting) => int.Parse(File.ReadAllText($"/proc/{waiting}/task/{waiting}/children").Trim());

    public async ValueTask DisposeAsync()
    {
        foreach (var program in _running)
        {
            await program.DisposeAsync();
        }
    }

    private void Tell(PodProcess pod, string line)
    {
        pod.Output.WriteLine(line);
        Told(pod, line);
    }

    private IEnumerable<string> EnvironmentOf(PodProcess pod) => new Dictionary<string, string>(pod.Environment, StringComparer.Ordinal)
    {
        ["KUBERNETES_SERVICE_HOST"] = api.Address.Host,
        ["KUBERNETES_SERVICE_PORT"] = $"{api.Address.Port}",
    }.Select(pair => $"{pair.Key}={pair.Value}");

    private void WriteFiles(string under, PodProcess pod)
    {
        foreach (var (path, text) in pod.Files())
        {
            var file = under + path;
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, path == Authority ? File.ReadAllText(api.AuthorityFile) : text);
        }
    }
}

/// <summary>A container that has ended.</summary>
/// <param name="Pod">The pod's name.</param>
/// <param name="Node">Where the pod ran.</param>
/// <param name="Phase">Empty for detection.</param>
/// <param name="Target">The node that the step worked on; empty for a step without one.</param>
internal sealed record Container(string Pod, string Node, string Phase, string Target, int ExitCode, string Log)
{
    /// <summary>The phase, and the node that the step worked on.</summary>
    public string Title => $"{(Phase.Length == 0 ? "detect" : Phase)} {Target}".TrimEnd();

    public override string ToString() => $"=== {Pod} on {Node} ended with {ExitCode}\n{Log}\n";
}
