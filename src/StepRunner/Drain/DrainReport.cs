namespace Stepper.StepRunner.Drain;

/// <summary>What a drain came to: each pod, sorted by what became of it.</summary>
/// <param name="Pods">All that were seen on the node, by name.</param>
internal sealed record DrainReport(string Node, TimeSpan Took, IReadOnlyList<PodEnd> Pods)
{
    private const int NamesAtMost = 10;

    // Each of these is somebody's work now.
    private const int StuckNamesAtMost = 50;

    private static readonly IReadOnlyList<(PodOutcome Outcome, string Title)> Kinds =
    [
        (PodOutcome.Stuck, "still there"),
        (PodOutcome.DeletedPastBudget, "deleted past their budget"),
        (PodOutcome.Evicted, "evicted"),
        (PodOutcome.EvictedLate, "come during the drain, past the cordon, and evicted"),
        (PodOutcome.GoneByItself, "gone by themselves"),
        (PodOutcome.LeftFinished, "left, finished before"),
        (PodOutcome.LeftDaemonSet, "left, of a DaemonSet"),
        (PodOutcome.LeftMirror, "left, static"),
    ];

    /// <summary>The names of those that something stood in the way of at least once, also where they are gone now.</summary>
    public IReadOnlySet<string> WereBlocked { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    public bool IsDrained => Of(PodOutcome.Stuck).Count == 0;

    public IReadOnlyList<PodEnd> Of(PodOutcome outcome) => [.. Pods.Where(pod => pod.Outcome == outcome)];

    /// <summary>One line with the totals, then one for each kind that there is, with at most ten names, and fifty of those that are still there.</summary>
    public string InWords() => string.Join('\n', [Total(), .. Kinds.Select(kind => Line(kind.Title, Of(kind.Outcome))).OfType<string>()]);

    private string Total()
    {
        var (stuck, left) = (Of(PodOutcome.Stuck).Count, Pods.Count(pod => pod.Outcome >= PodOutcome.LeftFinished));
        var gone = Pods.Count - stuck - left;
        return IsDrained
            ? $"{Node} is drained after {Took.InWords()}: gone {gone}, left on purpose {left}"
            : $"{Node} is not drained after {Took.InWords()}: still there {stuck}, gone {gone}, left on purpose {left}";
    }

    private static string? Line(string title, IReadOnlyList<PodEnd> pods)
    {
        var most = pods is [{ Outcome: PodOutcome.Stuck }, ..] ? StuckNamesAtMost : NamesAtMost;
        return pods.Count == 0 ? null : $"{title} ({pods.Count}): {string.Join("; ", pods.Take(most))}{(pods.Count > most ? $"; and {pods.Count - most} more" : "")}";
    }
}

/// <param name="Name"><c>namespace/name</c>.</param>
/// <param name="Reason">Follows the name in a sentence; empty where there is nothing to say.</param>
internal sealed record PodEnd(string Name, PodOutcome Outcome, string Reason)
{
    public override string ToString() => Reason.Length == 0 ? Name : $"{Name}: {Reason}";
}

internal enum PodOutcome
{
    /// <summary>Not gone when the drain ended.</summary>
    Stuck,

    Evicted,

    /// <summary>Was not there when the drain began. Something places its pods past the cordon.</summary>
    EvictedLate,

    DeletedPastBudget,

    /// <summary>Ended by somebody else, or before it was asked to.</summary>
    GoneByItself,

    LeftFinished,

    LeftDaemonSet,

    LeftMirror,
}

internal static class Durations
{
    /// <summary>For a person: seconds up to two minutes, then minutes.</summary>
    public static string InWords(this TimeSpan length) => length < TimeSpan.FromMinutes(2) ? $"{length.TotalSeconds:0} s" : $"{length.TotalMinutes:0} min";
}
