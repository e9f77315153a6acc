using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.Workloads;
using Stepper.StepRunner.Phases.Parts;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Phases;

/// <summary>Upgrades one worker: alerts, then cordon to uncordon, then it is looked at for a while before the next one's turn.</summary>
internal sealed class WorkerPhase(
    ControlPlanePods controlPlane, NodeCheck check, AlertsHold alerts, NodesAway away, Foresight foresight, NodeUpgrade upgrade, Soak soak) : IPhase
{
    public async Task<StepEnd> RunAsync(Step step, IReadOnlyList<ClusterNode> nodes, CancellationToken ct)
    {
        var (node, left) = await check.LookAsync(step.NodeName, nodes, step.Target, ct);
        if (left.IsDone)
        {
            await soak.GoOnAsync(step, node, nodes, ct);
            return StepEnd.Done($"{node.Name} is done already, at {step.Target}");
        }

        var forecast = left.ScriptRuns ? null : await left.OrAsFoundAsync(node.Name, async () =>
        {
            await MustComeAfterTheControlPlaneAsync(step, left, ct);
            await alerts.MustHoldInTimeAsync(step, ct);
            var now = await away.MustAllowAsync(node.Name, nodes, ct);
            return left.Upgrade ? await foresight.BeforeAsync(step, node, now, ct) : null;
        });
        var before = new NodeLook([], []);
        await upgrade.RunAsync(step, node, left, new NodeNotes(LookAsync, drained => foresight.AfterAsync(step, forecast, drained, ct)), ct);
        await soak.RunAsync(step, before, nodes, ct);
        return StepEnd.Done(left.Upgrade ? $"{node.Name} went from {node.Kubelet} to {step.Target}" : $"{node.Name}, at {step.Target}, was brought to its end");

        async Task<IReadOnlyList<Note>> LookAsync(IReadOnlyList<Pod> pods)
        {
            (before, var notes) = await soak.LookAsync(step, node, nodes, pods, ct);
            return notes;
        }
    }

    // The chain begins no worker before; a person may.
    private async Task MustComeAfterTheControlPlaneAsync(Step step, NodeLeft left, CancellationToken ct)
    {
        var behind = left.Upgrade ? (await controlPlane.ListAsync(ct)).Where(pod => pod.Release < step.Target).Select(pod => $"{pod.Component} of {pod.Node} is at {pod.Release}").ToList() : [];
        if (behind.Count > 0)
        {
            throw new AbortException($"A worker is never upgraded before the control plane, and {string.Join(", ", behind)}. First: stepper --phase master --target-version {step.Target}");
        }
    }
}
