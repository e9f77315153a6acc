using Stepper.Cluster.Versions;
using Stepper.Simulation;
using Stepper.Simulation.Shapes;

namespace Stepper.Bench;

/// <summary>The clusters that are measured.</summary>
internal static class BenchShapes
{
    public static readonly KubeVersion Running = new(1, 34, 2);
    public static readonly KubeVersion Target = new(1, 34, 7);

    /// <summary>A control plane and four workers, and so many pods beside those of DaemonSets, under budgets, none of which holds a drain up for long.</summary>
    public static ClusterShape FiveNodes(int pods)
    {
        var shape = ClusterShapes.Of(controlPlanes: 1, workers: 4, Running, Target);
        // The one whose only purpose is to hold a drain up is left out; eleven remain.
        shape = shape with { Objects = [.. shape.Objects.Where(body => body.Name() is not "wiki")] };
        return shape.With(Enumerable.Range(1, (pods - 11) / 4).SelectMany(number =>
            new[] { Workloads.Deployment("default", $"app-{number}", 4), Workloads.Budget("default", $"app-{number}", maxUnavailable: 1) }));
    }

    /// <summary>A control plane and 999 workers, with ten pods on each beside those of DaemonSets.</summary>
    public static ClusterShape ThousandNodes() =>
        ClusterShapes.Big(999, 10) with { Nodes = ClusterShapes.Of(controlPlanes: 1, workers: 999, Running, Target).Nodes };

    /// <summary>What a request asks for, without whose: <c>list pods</c>, <c>get nodes</c>, <c>patch namespaces</c>.</summary>
    /// <param name="request">Verb, path and query.</param>
    public static string Kind(string request)
    {
        var (verb, address) = request.Split(' ', 2) switch { var words => (words[0].ToLowerInvariant(), words[1].Split('?')) };
        var path = address[0].Split('/', StringSplitOptions.RemoveEmptyEntries);
        var rest = path switch
        {
            ["api", _, .. var core] => core,
            ["apis", _, _, .. var grouped] => grouped,
            _ => path,
        };
        if (rest is ["namespaces", _, _, ..])
        {
            rest = rest[2..];
        }

        var isOne = rest.Length > 1;
        var what = rest.Length > 2 ? $"{rest[0]}/{rest[2]}" : rest[0];
        return (verb, isOne) switch
        {
            ("get", false) when address is [_, var query, ..] && query.Contains("watch=", StringComparison.Ordinal) => $"watch {what}",
            ("get", false) => $"list {what}",
            _ => $"{verb} {what}",
        };
    }
}
