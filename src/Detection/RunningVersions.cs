using Stepper.Cluster;
using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.Versions;

namespace Stepper.Detection;

/// <summary>What runs in the cluster. Pure.</summary>
/// <param name="OldestKubelet">What the cluster counts as: an upgrade is over when the last node has it.</param>
/// <param name="Highest">The newest of all kubelets and control-plane pods.</param>
public sealed record RunningVersions(RunningVersion OldestKubelet, RunningVersion Highest)
{
    private static readonly string[] Components = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"];

    /// <summary>An upgrade was begun and not finished, by whomever.</summary>
    public bool IsHalfWay => Highest.Version > OldestKubelet.Version;

    /// <param name="controlPlanePods">The static pods of the control plane; etcd and others among them are passed over.</param>
    /// <exception cref="SourceException">There is no node, or the version of a pod can't be read.</exception>
    public static RunningVersions Of(IReadOnlyList<ClusterNode> nodes, IReadOnlyList<Pod> controlPlanePods)
    {
        var kubelets = nodes.Select(node => new RunningVersion($"kubelet of {node.Name}", node.Kubelet)).OrderBy(running => running.Version).ToList();
        if (kubelets.Count == 0)
        {
            throw new SourceException("the API server knows no node");
        }

        var all = kubelets.Concat(controlPlanePods.SelectMany(ComponentsOf));
        return new RunningVersions(kubelets[0], all.MaxBy(running => running.Version)!);
    }

    private static IEnumerable<RunningVersion> ComponentsOf(Pod pod) => pod.Spec.Containers
        .Where(container => Components.Contains(container.Name, StringComparer.Ordinal))
        .Select(container =>
        {
            var whose = $"{container.Name} of {pod.Spec.NodeName}";
            return new RunningVersion(whose, KubeVersion.Parse(TagOf(container.Image), whose));
        });

    // registry:5000/kube-apiserver:v1.34.7@sha256:…
    private static string TagOf(string image)
    {
        var name = image.Split('@')[0].Split('/')[^1];
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? image : name[(colon + 1)..];
    }
}

/// <param name="Whose">Such as <c>kubelet of node3</c>.</param>
public sealed record RunningVersion(string Whose, KubeVersion Version)
{
    public override string ToString() => $"{Whose} at {Version}";
}
