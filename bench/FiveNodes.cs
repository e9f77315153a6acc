using Stepper.Cluster;

namespace Stepper.Bench;

/// <summary>A whole chain of real processes, five nodes and 100 pods.</summary>
internal static class FiveNodes
{
    // A quarter of what the bash pipeline's seven Jobs took on such a cluster: 14.8 s.
    private const double MostCpu = 14.8 / 4;

    private const double MostMemory = 64;

    public static async Task<IReadOnlyList<Budget>> MeasureAsync(string image)
    {
        var directory = Directory.CreateTempSubdirectory("stepper-bench-").FullName;
        await using var cluster = await LabCluster.StartAsync(directory, BenchShapes.FiveNodes(pods: 100));
        var pods = new MeasuredPods(directory, image, cluster);
        Console.WriteLine("A chain of real processes, five nodes and 100 pods:");
        cluster.Begin(pods.RunAsync);
        do
        {
            await new Wait(TimeProvider.System).ForAsync(TimeSpan.FromSeconds(1), CancellationToken.None);
        }
        while (!cluster.IsAtRest());

        var steps = pods.Ended.Where(pod => pod.Step != "detect").ToList();
        if (steps is not [.., { Step: "postflight", ExitCode: 0 }])
        {
            throw new InvalidOperationException($"The chain did not come to its end. {pods.Ended[^1].Step} said:\n{pods.Ended[^1].Said}");
        }

        return
        [
            new Budget("CPU of a chain, with ssh", steps.Sum(step => step.Process.Cpu), MostCpu, "s", $"most: {Most(steps, step => step.Process.Cpu, "0.00 s")}"),
            new Budget("peak memory of a step, 5 nodes", steps.Max(step => step.Process.PeakMemory), MostMemory, "MiB", Most(steps, step => step.Process.PeakMemory, "0 MiB")),
            new Budget("end of a step to its successor", steps.Max(step => step.Handover.TotalSeconds), 1, "s", Most(steps, step => step.Handover.TotalSeconds, "0.00 s")),
        ];
    }

    public static string Most(IEnumerable<MeasuredPod> steps, Func<MeasuredPod, double> what, string format) =>
        steps.MaxBy(what) is { } most ? $"{most.Step} {what(most).ToString(format)}" : "";
}
