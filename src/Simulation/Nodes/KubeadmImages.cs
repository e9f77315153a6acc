using System.Collections.Concurrent;
using Stepper.Cluster.Versions;
using Stepper.Simulation.Printed;

namespace Stepper.Simulation.Nodes;

/// <summary>What kubeadm of a release puts into the static pods' manifests.</summary>
internal static class KubeadmImages
{
    private static readonly ConcurrentDictionary<KubeVersion, string[]> Listed = new();

    public static IReadOnlyList<string> Components { get; } = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"];

    /// <summary>Image by component.</summary>
    public static IReadOnlyDictionary<string, string> StaticPods(KubeVersion version) =>
        new SortedDictionary<string, string>(Components.Append("etcd").ToDictionary(component => component, component => Image(version, component), StringComparer.Ordinal), StringComparer.Ordinal);

    /// <summary>The tag of etcd's image.</summary>
    public static string Etcd(KubeVersion version) => TagOf(Image(version, "etcd"));

    /// <summary>The tag of CoreDNS' image.</summary>
    public static string CoreDns(KubeVersion version) => TagOf(Image(version, "coredns"));

    /// <summary>The release in an image's tag.</summary>
    public static KubeVersion? VersionOf(string image) => KubeVersion.TryParse(TagOf(image), out var version) ? version : null;

    // As `kubeadm config images list` has it.
    private static string Image(KubeVersion version, string component) =>
        Listed.GetOrAdd(version, static version => Recording.OfKubeadm(version.Minor, "images").For(("target", version)).Split('\n')).First(image => image.Contains($"/{component}:", StringComparison.Ordinal));

    private static string TagOf(string image) => image[(image.LastIndexOf(':') + 1)..];
}
