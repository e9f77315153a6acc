using Stepper.Cluster;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>
/// Marks that the run has come further: in the log, in the gauge that the stalled alert watches and on the namespace, from which detection tells a chain that
/// moves from one that is stopped.
/// </summary>
internal sealed class Milestones(RunState state, Gauges gauges, Wait wait, Action<string> say)
{
    // Detection takes a chain without an active Job for stopped after 10 minutes; noting it more often than this would only be requests.
    private static readonly TimeSpan NotedEvery = TimeSpan.FromMinutes(2);

    private DateTimeOffset _noted = DateTimeOffset.MinValue;

    /// <summary>Whether there is a run in flight to note it on; a step by hand may work beside any.</summary>
    public bool InFlight { get; set; }

    public async Task ReachAsync(string what, CancellationToken ct)
    {
        say(what);
        await gauges.PushProgressAsync(ct);
        if (InFlight && wait.Now - _noted >= NotedEvery)
        {
            _noted = wait.Now;
            await state.ProgressAsync(ct);
        }
    }
}
