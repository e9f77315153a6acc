using Stepper.Cluster;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Gates;

/// <summary>
/// No node's Ready condition changed for a while: the chain defers itself, as after a reboot by kured. What a step of a chain changed itself does not count.
/// </summary>
internal sealed class QuietGate(StepMarks marks, TimeSpan quietPeriod, Wait wait) : IGate
{
    public string Condition => $"every node to have been quiet for {quietPeriod.TotalHours:0.#} h";

    public Task<Verdict> CheckAsync(GateFacts facts, CancellationToken ct)
    {
        var unknown = facts.Nodes.Where(node => node.ReadyCondition?.LastTransitionTime is null).Select(node => node.Name).ToList();
        if (unknown.Count > 0)
        {
            return Task.FromResult(Verdict.Aborts($"since when {string.Join(", ", unknown)} is as it is can't be read from its Ready condition"));
        }

        var unquiet = facts.Nodes
            .Select(node => (node.Name, Changed: node.ReadyCondition!.LastTransitionTime!.Value, Covered: marks.Covers(node, node.ReadyCondition.LastTransitionTime.Value)))
            .Where(node => !node.Covered && wait.Now - node.Changed < quietPeriod)
            .Select(node => $"{node.Name} changed at {node.Changed:u}, quiet at {node.Changed + quietPeriod:u}")
            .ToList();
        return Task.FromResult(unquiet.Count == 0 ? Verdict.Holds : Verdict.RefusesForNow(string.Join(", ", unquiet)));
    }
}
