using Stepper.Cluster.Nodes;
using Stepper.Cluster.Versions;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>Whether the control plane's containerd is older than the workers' newest. Pure.</summary>
internal static class RuntimeLag
{
    private const string Containerd = "containerd://";

    /// <summary>What lags behind what; null when nothing does, or where another runtime is at work.</summary>
    public static string? Of(IReadOnlyList<ClusterNode> nodes)
    {
        var workers = nodes.Where(node => !node.IsControlPlane && VersionOf(node) is not null).ToList();
        if (workers.Count == 0)
        {
            return null;
        }

        var newest = workers.MaxBy(VersionOf)!;
        var behind = nodes.Where(node => node.IsControlPlane && VersionOf(node) < VersionOf(newest)).Select(node => $"{node.Name} has containerd {VersionOf(node)}").ToList();
        return behind.Count == 0
            ? null
            : $"{string.Join(", ", behind)}, older than {VersionOf(newest)} on {newest.Name}; bring it level yourself while the node is drained, never under running pods";
    }

    // Counted like a Kubernetes release: three numbers.
    private static KubeVersion? VersionOf(ClusterNode node)
    {
        var text = node.Node.Status.NodeInfo.ContainerRuntimeVersion;
        return text.StartsWith(Containerd, StringComparison.Ordinal) && KubeVersion.TryParse(text[Containerd.Length..], out var version) ? version : null;
    }
}
