namespace Stepper.StepRunner.Gates;

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

/// <summary>What a blocker asks of the operator; the order in which blockers are shown.</summary>
internal enum BlockerClass
{
    ActNow,
    Wait,
    DecidedByYou,
}

/// <summary>What a gate says. Not an exception: a gate that says no has worked.</summary>
/// <param name="Reason">A phrase that fits after "because"; empty when it holds.</param>
internal sealed record Verdict(VerdictKind Kind, BlockerClass Class, string Reason)
{
    public static Verdict Holds { get; } = new(VerdictKind.Holds, BlockerClass.Wait, "");

    public bool StopsTheChain => Kind is VerdictKind.Refuses or VerdictKind.Aborts;

    public static Verdict Warns(string reason) => new(VerdictKind.Warns, BlockerClass.Wait, reason);

    /// <summary>Not now; it passes by itself.</summary>
    public static Verdict RefusesForNow(string reason) => new(VerdictKind.Refuses, BlockerClass.Wait, reason);

    /// <summary>The operator has said so.</summary>
    public static Verdict RefusesAsDecided(string reason) => new(VerdictKind.Refuses, BlockerClass.DecidedByYou, reason);

    public static Verdict Aborts(string reason) => new(VerdictKind.Aborts, BlockerClass.ActNow, reason);
}
