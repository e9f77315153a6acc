using Stepper.Cluster.Nodes;
using Stepper.StepRunner.Phases.Parts;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Phases;

/// <summary>Upgrades the first control-plane node: alerts, then cordon to uncordon, then the control plane must stand at the target, then the operator's hooks.</summary>
internal sealed class MasterPhase(NodeList nodes, NodeCheck check, AlertsHold alerts, NodeUpgrade upgrade, ControlPlaneStands stands, Hooks hooks) : IPhase
{
    public async Task<StepEnd> RunAsync(Step step, CancellationToken ct)
    {
        var node = await nodes.GetAsync(step.NodeName, ct);
        var left = await check.LeftAsync(node, step.Target, ct);
        if (left.IsDone)
        {
            return StepEnd.Done($"{node.Name} is done already, at {step.Target}");
        }

        if (!left.ScriptRuns)
        {
            await alerts.MustHoldNowAsync(step, ct);
        }

        await upgrade.RunAsync(step, node, left, ct);
        await stands.MustStandAsync(node.Name, step.Target, ct);
        await alerts.MustHoldNowAsync(step, ct);
        await hooks.RunAsync(node, ct);
        return StepEnd.Done($"{node.Name} and its control plane went from {node.Kubelet} to {step.Target}");
    }
}
