using Stepper.Cluster.Nodes;
using Stepper.StepRunner.Phases.Parts;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Phases;

/// <summary>Upgrades the first control-plane node: alerts, then cordon to uncordon, then the control plane must stand at the target, then the operator's hooks.</summary>
internal sealed class MasterPhase(NodeList nodes, NodeCheck check, AlertsHold alerts, NodeUpgrade upgrade, ControlPlaneStands stands, Hooks hooks, StepMarks marks) : IPhase
{
    public async Task<StepEnd> RunAsync(Step step, CancellationToken ct)
    {
        var node = await nodes.GetAsync(step.NodeName, ct);
        var left = await check.LeftAsync(node, step.Target, ct);
        if (left.IsDone && !marks.BeganIn(node, step.Run))
        {
            return StepEnd.Done($"{node.Name} is done already, at {step.Target}");
        }

        if (!left.IsDone)
        {
            await UpgradeAsync(step, node, left, ct);
        }

        // Also where this step's first try was killed once the node was done: nobody has looked since, and the hooks have not run.
        await stands.MustStandAsync(node.Name, step.Target, ct);
        await alerts.MustHoldNowAsync(step, ct);
        await hooks.RunAsync(node, ct);
        return StepEnd.Done(left.Upgrade
            ? $"{node.Name} and its control plane went from {node.Kubelet} to {step.Target}"
            : $"{node.Name} and its control plane, at {step.Target}, were brought to their end");
    }

    private async Task UpgradeAsync(Step step, ClusterNode node, NodeLeft left, CancellationToken ct)
    {
        if (!left.ScriptRuns)
        {
            await alerts.MustHoldNowAsync(step, ct);
        }

        await upgrade.RunAsync(step, node, left, ct);
    }
}
