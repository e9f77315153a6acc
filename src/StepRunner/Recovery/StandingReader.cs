using Stepper.Cluster;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Recovery;

/// <summary>Looks at the cluster once more when a step has aborted: shortly, and what can't be read is said so.</summary>
internal sealed class StandingReader(NodeList nodes, RunState state, INodeShell shell, Annotations names, StepMarks marks, Wait wait, string? ownNode)
{
    // Somebody waits for the message; an API server that is away is not waited out for it.
    public static readonly TimeSpan AtMost = TimeSpan.FromSeconds(45);

    public async Task<Standing> ReadAsync(Step step, bool triesAgain, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(AtMost, wait.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        var unknown = new List<string>();
        var flight = await TryAsync("the run in flight", unknown, async () => (await state.ReadAsync(both.Token)).InFlight, ct);
        var live = await TryAsync("the nodes", unknown, () => nodes.ListAsync(both.Token), ct) ?? [];
        var node = live.FirstOrDefault(node => node.Name == step.Node);
        var inspection = node is null ? null : await TryAsync($"the packages of {node.Name}", unknown, () => shell.InspectAsync(node.Target, both.Token), ct);
        var standing = node is null ? null : await TryAsync($"how {node.Name} stands", unknown, () => Task.FromResult(Of(node, step, inspection)), ct);
        var order = live.OrderBy(each => each.Name, NaturalOrder.OfNames).ToLookup(each => each.Kubelet == step.Target, each => each.Name);
        return new Standing(step, ownNode, triesAgain, flight, standing, [.. order[true]], [.. order[false]], unknown);
    }

    private NodeStanding Of(ClusterNode node, Step step, NodeInspection? inspection)
    {
        var ofChain = node.Annotation(names.Cordoned);
        return new NodeStanding(
            node.Name,
            node.Target.Address,
            node.IsControlPlane,
            node.Kubelet,
            // What is written on the node may be of an earlier run.
            marks.BeganIn(node, step.Run) && KubeVersion.TryParse(node.Annotation(names.From), out var before) ? before : null,
            node.IsReady,
            !node.IsCordoned ? CordonOwner.Nobody : ofChain is null ? CordonOwner.Person : CordonOwner.Chain,
            ofChain,
            inspection is null ? null : NodeInspection.KubernetesPackages.Where(inspection.Packages.ContainsKey).ToDictionary(package => package, package => inspection.Packages[package], StringComparer.Ordinal),
            inspection?.ScriptRuns);
    }

    /// <summary>Null where it could not be read; why is then added to what is unknown.</summary>
    public static async Task<T?> TryAsync<T>(string what, List<string> unknown, Func<Task<T>> read, CancellationToken ct)
    {
        try
        {
            return await read();
        }
        catch (SourceException e)
        {
            unknown.Add($"{what}: {e.Message}");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            unknown.Add($"{what}: not answered within {AtMost.TotalSeconds:0} s");
        }

        return default;
    }
}
