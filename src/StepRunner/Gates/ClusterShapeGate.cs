namespace Stepper.StepRunner.Gates;

/// <summary>A cluster that this version can upgrade: more than one node, since a step's pod has nowhere else to run while its node is drained, and one control-plane node.</summary>
internal sealed class ClusterShapeGate : IGate
{
    public string Condition => "one control-plane node, and others beside it";

    public string Show => "kubectl get nodes";

    public Task<Verdict> CheckAsync(GateFacts facts, CancellationToken ct)
    {
        var controlPlane = facts.Nodes.Where(node => node.IsControlPlane).Select(node => node.Name).ToList();
        return Task.FromResult((facts.Nodes.Count, controlPlane.Count) switch
        {
            (1, _) => Verdict.Aborts(
                $"{facts.Nodes[0].Name} is the only node: a step's pod has nowhere else to run while the node is drained. A one-node cluster is upgraded by hand: scripts/update_k8s.sh --help", Show),
            (_, 1) => Verdict.Holds,
            _ => Verdict.Aborts($"the cluster has {controlPlane.Count} control-plane nodes ({string.Join(", ", controlPlane)}); this version upgrades clusters that have one", Show),
        });
    }
}
