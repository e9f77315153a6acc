using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;
using Stepper.Simulation.Nodes;

namespace Stepper.Simulation.Promises;

/// <summary>Never two node scripts on a node; nothing installed before all is prepared; the control plane first; no kubelet newer than an API server.</summary>
internal sealed class ScriptPromises(IReadOnlyList<SimulatedNode> nodes, ChainView chain, Action<string> violated)
{
    public void ScriptStarted(SimulatedNode node, NodeScriptRun run)
    {
        if (node.Scripts.Count(each => each.State == ScriptState.Running) > 1)
        {
            violated($"a second node script was started on {node}");
        }

        if (chain.NotPrepared() is { } missing)
        {
            violated($"the node script was started on {node}, and {missing}");
        }

        if (run.Script.Role == ScriptRole.Worker && !node.IsControlPlane && Behind(run.Script.Release) is { } behind)
        {
            violated($"the node script was started on worker {node} for {run.Script.Release}, and the API server of {behind} is at {behind.ApiServer}");
        }
    }

    public void KubeletStarted(SimulatedNode node)
    {
        if (Behind(node.Kubelet) is { } behind)
        {
            violated($"the kubelet of {node} is at {node.Kubelet}, newer than the API server of {behind} at {behind.ApiServer}");
        }

        foreach (var other in nodes.Where(other => other.ApiServer is not null))
        {
            if (VersionSkew.WhyNotKubelet(node.Kubelet, other.ApiServer!.Value) is { } why)
            {
                violated($"{node} and {other}: {why}");
            }
        }
    }

    private SimulatedNode? Behind(KubeVersion release) => nodes.FirstOrDefault(node => node.ApiServer < release);
}
