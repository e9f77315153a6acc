using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using Stepper.Scenarios.Tests.AnyCluster;
using Stepper.StepRunner.Rehearsing;

namespace Stepper.Bench;

/// <summary>Chains in clusters of any kind, as the tests have them, on all cores.</summary>
internal static class RandomChains
{
    private const int Chains = 1000;

    public static async Task<IReadOnlyList<Budget>> MeasureAsync()
    {
        var clock = Stopwatch.StartNew();
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount).Select(_ => OnItsOwnThreadAsync(() =>
        {
            while (Interlocked.Increment(ref next) is <= Chains and var seed)
            {
                Run(seed);
            }
        })));
        return [new Budget("1,000 random simulated chains", clock.Elapsed.TotalSeconds, 120, "s", $"on {Environment.ProcessorCount} cores")];
    }

    private static void Run(int seed)
    {
        var cluster = RandomCluster.Any.Sample(10, new Rnd((ulong)seed), 1).First();
        var rehearsal = new Rehearsal(cluster.Shape.With(cluster.Objects), seed, cluster.Settings);
        rehearsal.ByHand(TextWriter.Null, "start", "--target", $"{RandomCluster.Target}");
        rehearsal.RunToRest();
    }

    // A simulation has one thread, from its beginning to its end.
    private static Task OnItsOwnThreadAsync(Action work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
