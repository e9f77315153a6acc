using Stepper.Cluster.Nodes;
using Stepper.Cluster.Versions;

namespace Stepper.StepRunner.Gates.Compatibility;

/// <summary>Whether each node's container runtime is new enough for the target. Pure.</summary>
internal static class RuntimeFloors
{
    private const string Show = "kubectl get nodes -o wide";

    public static CompatibilityAnswer Of(IReadOnlyList<RuntimeFloor> floors, IReadOnlyList<ClusterNode> nodes, MinorVersion target) => new(
        "container runtime",
        string.Join(", ", nodes.GroupBy(node => node.Node.Status.NodeInfo.ContainerRuntimeVersion, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => $"{group.Key.Replace("://", " ", StringComparison.Ordinal)} on {group.Count()}")),
        [.. NodeProblem.Findings(nodes.Select(node => Of(floors, node, target)).OfType<NodeProblem>())]);

    private static NodeProblem? Of(IReadOnlyList<RuntimeFloor> floors, ClusterNode node, MinorVersion target)
    {
        var reported = node.Node.Status.NodeInfo.ContainerRuntimeVersion;
        var (runtime, text) = reported.Split("://", 2) is [var name, var version] ? (name, version) : (reported, "");
        var reached = floors.Where(floor => floor.Kubernetes <= target).ToList();
        // The highest floor; of an unknown runtime there is none.
        if (reached.Where(floor => floor.Runtime == runtime).MaxBy(floor => floor.Minimum) is not { } floor)
        {
            return reported.Length > 0 || reached.Count == 0 ? null : Problem(node, reached, "its container runtime is not reported, so whether it is new enough can't be told", "", "");
        }

        return IsEnough(text, floor) switch
        {
            true => null,
            false => Problem(node, [floor], What(floor), "; upgrade it first", text),
            null => Problem(node, [floor], $"whether its {runtime} is at least {floor.Minimum}, which Kubernetes {floor.Kubernetes} needs, can't be told", "", reported),
        };
    }

    // A pre-release goes before its release, and after all that come before that. Null: can't be told.
    private static bool? IsEnough(string version, RuntimeFloor floor) => (DottedVersion.OfTag(version), DottedVersion.OfPreRelease(version)) switch
    {
        ({ } running, _) => running >= floor.Minimum,
        (_, { } next) => next > floor.Minimum,
        _ => null,
    };

    private static string What(RuntimeFloor floor) => $"{floor.Runtime} is older than {floor.Minimum}, which Kubernetes needs from {floor.Kubernetes} on ({floor.Evidence})";

    // Where its kubelet is there already it runs so already: the upgrade makes nothing worse.
    private static NodeProblem Problem(ClusterNode node, IReadOnlyList<RuntimeFloor> floors, string what, string toDo, string detail) =>
        floors.All(floor => floor.Kubernetes <= node.Kubelet.Line)
            ? new NodeProblem(VerdictKind.Warns, BlockerClass.Wait, what, node.Name, detail, Show)
            : new NodeProblem(VerdictKind.Refuses, BlockerClass.ActNow, what + toDo, node.Name, detail, Show);
}
