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
    private bool _inFlight;
    private DateTimeOffset _noted;

    /// <summary>What was reached last, or is waited for.</summary>
    public string Last { get; private set; } = "its beginning";

    /// <summary>What the Events of this step are about.</summary>
    public void BeginAbout(params IReadOnlyList<EventSubject> about) => _about = about;

    /// <summary>The run in flight to note it on, as it is recorded; null for none: a step by hand may work beside any.</summary>
    /// <param name="byJob">A Job shows that the step is at work. One by hand is seen by what it notes itself, from its first milestone on.</param>
    public void NoteOn(InFlight? flight, bool byJob)
    {
        _inFlight = flight is not null;
        _noted = byJob && flight?.Progress is { } progress && progress <= wait.Now ? progress : DateTimeOffset.MinValue;
    }

    public async Task ReachAsync(string what, CancellationToken ct)
    {
        say(what);
        Last = what;
        await gauges.PushProgressAsync(ct);
        if (_inFlight && wait.Now - _noted >= NotedEvery)
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
