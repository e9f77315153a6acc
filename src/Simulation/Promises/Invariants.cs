using Stepper.Simulation.Api;
using Stepper.Simulation.Controllers;
using Stepper.Simulation.Nodes;

namespace Stepper.Simulation.Promises;

/// <summary>
/// What must hold at each moment of a run, whatever goes wrong in it. Looked at when something has changed that it depends on; what does not hold is noted and the
/// run goes on.
/// </summary>
public sealed class Invariants
{
    private readonly ControlPlane _plane;
    private readonly List<Violation> _violations = [];
    private readonly List<SimulatedNode> _nodes = [];
    private readonly ScriptPromises _scripts;

    internal Invariants(ControlPlane plane, SimulatedShell shell, SimulatedApiServer api, IReadOnlyCollection<Kubelet> kubelets)
    {
        _plane = plane;
        var chain = new ChainView(plane, this);
        var hosts = new HostPromises(plane, chain, Violated);
        var cordons = new CordonPromises(plane, chain, this, Violated);
        var jobs = new JobPromises(plane, chain, Violated);
        _scripts = new ScriptPromises(_nodes, chain, Violated);
        var budgets = new BudgetPromises(plane, Violated);
        plane.Store.Changed += change =>
        {
            hosts.Look(change);
            cordons.Look(change);
            jobs.Look(change);
        };
        api.Requested += budgets.Look;
        api.Requested += cordons.Look;
        shell.Started += _scripts.ScriptStarted;
        foreach (var kubelet in kubelets)
        {
            Follow(kubelet.Node);
        }
    }

    /// <summary>The prefix of the chain's annotations.</summary>
    public string AnnotationPrefix { get; set; } = "viktorbarzin.me";

    /// <summary>The namespace of the chain.</summary>
    public string Namespace { get; set; } = "k8s-upgrade";

    /// <summary>How many nodes may be down or held by the chain at a time.</summary>
    public int MaxUnavailable { get; set; } = 1;

    /// <summary>False where the settings say that there is no snapshot.</summary>
    public bool NeedsSnapshot { get; set; } = true;

    public IReadOnlyList<Violation> Violations => _violations;

    internal void Follow(SimulatedNode node)
    {
        _nodes.Add(node);
        node.KubeletStarted += () => _scripts.KubeletStarted(node);
    }

    private void Violated(string what) => _violations.Add(new Violation(_plane.Now, what));
}

/// <summary>Something that must never be so, and was.</summary>
public sealed record Violation(DateTimeOffset Time, string What)
{
    public override string ToString() => $"{Time:yyyy-MM-dd HH:mm:ss.fff} {What}";
}
