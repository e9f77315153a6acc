using Stepper.Cluster;
using Stepper.Cluster.Nodes;
using Stepper.StepRunner.Gates;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>etcd's gate before a control-plane node is begun: a member that is on its way back is waited for, so that one node's upgrade never meets another's.</summary>
internal sealed class EtcdHolds(EtcdGate gate, Wait wait, Milestones milestones)
{
    /// <summary>How long a member may take to come back.</summary>
    public static readonly TimeSpan AtMost = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    /// <exception cref="AbortException">It did not hold within the time.</exception>
    public async Task MustHoldInTimeAsync(IReadOnlyList<ClusterNode> nodes, CancellationToken ct)
    {
        if (await wait.UntilAsync(AtMost, Every, token => WhyNotAsync(nodes, token), ct) is { } why)
        {
            throw new AbortException($"Waited {AtMost.TotalMinutes:0} min for {gate.Condition}; still {why}");
        }
    }

    private async Task<string?> WhyNotAsync(IReadOnlyList<ClusterNode> nodes, CancellationToken ct)
    {
        var verdict = await gate.LookAsync(nodes, ct);
        if (!verdict.StopsTheChain)
        {
            return null;
        }

        await milestones.ReachAsync($"waiting for {gate.Condition}: {verdict.Reason}", ct);
        return verdict.Reason;
    }
}
