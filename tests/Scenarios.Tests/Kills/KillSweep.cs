using System.Collections.Concurrent;
using Stepper.Simulation.Processes;

namespace Stepper.Scenarios.Tests.Kills;

/// <summary>Runs a chain once for each place where it may be disturbed.</summary>
internal static class KillSweep
{
    /// <summary>Twice each call of a run: before it, and after it took effect.</summary>
    public static IReadOnlyList<KillPoint> PointsOf(int seed, ShortChain undisturbed) =>
    [
        .. undisturbed.Journal.Entries.OrderBy(entry => entry.Call.Index)
            .SelectMany(entry => new[] { Moment.Before, Moment.AfterItTookEffect }.Select(moment => new KillPoint(seed, entry.Call, moment))),
    ];

    /// <summary>A run for each point, as many at a time as there are processors; each stays on its own thread.</summary>
    /// <param name="run">Gives back what is not as it must be.</param>
    /// <returns>What was found, in the order of the points; each begins with its point.</returns>
    public static IReadOnlyList<string> Run(IReadOnlyList<KillPoint> points, Func<KillPoint, IReadOnlyList<string>> run)
    {
        var found = new ConcurrentDictionary<int, IReadOnlyList<string>>();
        var next = -1;
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(Work)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return [.. found.OrderBy(each => each.Key).SelectMany(each => each.Value.Select(problem => $"{points[each.Key]}: {problem}"))];

        void Work()
        {
            for (var index = Interlocked.Increment(ref next); index < points.Count; index = Interlocked.Increment(ref next))
            {
                found[index] = Guarded(run, points[index]);
            }
        }
    }

    /// <summary>The whole chain with one kill.</summary>
    /// <param name="around">See <see cref="ShortChain"/>.</param>
    public static IReadOnlyList<string> Kill(KillPoint point, Around? around = null)
    {
        var chain = new ShortChain(point.Seed, around);
        chain.KillAt(point);
        return chain.RunByHand();
    }

    /// <summary>One kill again, alone, by what the message of a failed sweep names: the story and what was found, to be read or debugged.</summary>
    public static string Replay(int seed, int index, Moment moment)
    {
        var undisturbed = new ShortChain(seed);
        undisturbed.RunByHand();
        var chain = new ShortChain(seed);
        chain.KillAt(PointsOf(seed, undisturbed).Single(point => point.Call.Index == index && point.Moment == moment));
        var problems = chain.RunByHand();
        return $"{chain.Story}\n\n{string.Join('\n', problems)}";
    }

    // What breaks the simulation itself must name its point too, and not end the test's process.
    private static IReadOnlyList<string> Guarded(Func<KillPoint, IReadOnlyList<string>> run, KillPoint point)
    {
        try
        {
            return run(point);
        }
#pragma warning disable CA1031 // Whatever it is, it is what was found there.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return [e.ToString()];
        }
    }
}
