using Stepper.Cluster.Versions;

namespace Stepper.Simulation.Nodes;

/// <summary>What kubeadm of a release puts into the static pods' manifests.</summary>
internal static class KubeadmImages
{
    private const string Registry = "registry.k8s.io/";

    public static IReadOnlyList<string> Components { get; } = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"];

    /// <summary>Image by component.</summary>
    public static IReadOnlyDictionary<string, string> StaticPods(KubeVersion version)
    {
        var images = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["etcd"] = $"{Registry}etcd:{Etcd(version)}" };
        foreach (var component in Components)
        {
            images[component] = $"{Registry}{component}:v{version}";
        }

        return images;
    }

    /// <summary>The tag of etcd's image.</summary>
    public static string Etcd(KubeVersion version) => version.Minor switch
    {
        <= 30 => "3.5.12-0",
        31 or 32 => "3.5.16-0",
        33 => "3.5.21-0",
        34 => "3.6.4-0",
        35 => "3.6.5-0",
        _ => "3.6.6-0",
    };

    /// <summary>The tag of CoreDNS' image.</summary>
    public static string CoreDns(KubeVersion version) => version.Minor switch
    {
        <= 31 => "v1.11.3",
        32 => "v1.11.3",
        33 => "v1.12.0",
        34 => "v1.12.1",
        _ => "v1.13.1",
    };

    /// <summary>The release in an image's tag.</summary>
    public static KubeVersion? VersionOf(string image) =>
        KubeVersion.TryParse(image[(image.LastIndexOf(':') + 1)..], out var version) ? version : null;
}
