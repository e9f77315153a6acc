using Stepper.Cluster;
using Stepper.EndToEnd.Tests;
using Stepper.Simulation;

namespace Stepper.Bench;

/// <summary>What a container of the chain took.</summary>
/// <param name="Step">The phase and the node; <c>detect</c> for detection.</param>
/// <param name="Handover">From the last thing that it said of its own work until its successor was made; zero where it made none.</param>
internal sealed record MeasuredPod(string Step, MeasuredProcess Process, int ExitCode, TimeSpan Handover, string Said);

/// <summary>Runs the pods of a chain as containers of the image, and measures each.</summary>
/// <param name="image">Where <c>tests/image/build.sh</c> laid it out.</param>
internal sealed class MeasuredPods(string directory, string image, LabCluster cluster)
{
    private readonly List<MeasuredPod> _ended = [];

    public IReadOnlyList<MeasuredPod> Ended => _ended;

    /// <summary>On the simulation's thread.</summary>
    public async Task<int> RunAsync(PodProcess pod)
    {
        var root = Path.Combine(directory, "pods", pod.Name);
        foreach (var (path, text) in pod.Files())
        {
            var file = $"{root}/files{path}";
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, path.EndsWith("serviceaccount/ca.crt", StringComparison.Ordinal) ? await File.ReadAllTextAsync(cluster.AuthorityFile) : text);
        }

        var exited = new TaskCompletionSource<int>();
        _ = MeasureAsync(pod, root, exited);
        return await exited.Task;
    }

    private async Task MeasureAsync(PodProcess pod, string root, TaskCompletionSource<int> exited)
    {
        var work = TimeProvider.System.GetUtcNow();
        var environment = new Dictionary<string, string>(pod.Environment, StringComparer.Ordinal) { ["KUBERNETES_SERVICE_HOST"] = cluster.Api.Host, ["KUBERNETES_SERVICE_PORT"] = $"{cluster.Api.Port}" };
        await using var program = new RunningProgram(
            "tests/EndToEnd.Tests/pod.sh",
            [root, $"{image}/root/usr/bin/stepper", .. environment.Select(pair => $"{pair.Key}={pair.Value}"), "--", .. pod.Arguments],
            line =>
            {
                work = line.Contains(" made, on ", StringComparison.Ordinal) || line.Contains("message: ", StringComparison.Ordinal) ? work : TimeProvider.System.GetUtcNow();
                cluster.Do(() => pod.Output.WriteLine(line));
            });
        var measured = await MeasuredProcess.UntilItEndsAsync(await FirstProcessAsync(program.Id));
        var code = await program.Exited;
        var step = $"{pod.Environment.GetValueOrDefault("PHASE", "detect")} {pod.Environment.GetValueOrDefault("TARGET_NODE")}".Trim();
        Console.WriteLine($"  {step,-20} {measured.Cpu,6:0.00} s CPU  {measured.PeakMemory,5:0} MiB  ssh beside it {measured.PeakOfChildren,5:0.0} MiB  exit {code}{(code == 0 ? "" : "\n" + program.Said)}");
        cluster.Do(() =>
        {
            var handover = cluster.JobsMade is [.., var made] && made > work ? made - work : TimeSpan.Zero;
            _ended.Add(new MeasuredPod(step, measured, code, handover, program.Said));
            exited.SetResult(code);
        });
    }

    // Once it is the program: before that, it makes the container.
    private static async Task<int> FirstProcessAsync(int waiting)
    {
        while (true)
        {
            await new Wait(TimeProvider.System).ForAsync(TimeSpan.FromMilliseconds(2), CancellationToken.None);
            var children = $"/proc/{waiting}/task/{waiting}/children";
            if (!File.Exists(children))
            {
                return waiting;
            }

            if (int.TryParse((await File.ReadAllTextAsync(children)).Trim(), out var child) && File.Exists($"/proc/{child}/comm") && (await File.ReadAllTextAsync($"/proc/{child}/comm")).Trim() == "stepper")
            {
                return child;
            }
        }
    }
}
