using Stepper.Cluster.NodeShell;
using Stepper.Simulation.Printed;

namespace Stepper.Simulation.Nodes;

/// <summary>What <c>kubeadm upgrade apply</c> or <c>node</c> prints while it works: as recorded, for this node, piece by piece.</summary>
internal sealed class KubeadmUpgrade
{
    private readonly NodeScriptRun _run;
    private string _rest;

    public KubeadmUpgrade(NodeScriptRun run, SimulatedNode node)
    {
        var target = run.Script.Release;
        var running = node.ApiServer ?? node.Kubelet;
        var what = run.Script switch
        {
            { FirstControlPlane: true } => running.Line == target.Line ? "apply" : "apply-minor",
            { Role: ScriptRole.Master } => "node-control-plane",
            _ => "node-worker",
        };
        _run = run;
        _rest = Recording.OfKubeadm(target.Minor, what).For(("running", running), ("target", target), ("kubeadm", target), ("node", node.Name));
    }

    /// <summary>Prints up to and with the next line that begins so; nothing where there is none.</summary>
    public void SayTo(string line)
    {
        if (_rest.IndexOf(line, StringComparison.Ordinal) is var at and >= 0)
        {
            Say(_rest.IndexOf('\n', at) + 1);
        }
    }

    public void SayRest() => Say(_rest.Length);

    private void Say(int length)
    {
        _run.SayAll(_rest[..length]);
        _rest = _rest[length..];
    }
}
