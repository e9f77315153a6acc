using System.Diagnostics;
using Stepper.EndToEnd.Tests;
using Stepper.Simulation;
using Stepper.Simulation.Shapes;
using Stepper.StepRunner.Rehearsing;

namespace Stepper.Bench;

/// <summary>Whole chains in the simulation: how long they take, and what they ask the API server.</summary>
internal static class Rehearsals
{
    // Fewer than the bash pipeline's, for as many pods.
    private const int MostRequests = 284;

    public static async Task<IReadOnlyList<Budget>> OfFiveNodesAsync(string executable)
    {
        var clock = Stopwatch.StartNew();
        await RunningProgram.RunAsync(executable, "rehearse", "--target", "1.34.7");
        var five = clock.Elapsed;

        var requests = Requests(Complete(BenchShapes.FiveNodes(pods: 20)));
        Console.WriteLine("Requests of a chain, five nodes and 20 pods:");
        foreach (var (what, count) in requests.CountBy(request => request).OrderByDescending(each => each.Value).ThenBy(each => each.Key, StringComparer.Ordinal))
        {
            Console.WriteLine($"  {count,4}  {what}");
        }

        return
        [
            new Budget("rehearse, 5 nodes", five.TotalSeconds, 2, "s"),
            new Budget("API requests of a chain, 5 nodes and 20 pods", requests.Count, MostRequests, "", $"with 100 pods: {Requests(Complete(BenchShapes.FiveNodes(pods: 100))).Count}"),
        ];
    }

    public static Budget OfThousandNodes()
    {
        var clock = Stopwatch.StartNew();
        Complete(BenchShapes.ThousandNodes());
        return new Budget("rehearse, 1,000 nodes and 10,000 pods", clock.Elapsed.TotalSeconds, 60, "s");
    }

    private static Rehearsal Complete(ClusterShape shape)
    {
        var rehearsal = new Rehearsal(shape);
        rehearsal.ByHand(Console.Error, "start", "--target", $"{BenchShapes.Target}");
        rehearsal.RunToRest(TimeSpan.FromDays(60));
        return rehearsal.Story.Lines.Any(line => line.Text.Contains("K8s upgrade complete", StringComparison.Ordinal))
            ? rehearsal
            : throw new InvalidOperationException($"The chain did not come to its end: {string.Join('\n', rehearsal.Story.Lines.TakeLast(20).Select(line => line.Text))}");
    }

    // A path without names: what is asked, and not of whom.
    private static List<string> Requests(Rehearsal rehearsal) =>
        [.. rehearsal.Cluster.Journal.Entries.Where(entry => entry.Call.Seam == "api").Select(entry => BenchShapes.Kind(entry.Call.What))];
}
