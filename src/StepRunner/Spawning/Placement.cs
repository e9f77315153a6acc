using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Cluster.Nodes;

namespace Stepper.StepRunner.Spawning;

/// <summary>Which nodes a step's pod may run on, best first. Pure.</summary>
internal static class Placement
{
    // They mean trouble: a pod there would be evicted again, or never end.
    private static readonly string[] Trouble = ["node.kubernetes.io/", "ToBeDeletedByClusterAutoscaler", "DeletionCandidateOfClusterAutoscaler", "karpenter.sh/disrupt"];

    // It follows the cordon, which is asked for itself, and is still there for a moment after an uncordon.
    private const string OfCordon = "node.kubernetes.io/unschedulable";

    /// <summary>
    /// The fit hosts: the best one, then workers that are done, then the control plane, then any. Empty when none is fit.
    /// </summary>
    /// <param name="best">The first choice of <see cref="Chain.BestHost"/>; null for a step that runs anywhere.</param>
    /// <param name="done">The names of the nodes that are done.</param>
    public static IReadOnlyList<ClusterNode> Hosts(Step step, string? best, IReadOnlyList<ClusterNode> nodes, IReadOnlySet<string> done) =>
        [.. nodes.Where(node => WhyNot(node, step, done) is null)
            .OrderBy(node => node.Name == best ? 0 : !node.IsControlPlane && done.Contains(node.Name) ? 1 : node.IsControlPlane ? 2 : 3)];

    /// <summary>Why the step's pod may not run on a node; null when it may.</summary>
    /// <param name="done">The names of the nodes that are done: such a node's own step drains nothing.</param>
    public static string? WhyNot(ClusterNode node, Step step, IReadOnlySet<string> done) => node switch
    {
        _ when node.Name == step.Node && !done.Contains(node.Name) => "it is the node to drain",
        { IsReady: false } => "it is not Ready",
        { IsCordoned: true } => "it is cordoned",
        { Hostname: null } => $"it has no label {ClusterNode.HostnameLabel}",
        _ => node.Node.Spec.Taints.FirstOrDefault(taint => KeepsPodsOff(taint) && Trouble.Any(trouble => taint.Key.StartsWith(trouble, StringComparison.Ordinal))) is { } trouble
            ? $"it has the taint {trouble.Key}"
            : null,
    };

    /// <summary>Whether a pod must tolerate a taint to run there.</summary>
    public static bool KeepsPodsOff(Taint taint) => taint.Effect is "NoSchedule" or "NoExecute" && taint.Key != OfCordon;
}
