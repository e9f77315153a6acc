using Stepper.Cluster;

namespace Stepper.StepRunner.Gates;

/// <summary>Asks gates, all of them, in their order, and puts what blocks into one text.</summary>
internal sealed class GateList(IReadOnlyList<IGate> gates, IGate last, Action<string> say)
{
    /// <summary>
    /// The end of the step that the gates demand; null when nothing blocks. The last gate is asked only when no other blocks: it is the one that costs.
    /// </summary>
    /// <exception cref="AbortException">A gate aborts; the message has all blockers, of every kind.</exception>
    public async Task<StepEnd?> CheckAsync(GateFacts facts, CancellationToken ct)
    {
        var blockers = new List<Verdict>();
        foreach (var gate in gates)
        {
            await AskAsync(gate, facts, blockers, ct);
        }

        if (blockers.Count == 0)
        {
            await AskAsync(last, facts, blockers, ct);
        }

        if (blockers.Count == 0)
        {
            return null;
        }

        var text = string.Join("; ", blockers.OrderBy(blocker => blocker.Class).Select(blocker => $"{Words(blocker.Class)}: {blocker.Reason}"));
        return blockers.Exists(blocker => blocker.Kind is VerdictKind.Aborts)
            ? throw new AbortException($"Nothing was changed. {text}")
            : StepEnd.Refused($"not begun. {text}");
    }

    /// <summary>Asks one gate; what it could not find out is a no.</summary>
    public static async Task<Verdict> AskAsync(IGate gate, GateFacts facts, CancellationToken ct)
    {
        try
        {
            return await gate.CheckAsync(facts, ct);
        }
        catch (SourceException e)
        {
            return Verdict.Aborts($"can't tell (waiting for {gate.Condition}): {e.Message}");
        }
    }

    private async Task AskAsync(IGate gate, GateFacts facts, List<Verdict> blockers, CancellationToken ct)
    {
        var verdict = await AskAsync(gate, facts, ct);
        say($"gate: {gate.Condition}: {(verdict.Kind is VerdictKind.Holds ? "holds" : $"{verdict.Kind.ToString().ToLowerInvariant()}, {verdict.Reason}")}");
        if (verdict.StopsTheChain)
        {
            blockers.Add(verdict);
        }
    }

    private static string Words(BlockerClass what) => what switch
    {
        BlockerClass.ActNow => "act now",
        BlockerClass.Wait => "wait",
        _ => "decided by you",
    };
}
