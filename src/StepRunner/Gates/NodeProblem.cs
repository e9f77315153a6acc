namespace Stepper.StepRunner.Gates;

/// <summary>Something about one node that an operator should know before its upgrade.</summary>
/// <param name="What">In the same words for every node that has it, so that forty of them read as one.</param>
/// <param name="Node">The node's name.</param>
/// <param name="Detail">What is this node's own; empty where nothing is.</param>
/// <param name="Show">The command that shows it on that node.</param>
internal sealed record NodeProblem(VerdictKind Kind, BlockerClass Class, string What, string Node, string Detail, string Show)
{
    /// <summary>Since when; null where nothing tells.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>It is a lock that somebody will give back.</summary>
    public bool IsLock { get; init; }

    public bool Blocks => Kind.Blocks();

    /// <summary>One finding for all nodes that have the same problem; all of them by name, and the command for the first.</summary>
    public static IEnumerable<Finding> Findings(IEnumerable<NodeProblem> problems) => problems
        .GroupBy(problem => (problem.Kind, problem.Class, problem.What))
        .Select(group => new Finding(group.Key.Kind, group.Key.Class, Text(group.Key.What, [.. group]), group.First().Show, group.Min(problem => problem.Since)));

    private static string Text(string what, IReadOnlyList<NodeProblem> nodes)
    {
        var names = string.Join(", ", nodes.Select(node => node.Detail.Length == 0 ? node.Node : $"{node.Node} ({node.Detail})"));
        return nodes.Count == 1 ? $"{names}: {what}" : $"{nodes.Count} nodes: {what}: {names}";
    }
}
