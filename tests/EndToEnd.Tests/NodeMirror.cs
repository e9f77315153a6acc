using System.Text.RegularExpressions;
using Stepper.Simulation;

namespace Stepper.EndToEnd.Tests;

/// <summary>
/// Lets the nodes that the API shows follow the machines of the lab: which kubelet runs, and which images the static pods' manifests name. The API server is away
/// for a while after its node was upgraded.
/// </summary>
internal sealed partial class NodeMirror(SimulatedCluster cluster, NodeLab lab, TimeSpan apiServerAway)
{
    private static readonly TimeSpan LooksEvery = TimeSpan.FromMilliseconds(200);
    private static readonly string[] Components = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];

    private readonly Dictionary<string, string> _kubelets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _images = new(StringComparer.Ordinal);

    /// <summary>To be called on the simulation's thread, once.</summary>
    public void Follow()
    {
        foreach (var node in cluster.Nodes)
        {
            FollowKubelet(node.Name);
            if (node.IsControlPlane)
            {
                FollowStaticPods(node.Name);
            }
        }

        cluster.Time.After(LooksEvery, Follow);
    }

    private void FollowKubelet(string node)
    {
        var file = lab.PathOn(node, "/run/kubelet-version");
        var now = File.Exists(file) ? File.ReadAllText(file).Trim().TrimStart('v') : "";
        if (now.Length == 0 || _kubelets.GetValueOrDefault(node) == now)
        {
            return;
        }

        var isFirst = _kubelets.TryAdd(node, now);
        _kubelets[node] = now;
        if (!isFirst)
        {
            cluster.Node(node).Packages["kubelet"] = $"{now}-1.1";
            cluster.RestartKubelet(node);
            if (cluster.Node(node).IsControlPlane)
            {
                cluster.TakeApiAway(apiServerAway);
            }
        }
    }

    private void FollowStaticPods(string node)
    {
        var images = Components.ToDictionary(component => component, component => ImageIn(lab.PathOn(node, $"/etc/kubernetes/manifests/{component}.yaml")), StringComparer.Ordinal);
        var now = string.Join(' ', images.Values);
        if (images.ContainsValue("") || _images.GetValueOrDefault(node) == now)
        {
            return;
        }

        _images[node] = now;
        cluster.ChangeStaticPods(node, images);
    }

    private static string ImageIn(string manifest) => File.Exists(manifest) ? Image().Match(File.ReadAllText(manifest)).Groups["image"].Value : "";

    [GeneratedRegex(@"^ *image: (?<image>\S+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Image();
}
