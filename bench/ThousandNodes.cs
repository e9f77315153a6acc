using Stepper.Cluster;

namespace Stepper.Bench;

/// <summary>The first steps of a chain among 1,000 nodes and 10,000 pods: those that read all nodes, and those of a node.</summary>
internal static class ThousandNodes
{
    private const double MostMemory = 128;

    public static async Task<IReadOnlyList<Budget>> MeasureAsync(string image)
    {
        var directory = Directory.CreateTempSubdirectory("stepper-bench-").FullName;
        await using var cluster = await LabCluster.StartAsync(directory, BenchShapes.ThousandNodes());
        // What is fetched ahead is the machines' work; here there are five of them for a thousand nodes.
        foreach (var node in Directory.GetDirectories(Path.Combine(directory, "lab", "nodes")))
        {
            var program = Path.Combine(node, "root/usr/local/sbin/apt-get");
            await File.WriteAllTextAsync(program, "#!/bin/sh\ncase \" $* \" in *\" update \"* | *\" download \"* | *\" --download-only \"*) exit 0 ;; esac\nexec /usr/bin/apt-get \"$@\"\n");
            File.SetUnixFileMode(program, (UnixFileMode)0b111_101_101);
        }

        var pods = new MeasuredPods(directory, image, cluster);
        Console.WriteLine("Steps among 1,000 nodes and 10,000 pods:");
        cluster.Begin(pods.RunAsync);
        do
        {
            await new Wait(TimeProvider.System).ForAsync(TimeSpan.FromSeconds(1), CancellationToken.None);
        }
        while (!pods.Ended.Any(pod => pod.Step.StartsWith("worker", StringComparison.Ordinal) || pod.ExitCode != 0));

        return
        [
            new Budget("peak memory of a step, 1,000 nodes", pods.Ended.Max(pod => pod.Process.PeakMemory), MostMemory, "MiB", FiveNodes.Most(pods.Ended, pod => pod.Process.PeakMemory, "0 MiB")),
            new Budget("that of its ssh beside it", pods.Ended.Max(pod => pod.Process.PeakOfChildren), MostMemory, "MiB", FiveNodes.Most(pods.Ended, pod => pod.Process.PeakOfChildren, "0 MiB")),
        ];
    }
}
