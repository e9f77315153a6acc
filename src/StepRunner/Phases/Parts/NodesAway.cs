using Stepper.Cluster;
using Stepper.Cluster.Nodes;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>
/// How many nodes may be away at once (<c>workers.maxUnavailable</c>): before one is cordoned, those that are not Ready for any reason and those that the chain
/// holds are counted.
/// </summary>
internal sealed class NodesAway(NodeList nodes, Cordons cordons, Wait wait, int maxUnavailable, TimeSpan waitAtMost)
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <returns>The nodes as they are now.</returns>
    /// <exception cref="AbortException">Too many are away, and stayed so.</exception>
    public async Task<IReadOnlyList<ClusterNode>> MustAllowAsync(string node, CancellationToken ct)
    {
        IReadOnlyList<ClusterNode> all = [];
        if (await wait.UntilAsync(waitAtMost, Every, TooManyAsync, ct) is { } others)
        {
            throw new AbortException($"{node} was not begun: {others} away already, and workers.maxUnavailable is {maxUnavailable}");
        }

        return all;

        async Task<string?> TooManyAsync(CancellationToken token)
        {
            all = await nodes.ListAsync(token);
            var away = all.Where(other => other.Name != node && (!other.IsReady || cordons.IsChains(other))).Select(other => other.Name).ToList();
            return away.Count < maxUnavailable ? null : string.Join(", ", away);
        }
    }
}
