using System.Text.Json.Nodes;
using Stepper.Cluster.Nodes;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Spawning;

/// <summary>The Job of a step: the template with the step's values in it.</summary>
/// <param name="template">The text of the template.</param>
/// <param name="ns">Where the Job lives.</param>
/// <param name="names">The annotations' names.</param>
/// <param name="limits">How long a step may take, by phase.</param>
internal sealed class StepJob(string template, string ns, Annotations names, StepLimits limits)
{
    /// <param name="host">The node that its pod is pinned to; null: none.</param>
    public RenderedJob Render(Step step, ClusterNode? host) => JobTemplate.Render(
        template,
        new Dictionary<string, JsonNode?>(StringComparer.Ordinal)
        {
            ["job_name"] = JobName.Of(step),
            ["namespace"] = ns,
            ["labels"] = Labels(step),
            ["annotations"] = Annotations(step),
            ["active_deadline_seconds"] = (long)limits.Of(step.Phase).TotalSeconds,
            ["node_selector"] = host is null ? new JsonObject() : new JsonObject { [ClusterNode.HostnameLabel] = host.Hostname },
            ["tolerations"] = new JsonArray([.. host is null ? [] : Tolerations(host)]),
            ["image"] = step.Image,
            ["phase"] = step.Phase.Text(),
            ["target_node"] = step.Node ?? "",
            ["target_version"] = step.Target.ToString(),
            ["kind"] = step.Kind.Text(),
        },
        JobName.Of(step));

    private JsonObject Annotations(Step step)
    {
        var annotations = new JsonObject { [names.Run] = step.Run.ToString() };
        if (step.TakesOver is { } stopped)
        {
            annotations[names.TakesOver] = stopped.ToString();
        }

        return annotations;
    }

    private static JsonObject Labels(Step step)
    {
        var labels = new JsonObject { ["app"] = ChainJobs.App, ["phase"] = step.Phase.Text(), ["target-version"] = step.Target.Dashed };
        if (step.Node is { } node)
        {
            labels["target-node"] = DnsLabel.Of(node);
        }

        return labels;
    }

    // Exactly the host's own, none that is not there.
    private static IEnumerable<JsonNode> Tolerations(ClusterNode host) =>
        host.Node.Spec.Taints.Where(Placement.KeepsPodsOff).Select(taint => (JsonNode)new JsonObject
        {
            ["key"] = taint.Key,
            ["operator"] = "Equal",
            ["value"] = taint.Value ?? "",
            ["effect"] = taint.Effect,
        });
}
