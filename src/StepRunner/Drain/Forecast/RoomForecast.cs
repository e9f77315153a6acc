namespace Stepper.StepRunner.Drain.Forecast;

/// <summary>
/// Which of the pods that a drain evicts find room on the nodes that stay. Where the scheduler puts each of them nobody knows before, so they are placed in the
/// kindest and in an unkind way: what holds in both is told, and what differs is not.
/// </summary>
internal static class RoomForecast
{
    public static NodeRoom Of(ClusterPicture picture, string node)
    {
        List<RoomNode> staying = [.. picture.Rooms.Where(room => room.Name != node)];
        // Most pods are let in by the same nodes, of which there may be a thousand.
        var allowed = new Dictionary<string, IReadOnlyList<RoomNode>>(StringComparer.Ordinal);
        List<Candidate> all = [.. picture.On(node).Where(pod => pod.ComesBack).Select(pod => CandidateOf(picture, pod, AllowedTo(pod.Wishes))).OrderBy(pod => pod.Asks[ResourceNames.Cpu])
            .ThenBy(pod => pod.Asks[ResourceNames.Memory]).ThenBy(pod => pod.Pod.Name, StringComparer.Ordinal)];
        List<Candidate> clear = [.. all.Where(pod => pod.Unclear is null)];

        // The biggest first, into the smallest gaps; and then what can't be told first, and the biggest last when all is spread out.
        var kindly = Packing.Unplaced(clear.AsEnumerable().Reverse(), toEmptiest: false);
        var unkindly = Packing.Unplaced([.. all.Where(pod => pod.Unclear is not null), .. clear], toEmptiest: true).Where(pod => pod.Unclear is null).ToList();
        var (kind, unkind) = (CountBy(kindly), CountBy(unkindly));
        return new NodeRoom(
            node,
            [.. all.GroupBy(pod => pod.Pod.Workload, StringComparer.Ordinal).Select(group => Workload(
                picture, [.. group], staying, kind.GetValueOrDefault(group.Key), unkind.GetValueOrDefault(group.Key)))],
            Math.Min(kindly.Count(pod => WhyMayStillBe(picture, pod) is null), unkindly.Count(pod => WhyMayStillBe(picture, pod) is null)),
            kindly.Count + unkindly.Count == 0);

        IReadOnlyList<RoomNode> AllowedTo(PodWishes wishes)
        {
            if (!allowed.TryGetValue(wishes.Where, out var nodes))
            {
                allowed[wishes.Where] = nodes = [.. staying.Where(room => wishes.WhyOff(room) is null)];
            }

            return nodes;
        }
    }

    private static Candidate CandidateOf(ClusterPicture picture, EvictedPod pod, IReadOnlyList<RoomNode> allowed) => new(
        pod,
        allowed,
        pod.Wishes.Unclear ?? (picture.IsRepelled(pod.Wishes) ? "anti-affinity of others" : null));

    private static Dictionary<string, int> CountBy(IEnumerable<Candidate> pods) =>
        pods.CountBy(pod => pod.Pod.Workload, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);

    private static WorkloadRoom Workload(ClusterPicture picture, IReadOnlyList<Candidate> pods, List<RoomNode> staying, int kind, int unkind)
    {
        var first = pods[0];
        var unclear = pods.Count(pod => pod.Unclear is not null);
        var homeless = Math.Min(kind, unkind);
        var untold = Math.Abs(kind - unkind);
        var mayStill = homeless > 0 ? WhyMayStillBe(picture, first) : null;
        if (mayStill is not null)
        {
            (homeless, untold) = (0, untold + homeless);
        }

        var why = homeless > 0 ? WhyNoRoom(picture, first, staying)
            : unclear > 0 ? pods.First(pod => pod.Unclear is not null).Unclear!
            : untold > 0 ? mayStill ?? "where the others go"
            : "";
        return new WorkloadRoom(first.Pod.Workload, first.Pod.Pod.Metadata.Controller!.Uid, pods.Count, pods.Count - unclear - untold - homeless, homeless, unclear + untold, why)
        {
            Names = [.. pods.Select(pod => pod.Pod.Name)],
        };
    }

    // It found no room, and may find some all the same.
    private static string? WhyMayStillBe(ClusterPicture picture, Candidate pod) =>
        picture.Unread.Count(node => pod.Pod.Wishes.MayRunOn(node, picture.Names)) is > 0 and var others ? $"{others} of {picture.Nodes} nodes, which were not looked at"
        : pod.Pod.Wishes.Preempts && pod.Allowed.Any(node => node.LowestPriority < pod.Pod.Wishes.Priority) ? "pods of lower priority, whose room it may take"
        : null;

    private static string WhyNoRoom(ClusterPicture picture, Candidate pod, List<RoomNode> staying)
    {
        var reasons = staying.Select(node => pod.Pod.Wishes.WhyOff(node) ?? WhyTooSmall(picture, pod, node)).OfType<string>().CountBy(reason => reason, StringComparer.Ordinal)
            .OrderByDescending(reason => reason.Value).ThenBy(reason => reason.Key, StringComparer.Ordinal).Select(reason => $"{reason.Value} {reason.Key}").ToList();
        return staying.Count == 0 ? "no other node"
            : pod.Allowed.Any(node => ResourceNames.Lacking(pod.Asks, node.Free) < 0) ? "there is not room for all that go"
            : $"of {staying.Count} other nodes {string.Join(", ", reasons)}{Most(picture, pod)}";
    }

    private static string? WhyTooSmall(ClusterPicture picture, Candidate pod, RoomNode node) =>
        ResourceNames.Lacking(pod.Asks, node.Free) switch
        {
            < 0 => null,
            ResourceNames.Pods => "with as many pods as it may have",
            var place => $"with too little {picture.Names.Name(place)}",
        };

    // With the numbers: what is asked for, and the most that is free on one of those that have too little of it.
    private static string Most(ClusterPicture picture, Candidate pod)
    {
        var lacking = pod.Allowed.Select(node => (Node: node, Place: ResourceNames.Lacking(pod.Asks, node.Free))).Where(small => small.Place > ResourceNames.Pods)
            .GroupBy(small => small.Place, small => small.Place < small.Node.Free.Length ? small.Node.Free[small.Place] : 0).OrderBy(group => group.Key)
            .Select(group => $"{picture.Names.Name(group.Key)} {picture.Names.InWords(group.Key, pod.Asks[group.Key])} and {picture.Names.InWords(group.Key, Math.Max(0, group.Max()))} is the most that is free")
            .ToList();
        return lacking.Count == 0 ? "" : $" (it asks for {string.Join("; ", lacking)})";
    }
}

/// <summary>What a drain's evicted pods find on the other nodes.</summary>
/// <param name="Homeless">At least so many find no room, whichever they are.</param>
/// <param name="AllPlaced">All of those that can be told find room on the nodes that were looked at, in whatever way they are placed.</param>
internal sealed record NodeRoom(string Node, IReadOnlyList<WorkloadRoom> Workloads, int Homeless, bool AllPlaced)
{
    private const int Named = 5;

    public int Pods => Workloads.Sum(workload => workload.Pods);

    public int Untold => Workloads.Sum(workload => workload.Untold);

    /// <summary>Which pods find no room, and why; of use where there are any.</summary>
    public string InWords()
    {
        List<WorkloadRoom> named =
            [.. Workloads.Where(workload => workload.Homeless > 0).OrderByDescending(workload => workload.Homeless).ThenBy(workload => workload.Workload, StringComparer.Ordinal)];
        var which = named.Count == 0 ? "which of them depends on where the others go"
            : string.Join("; ", named.Take(Named).Select(workload => $"{workload.Homeless} of {workload.Pods} of {workload.Workload}, {workload.Why}"));
        return $"of {Pods} pods that the drain of {Node} evicts {Homeless} will be without room: {which}{(named.Count > Named ? $"; and more of {named.Count - Named} others" : "")}";
    }
}

/// <summary>What becomes of the pods of one controller.</summary>
/// <param name="Workload">Its kind and <c>namespace/name</c>.</param>
/// <param name="Uid">The controller's.</param>
/// <param name="Fit">How many find room for sure.</param>
/// <param name="Homeless">How many find none for sure.</param>
/// <param name="Untold">Of how many it can't be told.</param>
/// <param name="Why">Of those without room, else of those that can't be told; empty where all fit.</param>
internal sealed record WorkloadRoom(string Workload, string Uid, int Pods, int Fit, int Homeless, int Untold, string Why)
{
    /// <summary>The pods that go, as <c>namespace/name</c>.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
}
