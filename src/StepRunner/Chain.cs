using Stepper.Cluster;

namespace Stepper.StepRunner;

/// <summary>What the chain has to know of a node.</summary>
/// <param name="IsDone">Nothing is left to do on it: by the one test of <see cref="State.NodeCheck"/>, or because this run's own step on it ended so.</param>
internal sealed record ChainNode(string Name, bool IsControlPlane, bool IsDone);

/// <summary>
/// The chain: preflight, the control plane, every worker, postflight; which step follows which, and where it would best run. Nothing here does I/O.
/// </summary>
internal static class Chain
{
    /// <summary>Nothing follows it, however the nodes are.</summary>
    public static bool EndsWith(Step step) => step.Phase is PhaseName.Postflight;

    /// <summary>What follows a step that is done; null at the end.</summary>
    public static Step? Next(Step done, IReadOnlyList<ChainNode> nodes) => done.Phase switch
    {
        PhaseName.Preflight => done with { Phase = PhaseName.Master, Node = ControlPlane(nodes) },
        PhaseName.Master or PhaseName.Worker => WorkersInOrder(nodes).FirstOrDefault(node => !node.IsDone && node.Name != done.Node) is { } next
            ? done with { Phase = PhaseName.Worker, Node = next.Name }
            : done with { Phase = PhaseName.Postflight, Node = null },
        _ => null,
    };

    /// <summary>
    /// Where a step would best run: on the runner, the first worker in natural order; the runner's own step on the control plane; null: anywhere.
    /// </summary>
    public static string? BestHost(Step step, IReadOnlyList<ChainNode> nodes) => step.Phase switch
    {
        PhaseName.Postflight => null,
        _ when Runner(nodes) is { } runner && runner != step.Node => runner,
        _ => ControlPlane(nodes),
    };

    // Descending natural order leaves the runner, which hosts the other drains, for last.
    private static IEnumerable<ChainNode> WorkersInOrder(IReadOnlyList<ChainNode> nodes) =>
        nodes.Where(node => !node.IsControlPlane).OrderByDescending(node => node.Name, NaturalOrder.OfNames);

    private static string? Runner(IReadOnlyList<ChainNode> nodes) => WorkersInOrder(nodes).LastOrDefault()?.Name;

    private static string? ControlPlane(IReadOnlyList<ChainNode> nodes) =>
        nodes.Where(node => node.IsControlPlane).OrderBy(node => node.Name, NaturalOrder.OfNames).FirstOrDefault()?.Name;
}
