using Stepper.Cluster;

namespace Stepper.StepRunner.Gates;

/// <summary>A gate and what it said; null where it was not asked, since others block already.</summary>
internal sealed record GateAnswer(IGate Gate, Verdict? Verdict)
{
    public string Condition => Gate.Condition;
}

/// <summary>What gates come to.</summary>
/// <param name="End">The end of the step that they demand; null when nothing blocks.</param>
/// <param name="Told">The warnings that the step is to tell of.</param>
internal sealed record GateOutcome(StepEnd? End, IReadOnlyList<Finding> Told);

/// <summary>Asks gates, all of them, in their order, and puts what blocks into one text.</summary>
internal sealed class GateList(IReadOnlyList<IGate> gates, IReadOnlyList<IGate> last, Action<string> say)
{
    /// <summary>Asks all of them. The last ones are asked only when no other blocks: they are those that cost.</summary>
    public async Task<IReadOnlyList<GateAnswer>> AskAllAsync(GateFacts facts, CancellationToken ct)
    {
        var answers = new List<GateAnswer>();
        foreach (var gate in gates)
        {
            Add(gate, await AskAsync(gate, facts, ct));
        }

        foreach (var gate in last)
        {
            var isBlocked = answers.Exists(answer => answer.Verdict is { StopsTheChain: true });
            Add(gate, isBlocked ? null : await AskAsync(gate, facts, ct));
        }

        return answers;

        void Add(IGate gate, Verdict? verdict)
        {
            answers.Add(new GateAnswer(gate, verdict));
            say($"gate: {gate.Condition}: {InWords(verdict)}");
        }
    }

    /// <summary>What the gates' answers come to.</summary>
    /// <exception cref="AbortException">A gate aborts; the message has all blockers, of every kind.</exception>
    public static GateOutcome OutcomeOf(IReadOnlyList<GateAnswer> answers)
    {
        var findings = answers.SelectMany(answer => answer.Verdict?.Findings ?? []).ToList();
        var blockers = findings.FindAll(finding => finding.Blocks);
        var end = blockers switch
        {
            [] => null,
            _ when blockers.Exists(blocker => blocker.Kind is VerdictKind.Aborts) => throw new AbortException($"Nothing was changed. {Sorted(blockers)}"),
            _ => StepEnd.Refused($"not begun. {InOneLine(blockers)}"),
        };
        return new GateOutcome(end, findings.FindAll(finding => finding.IsTold));
    }

    /// <summary>Blockers as an operator goes through them: what to act on, what to wait for, what he has decided himself. A line for each, where there are several.</summary>
    public static string Sorted(IReadOnlyList<Finding> blockers) => blockers is [_]
        ? InOneLine(blockers)
        : string.Concat(Grouped(blockers).Select(group => $"\n{Words(group.Key)}:{string.Concat(group.Select(blocker => $"\n- {blocker}"))}")).TrimStart('\n');

    /// <summary>The same as one sentence.</summary>
    public static string InOneLine(IReadOnlyList<Finding> blockers) =>
        string.Join("; ", Grouped(blockers).Select(group => $"{Words(group.Key)}: {string.Join("; ", group)}"));

    public static string Words(BlockerClass what) => what switch
    {
        BlockerClass.ActNow => "act now",
        BlockerClass.Wait => "wait",
        _ => "decided by you",
    };

    /// <summary>Asks one gate; what it could not find out is a no.</summary>
    public static async Task<Verdict> AskAsync(IGate gate, GateFacts facts, CancellationToken ct)
    {
        try
        {
            return await gate.CheckAsync(facts, ct);
        }
        catch (SourceException e)
        {
            return Verdict.Aborts($"can't tell (waiting for {gate.Condition}): {e.Message}", gate.Show);
        }
    }

    private static IEnumerable<IGrouping<BlockerClass, Finding>> Grouped(IEnumerable<Finding> blockers) => blockers.GroupBy(blocker => blocker.Class).OrderBy(group => group.Key);

    private static string InWords(Verdict? verdict) => verdict switch
    {
        null => "not asked, since others block",
        { Kind: VerdictKind.Holds } => "holds",
        _ => $"{verdict.Kind.ToString().ToLowerInvariant()}, {verdict.Reason}",
    };
}
