using Stepper.Cluster;
using Stepper.Cluster.Messages;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>
/// Marks that the run has come further: in the log, in the gauge that the stalled alert watches and on the namespace, from which detection tells a chain that
/// moves from one that is stopped. What changes a node is an Event too, on the step's Job and on the node.
/// </summary>
internal sealed class Milestones(RunState state, Gauges gauges, KubeEvents events, Wait wait, Action<string> say)
{
    // Detection takes a chain without an active Job for stopped after 10 minutes; noting it more often than this would only be requests.
    private static readonly TimeSpan NotedEvery = TimeSpan.FromMinutes(5);

    private IReadOnlyList<EventSubject> _about = [];
    private DateTimeOffset _noted = DateTimeOffset.MinValue;

    /// <summary>Whether there is a run in flight to note it on; a step by hand may work beside any.</summary>
    public bool InFlight { get; set; }

    /// <summary>What was reached last, or is waited for.</summary>
    public string Last { get; private set; } = "its beginning";

    /// <summary>What the Events of this step are about.</summary>
    public void BeginAbout(params IReadOnlyList<EventSubject> about) => _about = about;

    public async Task ReachAsync(string what, CancellationToken ct)
    {
        say(what);
        Last = what;
        await gauges.PushProgressAsync(ct);
        if (InFlight && wait.Now - _noted >= NotedEvery)
        {
            _noted = wait.Now;
            await state.ProgressAsync(ct);
        }
    }

    /// <param name="reason">The Event's reason: one word in PascalCase.</param>
    public async Task ReachAsync(string what, string reason, CancellationToken ct)
    {
        await ReachAsync(what, ct);
        foreach (var subject in _about)
        {
            await events.PostAsync(subject, reason, what, ct);
        }
    }
}
