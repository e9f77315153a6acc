using Stepper.Cluster;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Gates;

/// <summary>
/// No node's Ready condition changed for a while: the chain defers itself, as after a reboot by kured. What a step of a chain changed itself does not count.
/// </summary>
internal sealed class QuietGate(StepMarks marks, TimeSpan quietPeriod, Wait wait) : IGate
{
    public string Condition => $"every node to have been quiet for {quietPeriod.TotalHours:0.#} h";

    public string Show => "kubectl get nodes -o custom-columns='NAME:.metadata.name,CHANGED:.status.conditions[?(@.type==\"Ready\")].lastTransitionTime'";

    public Task<Verdict> CheckAsync(GateFacts facts, CancellationToken ct)
    {
        var unknown = facts.Nodes.Where(node => node.ReadyCondition?.LastTransitionTime is null).Select(node => node.Name).ToList();
        if (unknown.Count > 0)
        {
            return Task.FromResult(Verdict.Aborts($"since when {string.Join(", ", unknown)} is as it is can't be read from its Ready condition", Show));
        }

        var unquiet = facts.Nodes
            .Select(node => (node.Name, Changed: node.ReadyCondition!.LastTransitionTime!.Value, Covered: marks.Covers(node, node.ReadyCondition.LastTransitionTime.Value)))
            .Where(node => !node.Covered && wait.Now - node.Changed < quietPeriod)
            .Select(node => Finding.RefusesForNow($"{node.Name} was not Ready all the time; it is quiet at {node.Changed + quietPeriod:u}", $"kubectl describe node {node.Name}", node.Changed));
        return Task.FromResult(Verdict.Of(unquiet));
    }
}
