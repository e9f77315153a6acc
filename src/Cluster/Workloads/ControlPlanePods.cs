using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Cluster.Versions;

namespace Stepper.Cluster.Workloads;

/// <summary>The static pods by which kubeadm runs the control plane, as their mirror pods in <c>kube-system</c> show them.</summary>
public sealed class ControlPlanePods(KubeApi api)
{
    /// <summary>By the labels that kubeadm gives its static pods. Others put theirs beside them under the same tier, such as a cloud controller manager.</summary>
    public static KubeQuery Query { get; } = new(Labels: $"tier=control-plane,component in ({string.Join(',', ControlPlanePod.Components)})");

    public async Task<IReadOnlyList<ControlPlanePod>> ListAsync(CancellationToken ct) =>
        [.. (await api.ListAsync(Resources.Pods, "kube-system", Query, ct)).Items.Select(ControlPlanePod.Read)];
}

/// <param name="Component"><c>kube-apiserver</c>, <c>kube-controller-manager</c>, <c>kube-scheduler</c> or <c>etcd</c>.</param>
/// <param name="Image">With its tag.</param>
public sealed record ControlPlanePod(string Node, string Component, string Image, bool IsReady)
{
    public const string Etcd = "etcd";

    public static IReadOnlyList<string> Components => ["kube-apiserver", "kube-controller-manager", "kube-scheduler", Etcd];

    /// <summary>The release that it runs; null for etcd, which counts its own versions.</summary>
    /// <exception cref="SourceException">Its image has no tag that is a version.</exception>
    public KubeVersion? Release => Component == Etcd ? null : KubeVersion.Parse(ImageName.Read(Image).Tag, $"the image \"{Image}\" of {Component} on {Node}");

    /// <summary>Its command line, program and all, as the manifest on the node has it.</summary>
    public IReadOnlyList<string> CommandLine { get; init; } = [];

    public static ControlPlanePod Read(Pod pod)
    {
        var main = pod.Spec.Containers is [var first, ..] ? first : new Container();
        return new ControlPlanePod(pod.Spec.NodeName, pod.Metadata.Labels["component"], main.Image, pod.IsReady) { CommandLine = [.. main.Command, .. main.Args] };
    }

    /// <summary>Whether a pod of <c>kube-system</c> is one, by its labels.</summary>
    public static bool Is(Pod pod) =>
        pod.Metadata.Labels.GetValueOrDefault("tier") == "control-plane" && Components.Contains(pod.Metadata.Labels.GetValueOrDefault("component"), StringComparer.Ordinal);
}
