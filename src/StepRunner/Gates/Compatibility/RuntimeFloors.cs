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
        // The highest floor; of an unknown runtime there is none.
        if (floors.Where(floor => floor.Runtime == runtime && floor.Kubernetes <= target).MaxBy(floor => floor.Minimum) is not { } floor)
        {
            return reported.Length > 0 || floors.Count == 0
                ? null
                : Blocks(node, "its container runtime is not reported, so whether it is new enough can't be told", "");
        }

        return DottedVersion.OfTag(text) switch
        {
            null => Blocks(node, $"whether its {runtime} is at least {floor.Minimum}, which Kubernetes {floor.Kubernetes} needs, can't be told", reported),
            var running when running >= floor.Minimum => null,
            // It runs so already: the upgrade makes nothing worse.
            _ when floor.Kubernetes <= node.Kubelet.Line => new NodeProblem(VerdictKind.Warns, BlockerClass.Wait, What(floor), node.Name, text, Show),
            _ => Blocks(node, $"{What(floor)}; upgrade it first", text),
        };
    }

    private static string What(RuntimeFloor floor) => $"{floor.Runtime} is older than {floor.Minimum}, which Kubernetes needs from {floor.Kubernetes} on ({floor.Evidence})";

    private static NodeProblem Blocks(ClusterNode node, string what, string detail) => new(VerdictKind.Refuses, BlockerClass.ActNow, what, node.Name, detail, Show);
}
