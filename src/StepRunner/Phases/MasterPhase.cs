using Stepper.Cluster.Nodes;
using Stepper.StepRunner.Phases.Parts;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Phases;

/// <summary>Upgrades the first control-plane node: alerts, etcd, then cordon to uncordon, then the control plane must stand at the target, then the operator's hooks.</summary>
internal sealed class MasterPhase(
    NodeCheck check, AlertsHold alerts, EtcdHolds etcd, NodesAway away, NodeUpgrade upgrade, ControlPlaneStands stands, Hooks hooks, Finished finished) : IPhase
{
    public async Task<StepEnd> RunAsync(Step step, IReadOnlyList<ClusterNode> nodes, CancellationToken ct)
    {
        var (node, left) = await check.LookAsync(step.NodeName, nodes, step.Target, ct);
        if (left.IsDone && finished.IsAt(node, step.Target))
        {
            return StepEnd.Done($"{node.Name} is done already, at {step.Target}");
        }

        if (!left.IsDone)
        {
            await UpgradeAsync(step, node, left, nodes, ct);
        }

        // Also where an earlier try, of whatever run, came no further than the node itself: nobody has looked since, and the hooks have not run.
        await stands.MustStandAsync(node.Name, step.Target, ct);
        await alerts.MustHoldNowAsync(step, ct);
        var warnings = await hooks.RunAsync(node, ct);
        await finished.SetAsync(node, step.Target, ct);
        return StepEnd.Done((left.Upgrade
            ? $"{node.Name} and its control plane went from {node.Kubelet} to {step.Target}"
            : $"{node.Name} and its control plane, at {step.Target}, were brought to their end") + warnings);
    }

    private async Task UpgradeAsync(Step step, ClusterNode node, NodeLeft left, IReadOnlyList<ClusterNode> nodes, CancellationToken ct)
    {
        if (!left.ScriptRuns)
        {
            await left.OrAsFoundAsync(node.Name, async () =>
            {
                await alerts.MustHoldNowAsync(step, ct);
                if (left.Upgrade)
                {
                    await etcd.MustHoldInTimeAsync(nodes, ct);
                }

                await away.MustAllowAsync(node.Name, nodes, ct);
                return true;
            });
        }

        await upgrade.RunAsync(step, node, left, notes: null, ct);
    }
}
