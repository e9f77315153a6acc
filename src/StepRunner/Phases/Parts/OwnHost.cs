using Stepper.Cluster.Kubernetes;
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
    /// <exception cref="AbortException">This pod is on the node itself, or another one stays there. Nothing was changed.</exception>
    public async Task MustBeElsewhereAsync(string node, CancellationToken ct)
    {
        if (ownNode == node)
        {
            throw new AbortException($"This step's own pod is on {node}, the node that it is to drain, and would evict itself");
        }

        var still = "";
        var query = new KubeQuery(Labels: $"app={ChainJobs.App}", Fields: $"spec.nodeName={node}");
        var free = await api.ObserveUntilAsync(Resources.Pods, ns, query, AtMost, pods =>
        {
            still = string.Join(", ", pods.Values.Where(pod => !pod.IsFinished).Select(pod => pod.Metadata.Name));
            return still.Length == 0 ? "free" : null;
        }, ct);
        if (free is null)
        {
            throw new AbortException($"After {AtMost.TotalMinutes:0} min an unfinished pod of the chain is still on {node}, which is to be drained: {still}");
        }
    }
}
