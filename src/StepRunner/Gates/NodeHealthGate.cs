namespace Stepper.StepRunner.Gates;

/// <summary>All nodes Ready and none under pressure. A cordon that a person made is a warning: that node is upgraded and stays cordoned.</summary>
internal sealed class NodeHealthGate(State.Cordons cordons) : IGate
{
    private static readonly string[] Pressures = ["MemoryPressure", "DiskPressure", "PIDPressure"];

    public string Condition => "all nodes to be Ready and without pressure";

    public Task<Verdict> CheckAsync(GateFacts facts, CancellationToken ct)
    {
        // A kubelet that reports nothing makes all of its conditions unknown; that it is not Ready says it once.
        var bad = facts.Nodes.SelectMany(node =>
            (node.IsReady ? [] : new[] { $"{node.Name} is not Ready ({node.ReadyCondition?.Message ?? "its kubelet has never reported"})" })
            .Concat(node.Node.Status.Conditions
                .Where(condition => Pressures.Contains(condition.Type, StringComparer.Ordinal) && condition.Status != "False" && (node.IsReady || condition.Status != "Unknown"))
                .Select(condition => $"{node.Name} has {condition.Type} {condition.Status}"))).ToList();
        var cordoned = facts.Nodes.Where(node => node.IsCordoned && !cordons.IsChains(node)).Select(node => node.Name).ToList();
        return Task.FromResult(
            bad.Count > 0 ? Verdict.Aborts(string.Join(", ", bad))
            : cordoned.Count > 0 ? Verdict.Warns($"cordoned by someone, and left so: {string.Join(", ", cordoned)}")
            : Verdict.Holds);
    }
}
