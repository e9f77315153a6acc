using Stepper.Cluster.Nodes;
using Stepper.Cluster.Workloads;

namespace Stepper.StepRunner.Gates;

/// <summary>What a gate may look at without asking: gathered once for all of them.</summary>
internal sealed record GateFacts(Step Step, IReadOnlyList<ClusterNode> Nodes, IReadOnlyList<ControlPlanePod> ControlPlane)
{
    /// <summary>Whether a node's kubelet, and what it runs of the control plane, are at the target by what the API shows.</summary>
    public bool IsAtTarget(ClusterNode node) =>
        node.Kubelet == Step.Target && ControlPlane.All(pod => pod.Node != node.Name || pod.Release is null || pod.Release == Step.Target);
}

/// <summary>A read-only question that must be answered well before the chain goes on. It asks once; it does not throw, wait, log or act.</summary>
internal interface IGate
{
    /// <summary>What must hold, as the end of the sentence "waiting for …".</summary>
    string Condition { get; }

    /// <summary>The command by which a person asks the same.</summary>
    string Show { get; }

    Task<Verdict> CheckAsync(GateFacts facts, CancellationToken ct);
}
