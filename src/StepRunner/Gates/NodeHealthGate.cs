using Stepper.Cluster.Nodes;

namespace Stepper.StepRunner.Gates;

/// <summary>All nodes Ready and none under pressure. A cordon that a person made is a warning: that node is upgraded and stays cordoned.</summary>
internal sealed class NodeHealthGate(State.Cordons cordons) : IGate
{
    private static readonly string[] Pressures = ["MemoryPressure", "DiskPressure", "PIDPressure"];

    public string Condition => "all nodes to be Ready and without pressure";

    public string Show => "kubectl get nodes";

    public Task<Verdict> CheckAsync(GateFacts facts, CancellationToken ct) => Task.FromResult(Verdict.Of(facts.Nodes.SelectMany(Of)));

    private IEnumerable<Finding> Of(ClusterNode node)
    {
        var show = $"kubectl describe node {node.Name}";
        if (!node.IsReady)
        {
            yield return Finding.Aborts($"{node.Name} is not Ready ({node.ReadyCondition?.Message ?? "its kubelet has never reported"})", show, node.ReadyCondition?.LastTransitionTime);
        }

        // A kubelet that reports nothing makes all of its conditions unknown; that it is not Ready says it once.
        foreach (var condition in node.Node.Status.Conditions
            .Where(condition => Pressures.Contains(condition.Type, StringComparer.Ordinal) && condition.Status != "False" && (node.IsReady || condition.Status != "Unknown")))
        {
            yield return Finding.Aborts($"{node.Name} has {condition.Type} {condition.Status}", show, condition.LastTransitionTime);
        }

        if (node.IsCordoned && !cordons.IsChains(node))
        {
            yield return Finding.Warns($"{node.Name} is cordoned by someone, and is left so", show);
        }
    }
}
