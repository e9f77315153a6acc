using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;
using Stepper.StepRunner.Spawning;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>
/// No step's pod is on the node that the step drains: checked once more by the step itself, before it cordons. A step by hand has no pod.
/// </summary>
/// <param name="ownNode">Where this pod runs; null outside a pod.</param>
internal sealed class OwnHost(KubeApi api, string ns, string? ownNode)
{
    /// <summary>How long other pods of the chain are waited for.</summary>
    public static readonly TimeSpan AtMost = TimeSpan.FromMinutes(2);

    /// <summary>Waits until no unfinished pod of the chain is on the node.</summary>
    /// <returns>All pods that are on it then.</returns>
    /// <exception cref="AbortException">This pod is on the node itself, or another one stays there. Nothing was changed.</exception>
    public async Task<IReadOnlyList<Pod>> MustBeElsewhereAsync(string node, CancellationToken ct)
    {
        if (ownNode == node)
        {
            throw new AbortException($"This step's own pod is on {node}, the node that it is to drain, and would evict itself");
        }

        var still = "";
        return await api.ObserveUntilAsync(Resources.Pods, null, new KubeQuery(Fields: $"spec.nodeName={node}"), AtMost, pods =>
        {
            still = string.Join(", ", pods.Values.Where(IsAtWork).Select(pod => pod.Metadata.Name));
            return still.Length == 0 ? pods.Values.ToList() : null;
        }, ct) ?? throw new AbortException($"After {AtMost.TotalMinutes:0} min an unfinished pod of the chain is still on {node}, which is to be drained: {still}");
    }

    private bool IsAtWork(Pod pod) => pod.Metadata.Namespace == ns && pod.Metadata.Labels.GetValueOrDefault("app") == ChainJobs.App && !pod.IsFinished;
}
