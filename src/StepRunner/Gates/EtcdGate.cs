using Stepper.Cluster;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.NodeShell;

namespace Stepper.StepRunner.Gates;

/// <summary>
/// etcd is whole before an API server is swapped on top of it: every member healthy and with a vote, a leader that stays, a database below its quota, and disks
/// that write in time. Each control-plane node is asked over ssh, since only it knows its own disk.
/// </summary>
internal sealed class EtcdGate(INodeShell shell, Wait wait) : IGate
{
    private const int AtOnce = 32;
    private const int Looks = 3;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(10);

    public string Condition => "etcd to be whole";

    public string Show => EtcdFindings.Show("NODE");

    /// <summary>A connection that is lost, a leader that is just being elected: what is not so a moment later is no reason to stop.</summary>
    public async Task<Verdict> CheckAsync(GateFacts facts, CancellationToken ct)
    {
        for (var look = 1; ; look++)
        {
            var verdict = await LookAsync(facts.Nodes, ct);
            if (!verdict.StopsTheChain || look == Looks)
            {
                return verdict;
            }

            await wait.ForAsync(BetweenLooks, ct);
        }
    }

    /// <summary>Asks once, and needs no other facts than the nodes: for who looks again himself, before each control-plane node.</summary>
    public async Task<Verdict> LookAsync(IReadOnlyList<ClusterNode> nodes, CancellationToken ct)
    {
        var found = await Bounded.SelectAsync([.. nodes.Where(node => node.IsControlPlane)], AtOnce, node => AskAsync(node, ct));
        // What is of the whole cluster each of its members says.
        return found.Count == 0
            ? Verdict.Aborts($"no node has the label {ClusterNode.ControlPlaneLabel}, so there is nobody to ask about etcd", "kubectl get nodes --show-labels")
            : Verdict.Of(found.SelectMany(each => each).DistinctBy(finding => finding.Seen, StringComparer.Ordinal));
    }

    private async Task<IReadOnlyList<Finding>> AskAsync(ClusterNode node, CancellationToken ct)
    {
        try
        {
            return [.. EtcdFindings.Of(node.Name, await shell.EtcdAsync(node.Target, ct))];
        }
        catch (SourceException e)
        {
            return [Finding.Aborts($"can't tell how etcd on {node.Name} is: {e.Message}", EtcdFindings.Show(node.Name))];
        }
    }
}
