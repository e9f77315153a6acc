using System.Text.Json.Nodes;
using Stepper.Simulation.Api;
using Stepper.Simulation.Controllers;

namespace Stepper.Simulation.Promises;

/// <summary>No step's pod runs on the node that the step has cordoned.</summary>
internal sealed class HostPromises(ControlPlane plane, ChainView chain, Action<string> violated)
{
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    public void Look(StoreChange change)
    {
        if (change.Type == ChangeType.Deleted)
        {
            return;
        }

        if (change.Kind == Kinds.Pod && ChainView.IsChains(change.Object))
        {
            if (plane.Store.Find(Kinds.Node, null, change.Object.NodeName()) is { } node)
            {
                Look(change.Object, node);
            }
        }
        else if (change.Kind == Kinds.Node && chain.Holds(change.Object))
        {
            foreach (var pod in plane.Pods.OnNode(change.Object.Name()).Where(ChainView.IsChains))
            {
                Look(pod, change.Object);
            }
        }
    }

    private void Look(JsonObject pod, JsonObject node)
    {
        var worksHere = ChainView.TargetOf(pod) is { } target
            ? target == node.Name()
            : pod.Text("metadata", "labels", "phase") == "master" && node.At("metadata", "labels", "node-role.kubernetes.io/control-plane") is not null;
        if (worksHere && pod.Text("status", "phase") == "Running" && chain.Holds(node) && _told.Add(pod.Uid()))
        {
            violated($"{pod.Name()} runs on {node.Name()}, the node that it works on, while that is cordoned by the chain");
        }
    }
}
