using System.Text.Json.Nodes;
using Stepper.Cluster;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>A Job made from the operator's CronJob as <c>kubectl create job --from</c> makes it. Copied as JSON, so that no field is lost, known here or not.</summary>
internal static class SnapshotJob
{
    /// <exception cref="SourceException">The CronJob has no template of a Job.</exception>
    public static JsonObject From(JsonObject cronJob, string ns, string name)
    {
        var template = cronJob["spec"]?["jobTemplate"] as JsonObject ?? throw new SourceException($"CronJob {ns}/{(string?)cronJob["metadata"]?["name"]} has no spec.jobTemplate");
        var annotations = new JsonObject { ["cronjob.kubernetes.io/instantiate"] = "manual" };
        foreach (var (key, value) in template["metadata"]?["annotations"] as JsonObject ?? [])
        {
            // The template's own word counts, as it does with kubectl.
            annotations[key] = value?.DeepClone();
        }

        return new JsonObject
        {
            ["apiVersion"] = "batch/v1",
            ["kind"] = "Job",
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = ns,
                ["annotations"] = annotations,
                ["labels"] = template["metadata"]?["labels"]?.DeepClone(),
                // It does not block the end of its owner: to say that would take a right of its own.
                ["ownerReferences"] = new JsonArray(new JsonObject
                {
                    ["apiVersion"] = "batch/v1",
                    ["kind"] = "CronJob",
                    ["name"] = cronJob["metadata"]!["name"]!.DeepClone(),
                    ["uid"] = cronJob["metadata"]!["uid"]!.DeepClone(),
                    ["controller"] = true,
                }),
            },
            ["spec"] = template["spec"]!.DeepClone(),
        };
    }
}
