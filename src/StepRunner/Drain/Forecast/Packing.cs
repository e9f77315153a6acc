namespace Stepper.StepRunner.Drain.Forecast;

/// <summary>One way in which pods could be put on nodes, each on one that lets it in and has room for it, one after another.</summary>
internal static class Packing
{
    /// <summary>Which of the pods, in this order, find no node.</summary>
    /// <param name="toEmptiest">As the scheduler chooses by default; else the fullest node that still takes it.</param>
    public static IReadOnlyList<Candidate> Unplaced(IEnumerable<Candidate> pods, bool toEmptiest)
    {
        var changed = new Dictionary<RoomNode, long[]>();
        var unplaced = new List<Candidate>();
        foreach (var pod in pods)
        {
            if (Best(pod, changed, toEmptiest) is not { } node)
            {
                unplaced.Add(pod);
                continue;
            }

            changed[node] = RoomNode.Without(changed.GetValueOrDefault(node) ?? node.CopyOfFree(), pod.Asks);
        }

        return unplaced;
    }

    private static RoomNode? Best(Candidate pod, Dictionary<RoomNode, long[]> changed, bool toEmptiest)
    {
        RoomNode? best = null;
        var bestEmptiness = 0.0;
        foreach (var node in pod.Allowed)
        {
            var free = changed.TryGetValue(node, out var left) ? left : node.Free;
            if (ResourceNames.Lacking(pod.Asks, free) >= 0)
            {
                continue;
            }

            var emptiness = node.Emptiness(free);
            if (best is null || (toEmptiest ? emptiness > bestEmptiness : emptiness < bestEmptiness))
            {
                (best, bestEmptiness) = (node, emptiness);
            }
        }

        return best;
    }
}

/// <param name="Allowed">The nodes that let it in, whether there is room or not.</param>
/// <param name="Unclear">Why it can't be told where it goes; null when it can.</param>
internal sealed record Candidate(EvictedPod Pod, IReadOnlyList<RoomNode> Allowed, string? Unclear)
{
    public long[] Asks => Pod.Wishes.Asks;
}
