using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Cluster.Versions;

namespace Stepper.Cluster.Nodes;

/// <summary>The nodes as the API has them now. Nothing is remembered between two questions: a node that joined a minute ago is in the list.</summary>
public sealed class NodeList(KubeApi api)
{
    /// <summary>All nodes in natural order of their names.</summary>
    /// <exception cref="SourceException">A node reports no readable kubelet version.</exception>
    public async Task<IReadOnlyList<ClusterNode>> ListAsync(CancellationToken ct) =>
        [.. (await api.ListAsync(Resources.Nodes, null, KubeQuery.All, ct)).Items.Select(Read).OrderBy(node => node.Name, NaturalOrder.OfNames)];

    /// <summary>Whether a cluster is small: what it has of a kind is then read with one list rather than with several.</summary>
    public static bool AreFew(IReadOnlyList<ClusterNode> all) => all.Count <= 50;

    /// <summary>Null when there is no node of that name.</summary>
    public async Task<ClusterNode?> FindAsync(string name, CancellationToken ct) =>
        await api.FindAsync(Resources.Nodes, null, name, ct) is { } node ? Read(node) : null;

    public async Task<ClusterNode> GetAsync(string name, CancellationToken ct) =>
        await FindAsync(name, ct) ?? throw new SourceException($"there is no node {name} in the cluster any more");

    public static ClusterNode Read(Node node) =>
        new(node, KubeVersion.Parse(node.Status.NodeInfo.KubeletVersion, $"the kubelet of node {node.Metadata.Name}"));
}
