namespace Stepper.StepRunner.Gates;

/// <summary>What a gate's answer comes to; the last is the worst.</summary>
internal enum VerdictKind
{
    Holds,

    /// <summary>Said, and gone on.</summary>
    Warns,

    /// <summary>A decision: exit 0, nothing spawned.</summary>
    Refuses,

    /// <summary>A failure: exit 1.</summary>
    Aborts,
}

internal static class VerdictKinds
{
    /// <summary>Whether the chain does not go on with it.</summary>
    public static bool Blocks(this VerdictKind kind) => kind is VerdictKind.Refuses or VerdictKind.Aborts;
}

/// <summary>What a blocker asks of the operator; the order in which blockers are shown.</summary>
internal enum BlockerClass
{
    ActNow,
    Wait,
    DecidedByYou,
}

/// <summary>Whether a chain could begin, as far as some gates say; the last is the worst.</summary>
internal enum Readiness
{
    Ready,

    /// <summary>It passes by itself, or was decided by the operator.</summary>
    Held,

    /// <summary>Somebody must act.</summary>
    Blocked,
}

/// <summary>One thing that a gate has seen and that does not hold.</summary>
/// <param name="Seen">A phrase that fits after "because".</param>
/// <param name="Show">The command that shows it to a person.</param>
/// <param name="Since">Since when it is so; null where nothing tells.</param>
/// <param name="IsTold">A warning that is in the step's message too: nobody reads the log of a preflight that goes well.</param>
internal sealed record Finding(VerdictKind Kind, BlockerClass Class, string Seen, string Show, DateTimeOffset? Since, bool IsTold = false)
{
    public bool Blocks => Kind.Blocks();

    public static Finding Warns(string seen, string show, DateTimeOffset? since = null) => new(VerdictKind.Warns, BlockerClass.Wait, seen, show, since);

    /// <summary>Not now; it passes by itself.</summary>
    public static Finding RefusesForNow(string seen, string show, DateTimeOffset? since = null) => new(VerdictKind.Refuses, BlockerClass.Wait, seen, show, since);

    /// <summary>Not until somebody has put it right, outside of the chain.</summary>
    public static Finding RefusesUntilActed(string seen, string show) => new(VerdictKind.Refuses, BlockerClass.ActNow, seen, show, null);

    /// <summary>The operator has said so.</summary>
    public static Finding RefusesAsDecided(string seen, string show, DateTimeOffset? since = null) => new(VerdictKind.Refuses, BlockerClass.DecidedByYou, seen, show, since);

    public static Finding Aborts(string seen, string show, DateTimeOffset? since = null) => new(VerdictKind.Aborts, BlockerClass.ActNow, seen, show, since);

    public override string ToString() => $"{Seen}{(Since is { } since ? $", since {since.UtcDateTime:yyyy-MM-dd HH:mm} UTC" : "")} (see: {Show})";
}

/// <summary>What a gate says. Not an exception: a gate that says no has worked.</summary>
/// <param name="Findings">All that it found; empty when it holds.</param>
internal sealed record Verdict(IReadOnlyList<Finding> Findings)
{
    public static Verdict Holds { get; } = new([]);

    public VerdictKind Kind => Findings.Select(finding => finding.Kind).DefaultIfEmpty(VerdictKind.Holds).Max();

    /// <summary>
    /// What its blockers come to together. Held wins over what asks for action: acting would not let the chain go on. But not over what aborts.
    /// </summary>
    public Readiness Readiness => Findings.Where(finding => finding.Blocks).ToList() switch
    {
        [] => Readiness.Ready,
        var blockers when blockers.Exists(blocker => blocker.Kind is VerdictKind.Aborts) || blockers.TrueForAll(blocker => blocker.Class is BlockerClass.ActNow) => Readiness.Blocked,
        _ => Readiness.Held,
    };

    public bool StopsTheChain => Findings.Any(finding => finding.Blocks);

    /// <summary>What blocks, else what warns, in one line; empty when it holds.</summary>
    public string Reason => string.Join("; ", Findings.Where(finding => finding.Blocks || !StopsTheChain));

    public static Verdict Of(params IEnumerable<Finding> findings) => findings.ToList() is { Count: > 0 } all ? new Verdict(all) : Holds;

    public static Verdict Aborts(string seen, string show) => Of(Finding.Aborts(seen, show));
}
