using Stepper.Cluster;
using Stepper.Cluster.Nodes;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>
/// How many nodes may be away at once (<c>workers.maxUnavailable</c>): those that are not Ready for any reason and those that the chain holds are counted before
/// one is begun, again in the moment of its cordon, and once more when the cordon is written.
/// </summary>
/// <remarks>
/// Of steps that cordon at once, by hand or not, no more go on than may be away. A cordon is on its node from before the last count until the node is given back,
/// and a list without a resourceVersion shows every write that came before it: of nodes that are worked on at one time, the one that was cordoned last has counted
/// all the others. Clocks have no part in it.
/// </remarks>
/// <param name="waitAtMost">For all of a step's waits together.</param>
internal sealed class NodesAway(NodeList nodes, Cordons cordons, StepMarks marks, Wait wait, int maxUnavailable, TimeSpan waitAtMost, Action<string> say)
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    // Long enough for the other one to have given back.
    private static readonly TimeSpan FirstAgainAfter = TimeSpan.FromSeconds(5);

    private TimeSpan _patience = waitAtMost;
    private string? _said;

    /// <summary>Before a node is begun, so that nothing is prepared in vain. The count that decides is that of the cordon.</summary>
    /// <param name="seen">The nodes when the step began: only where too many were away are they read again.</param>
    /// <returns>The nodes with which it is allowed.</returns>
    /// <exception cref="AbortException">Too many are away, and stayed so.</exception>
    public async Task<IReadOnlyList<ClusterNode>> MustAllowAsync(string node, IReadOnlyList<ClusterNode> seen, CancellationToken ct) =>
        WhyNot(seen, node) is null ? seen : await MustAllowAsync(node, ct);

    /// <returns>The nodes as they are now.</returns>
    /// <exception cref="AbortException">Too many are away, and stayed so.</exception>
    public async Task<IReadOnlyList<ClusterNode>> MustAllowAsync(string node, CancellationToken ct)
    {
        IReadOnlyList<ClusterNode> all = [];
        var since = wait.Now;
        var tooMany = await wait.UntilAsync(_patience, Every, async token => Told(WhyNot(all = await nodes.ListAsync(token), node), node), ct);
        _patience -= wait.Now - since;
        return tooMany is null ? all : throw TooMany(node, tooMany);
    }

    /// <summary>Cordons a node when no more than may be are away with it. A cordon with which there are more is given back and tried again: soon by that of them which is the first by name, by the others later.</summary>
    /// <param name="notes">Written on the node with its cordon.</param>
    /// <exception cref="AbortException">Too many are away, and stayed so. The node is as it was found.</exception>
    public async Task<CordonTaken> CordonAsync(string node, Run run, IReadOnlyList<Note> notes, CancellationToken ct)
    {
        while (true)
        {
            var taken = await cordons.TakeAsync(await CountedAsync(), run, ct, notes, again: CountedAsync);
            var all = await nodes.ListAsync(ct);
            if (WhyNot(all, node) is not { } tooMany)
            {
                return taken;
            }

            if (taken is not CordonTaken.ByAnEarlierTry)
            {
                say($"{node} is given back for now: {tooMany}");
                await cordons.GiveBackAsync(node, isByItsStep: true, ct, seen: One(all, node));
            }

            var again = IsFirst(all, node) ? FirstAgainAfter : Every;
            if ((_patience -= again) < TimeSpan.Zero)
            {
                throw TooMany(node, tooMany);
            }

            await wait.ForAsync(again, ct);
        }

        async Task<ClusterNode> CountedAsync() => One(await MustAllowAsync(node, ct), node);
    }

    // Each minute the same would be no news.
    private string? Told(string? tooMany, string node)
    {
        if (tooMany is not null && tooMany != _said)
        {
            say($"{node} waits for its turn: {tooMany}");
        }

        return _said = tooMany;
    }

    private static ClusterNode One(IReadOnlyList<ClusterNode> all, string name) =>
        all.FirstOrDefault(each => each.Name == name) ?? throw new SourceException($"there is no node {name} in the cluster any more");

    private AbortException TooMany(string node, string others) => new($"{node} was not begun: {others}, and workers.maxUnavailable is {maxUnavailable}");

    private string? WhyNot(IReadOnlyList<ClusterNode> all, string node)
    {
        var away = Away(all, node).ToList();
        return away.Count < maxUnavailable ? null : string.Join(", ", away.Select(InWords));
    }

    private IEnumerable<ClusterNode> Away(IReadOnlyList<ClusterNode> all, string node) =>
        all.Where(other => other.Name != node && (!other.IsReady || cordons.HeldBy(other) is not null));

    // They are listed in the order of their names. One that is not Ready does not give way.
    private bool IsFirst(IReadOnlyList<ClusterNode> all, string node) =>
        Away(all, node).Count(other => !other.IsReady || NaturalOrder.OfNames.Compare(other.Name, node) < 0) < maxUnavailable;

    private string InWords(ClusterNode away) => cordons.HeldBy(away) is { } run
        ? $"{away.Name} is held by the run {run}{marks.InWords(away)} (where no step is at work on it any more, first: {Step(away)})"
        : $"{away.Name} is not Ready{(away.ReadyCondition?.LastTransitionTime is { } since ? $" since {since.UtcDateTime:yyyy-MM-dd HH:mm} UTC" : "")} (see: kubectl describe node {away.Name})";

    private static string Step(ClusterNode node) => node.IsControlPlane ? "stepper --phase master" : $"stepper --phase worker --node {node.Name}";
}
