using System.Text.Json.Nodes;
using Stepper.Cluster;
using Stepper.Simulation;
using Stepper.Simulation.Api;

namespace Stepper.StepRunner.Rehearsing;

/// <param name="Took">Null while it is not over.</param>
internal sealed record RehearsedStep(string Title, string Host, DateTimeOffset Start, TimeSpan? Took, string Result);

/// <summary>What a rehearsal came to.</summary>
internal sealed record RehearsalOutcome(
    IReadOnlyList<RehearsedStep> Steps,
    IReadOnlyList<(string Node, string Before, string After)> Versions,
    IReadOnlyList<string> Messages,
    IReadOnlyList<(string Series, double Value)> Gauges)
{
    /// <summary>Whether the chain came to its end: its postflight is done.</summary>
    public bool IsComplete => Steps is [.., { Title: "postflight", Result: "done" }];

    /// <param name="before">The kubelets' versions when the rehearsal began.</param>
    public static RehearsalOutcome Of(Rehearsal rehearsal, IReadOnlyDictionary<string, string> before) => new(
        [.. rehearsal.ChainJobs.OrderBy(job => job.Time("metadata", "creationTimestamp")).ThenBy(job => job.At("metadata", "uid")!.ToString(), StringComparer.Ordinal).Select(job => StepOf(rehearsal.Cluster, job))],
        [.. Kubelets(rehearsal.Cluster).Select(node => (node.Key, before.GetValueOrDefault(node.Key, "-"), node.Value))],
        [.. rehearsal.Cluster.Webhooks.Posts.Select(post => JsonNode.Parse(post.Body).Text("text"))],
        [.. rehearsal.Cluster.Pushgateway.Groups.SelectMany(group => group.Value.Samples.Select(sample => (InGroup(group.Key, sample.Series), sample.Value)))]);

    public static IReadOnlyDictionary<string, string> Kubelets(SimulatedCluster cluster) => new SortedDictionary<string, string>(
        cluster.Store.List(Kinds.Node).ToDictionary(node => node.Name(), node => node.Text("status", "nodeInfo", "kubeletVersion").TrimStart('v'), StringComparer.Ordinal),
        NaturalOrder.OfNames);

    private static RehearsedStep StepOf(SimulatedCluster cluster, JsonObject job)
    {
        var pod = cluster.Store.List(Kinds.Pod, job.Namespace()).LastOrDefault(pod => pod.Labels().GetValueOrDefault("batch.kubernetes.io/job-name") == job.Name());
        var start = job.Time("status", "startTime") ?? job.Time("metadata", "creationTimestamp")!.Value;
        var end = job.Items("status", "conditions").Select(condition => condition.Time("lastTransitionTime")).LastOrDefault();
        var phase = job.Labels()["phase"];
        var node = job.Items("spec", "template", "spec", "containers").First().Items("env").FirstOrDefault(variable => variable.Text("name") == "TARGET_NODE").Text("value");
        return new RehearsedStep(
            phase == "worker" ? $"worker {node}" : phase,
            pod?.NodeName() ?? "",
            start,
            end - start,
            job.Items("status", "conditions").Any(condition => condition.Text("type") == "Failed") ? "failed"
            : job["metadata"]?["annotations"]?.AsObject().FirstOrDefault(annotation => annotation.Key.EndsWith("/k8s-upgrade-outcome", StringComparison.Ordinal)).Value?.ToString() ?? "active");
    }

    private static string InGroup(string group, string series) => series.EndsWith('}') ? $"{series[..^1]},{group}}}" : $"{series}{{{group}}}";
}
