using System.Text.Json.Nodes;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.Versions;

namespace Stepper.StepRunner.State;

/// <summary>
/// Whether all that follows the upgrade of a control-plane node was done too: the control plane was seen to stand, and the operator's hooks ran. Written on the
/// node, since the step that upgraded it may have stopped in between, and another run's may be the one that comes next.
/// </summary>
internal sealed class Finished(KubeApi api, Annotations names, StepMarks marks)
{
    /// <summary>True as well for a node that the chain was never at work on: there is nothing of its own to finish.</summary>
    public bool IsAt(ClusterNode node, KubeVersion target) => !marks.EverBegan(node) || node.Annotation(names.Finished) == target.ToString();

    public Task SetAsync(ClusterNode node, KubeVersion target, CancellationToken ct) => api.MergeAsync(
        Resources.Nodes,
        null,
        node.Name,
        new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [names.Finished] = target.ToString() } } },
        ct);
}
