using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;

namespace Stepper.Cluster.Nodes;

/// <summary>A node in the chain's words.</summary>
/// <param name="Node">The object that it was read from.</param>
/// <param name="Kubelet">What its kubelet reports.</param>
public sealed record ClusterNode(Node Node, KubeVersion Kubelet)
{
    /// <summary>The label by which kubeadm marks a control-plane node; its value is empty.</summary>
    public const string ControlPlaneLabel = "node-role.kubernetes.io/control-plane";

    /// <summary>The label by which a pod is pinned; it may differ from the node's name.</summary>
    public const string HostnameLabel = "kubernetes.io/hostname";

    public string Name => Node.Metadata.Name;

    public bool IsControlPlane => Node.Metadata.Labels.ContainsKey(ControlPlaneLabel);

    /// <summary>Null when the node has no such label: nothing can be pinned to it.</summary>
    public string? Hostname => Node.Metadata.Labels.GetValueOrDefault(HostnameLabel);

    public bool IsReady => ReadyCondition is { IsTrue: true };

    /// <summary>Null when the kubelet has never reported.</summary>
    public Condition? ReadyCondition => Node.Status.Conditions.FirstOrDefault(condition => condition.Type == "Ready");

    public bool IsCordoned => Node.Spec.Unschedulable;

    public string? Annotation(string key) => Node.Metadata.Annotations.GetValueOrDefault(key);

    /// <summary>Where its shell is.</summary>
    /// <exception cref="SourceException">It has no InternalIP.</exception>
    public NodeTarget Target => new(
        Name,
        Node.Status.Addresses.FirstOrDefault(address => address.Type == "InternalIP")?.Address
            ?? throw new SourceException($"node {Name} has no InternalIP in its status; it can't be reached over ssh"));
}
