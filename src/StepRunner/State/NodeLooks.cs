using System.Text.Json.Nodes;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Nodes;

namespace Stepper.StepRunner.State;

/// <summary>What ran on a node before its upgrade, to compare with afterwards.</summary>
/// <param name="DaemonSets">The DaemonSets that had a Ready pod on it, as <c>namespace/name</c>.</param>
/// <param name="Workloads">The ReplicaSets and StatefulSets that had a pod on it and all of their replicas Ready.</param>
internal sealed record NodeLook(IReadOnlyList<string> DaemonSets, IReadOnlyList<(string Kind, string Namespace, string Name)> Workloads);

/// <summary>
/// The looks at nodes, each written on its node until the node has soaked and what it names is back: the try that looked may be killed after the drain, and the
/// next one finds the node empty. It is written also where it names nothing: that it is there says that a soak is owed.
/// </summary>
internal sealed class NodeLooks(KubeApi api, Annotations names)
{
    // All annotations of an object together may have 256 KiB. This is some hundreds of workloads; those beyond it are waited for only by the try that saw them.
    private const int MostCharacters = 32 * 1024;

    private const string DaemonSet = "DaemonSet";

    /// <summary>What an earlier try of the same run has written; null where none has, or all of it was back.</summary>
    public NodeLook? Of(ClusterNode node, Run run)
    {
        if (node.Annotation(names.RanBefore)?.Split(' ') is not [var of, .. var items] || of != run.ToString())
        {
            return null;
        }

        var read = items.Select(item => item.Split('/')).Where(item => item.Length == 3).ToList();
        return new NodeLook(
            [.. read.Where(item => item[0] == DaemonSet).Select(item => $"{item[1]}/{item[2]}")],
            [.. read.Where(item => item[0] != DaemonSet).Select(item => (item[0], item[1], item[2]))]);
    }

    /// <summary>To be written before the node is touched.</summary>
    public Note Note(Run run, NodeLook look)
    {
        var text = run.ToString();
        foreach (var item in look.Workloads.Select(each => $"{each.Kind}/{each.Namespace}/{each.Name}").Concat(look.DaemonSets.Select(each => $"{DaemonSet}/{each}")))
        {
            text = text.Length + 1 + item.Length <= MostCharacters ? $"{text} {item}" : text;
        }

        return new Note(names.RanBefore, text);
    }

    public Task ForgetAsync(string node, CancellationToken ct) => api.MergeAsync(
        Resources.Nodes, null, node, new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [names.RanBefore] = null } } }, ct);
}
