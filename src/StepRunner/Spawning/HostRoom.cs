using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.Workloads;

namespace Stepper.StepRunner.Spawning;

/// <summary>Whether a node has room for a step's pod, by the requests of what is on it, as the scheduler counts.</summary>
internal sealed class HostRoom(KubeApi api)
{
    // What the shipped template requests.
    private const decimal Cpu = 0.1m;
    private const decimal Memory = 64m * 1024 * 1024;

    /// <summary>What there is too little of; null when there is room.</summary>
    public async Task<string?> WhyNotAsync(ClusterNode node, CancellationToken ct)
    {
        var pods = (await api.ListAsync(Resources.SchedulablePods, null, new KubeQuery(Fields: $"spec.nodeName={node.Name}"), ct)).Items
            .Where(pod => !pod.Status.IsFinished).Select(pod => PodRequests.Of(pod.Spec)).ToList();
        return Lacks("cpu", Cpu) ?? Lacks("memory", Memory) ?? (Allocatable("pods") is { } most && pods.Count + 1 > most ? $"it has {pods.Count} pods of {most}" : null);

        string? Lacks(string resource, decimal wanted) =>
            Allocatable(resource) is { } all && all - pods.Sum(pod => pod.GetValueOrDefault(resource)) is var free && free < wanted
                ? $"it has too little {resource} left ({free:0.###} of {all:0.###})"
                : null;

        decimal? Allocatable(string resource) => node.Node.Status.Allocatable.TryGetValue(resource, out var text) ? Quantity.Read(text) : null;
    }
}
