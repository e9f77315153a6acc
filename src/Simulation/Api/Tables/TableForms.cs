using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api.Tables;

/// <summary>The columns of each kind, as kubectl's users know them.</summary>
internal static class TableForms
{
    private static readonly TableColumn Name = Text("Name", (body, _) => (string?)body["metadata"]!["name"]);
    private static readonly TableColumn Age = Text("Age", (body, now) => Cells.Since(body["metadata"]!["creationTimestamp"], now));

    private static readonly Dictionary<string, TableColumn[]> ByKind = new(StringComparer.Ordinal)
    {
        ["Pod"] =
        [
            Name, Text("Ready", (pod, _) => Cells.PodReady(pod)), Text("Status", (pod, _) => Cells.PodStatus(pod)), Text("Restarts", (pod, _) => Cells.Restarts(pod)), Age,
            Wide("IP", pod => Cells.Text(pod["status"]?["podIP"])), Wide("Node", pod => Cells.Text(pod["spec"]?["nodeName"])),
            Wide("Nominated Node", pod => Cells.Text(pod["status"]?["nominatedNodeName"])), Wide("Readiness Gates", _ => Cells.Text(null)),
        ],
        ["Node"] =
        [
            Name, Text("Status", (node, _) => Cells.NodeStatus(node)), Text("Roles", (node, _) => Cells.NodeRoles(node)), Age,
            Text("Version", (node, _) => Cells.Text(Info(node, "kubeletVersion"), "")), Wide("Internal-IP", node => Cells.NodeAddress(node, "InternalIP")),
            Wide("External-IP", node => Cells.NodeAddress(node, "ExternalIP")), Wide("OS-Image", node => Cells.Text(Info(node, "osImage"), "<unknown>")),
            Wide("Kernel-Version", node => Cells.Text(Info(node, "kernelVersion"), "<unknown>")),
            Wide("Container-Runtime", node => Cells.Text(Info(node, "containerRuntimeVersion"), "<unknown>")),
        ],
        ["Job"] =
        [
            Name, Text("Status", (job, _) => Cells.JobStatus(job)),
            Text("Completions", (job, _) => $"{job["status"]?["succeeded"].AsLong() ?? 0}/{job["spec"]?["completions"].AsLong() ?? 1}"),
            Text("Duration", (job, now) => Cells.JobDuration(job, now)), Age, .. Template(job => job["spec"]?["template"]?["spec"]), Selector(),
        ],
        ["CronJob"] =
        [
            Name, Text("Schedule", (cron, _) => Cells.Text(cron["spec"]?["schedule"])), Text("Timezone", (cron, _) => Cells.Text(cron["spec"]?["timeZone"])),
            Text("Suspend", (cron, _) => (bool?)cron["spec"]?["suspend"] is true ? "True" : "False"),
            Number("Active", cron => (cron["status"]?["active"] as JsonArray)?.Count ?? 0),
            Text("Last Schedule", (cron, now) => cron["status"]?["lastScheduleTime"] is { } last ? Cells.Since(last, now) : "<none>"), Age,
        ],
        ["Deployment"] =
        [
            Name, Text("Ready", (body, _) => $"{Status(body, "readyReplicas")}/{body["spec"]?["replicas"].AsLong() ?? 0}"),
            Number("Up-to-date", body => Status(body, "updatedReplicas")), Number("Available", body => Status(body, "availableReplicas")), Age,
            .. Template(body => body["spec"]?["template"]?["spec"]), Selector(),
        ],
        ["ReplicaSet"] =
        [
            Name, Number("Desired", body => body["spec"]?["replicas"].AsLong() ?? 0), Number("Current", body => Status(body, "replicas")),
            Number("Ready", body => Status(body, "readyReplicas")), Age, .. Template(body => body["spec"]?["template"]?["spec"]), Selector(),
        ],
        ["StatefulSet"] =
        [
            Name, Text("Ready", (body, _) => $"{Status(body, "readyReplicas")}/{body["spec"]?["replicas"].AsLong() ?? 0}"), Age,
            .. Template(body => body["spec"]?["template"]?["spec"]),
        ],
        ["DaemonSet"] =
        [
            Name, Number("Desired", body => Status(body, "desiredNumberScheduled")), Number("Current", body => Status(body, "currentNumberScheduled")),
            Number("Ready", body => Status(body, "numberReady")), Number("Up-to-date", body => Status(body, "updatedNumberScheduled")),
            Number("Available", body => Status(body, "numberAvailable")),
            Text("Node Selector", (body, _) => Cells.Labels(body["spec"]?["template"]?["spec"]?["nodeSelector"])), Age,
            .. Template(body => body["spec"]?["template"]?["spec"]), Selector(),
        ],
        ["PodDisruptionBudget"] =
        [
            Name, Text("Min Available", (body, _) => Cells.Text(body["spec"]?["minAvailable"], "N/A")),
            Text("Max Unavailable", (body, _) => Cells.Text(body["spec"]?["maxUnavailable"], "N/A")), Number("Allowed Disruptions", body => Status(body, "disruptionsAllowed")), Age,
        ],
        ["Namespace"] = [Name, Text("Status", (body, _) => Cells.Text(body["status"]?["phase"])), Age],
        ["ConfigMap"] = [Name, Number("Data", Data), Age],
        ["Secret"] = [Name, Text("Type", (body, _) => Cells.Text(body["type"])), Number("Data", Data), Age],
        ["Lease"] = [Name, Text("Holder", (body, _) => Cells.Text(body["spec"]?["holderIdentity"], "")), Age],
        ["Event"] =
        [
            Text("Last Seen", (body, now) => Cells.Since(body["lastTimestamp"] ?? body["eventTime"] ?? body["metadata"]!["creationTimestamp"], now)),
            Text("Type", (body, _) => Cells.Text(body["type"], "")), Text("Reason", (body, _) => Cells.Text(body["reason"], "")),
            Text("Object", (body, _) => $"{((string?)body["involvedObject"]?["kind"])?.ToLowerInvariant()}/{(string?)body["involvedObject"]?["name"]}"),
            Wide("Source", body => Cells.Text(body["source"]?["component"] ?? body["reportingComponent"], "")),
            Text("Message", (body, _) => Cells.Text(body["message"], "").Trim()), Wide("Name", body => (string)body["metadata"]!["name"]!),
        ],
    };

    public static IReadOnlyList<TableColumn> Of(ResourceKind kind) => ByKind.TryGetValue(kind.Kind, out var columns) ? columns : [Name, Age];

    private static TableColumn Text(string name, Func<JsonObject, DateTimeOffset, string?> cell) => new(name, "string", 0, (body, now) => cell(body, now));

    private static TableColumn Wide(string name, Func<JsonObject, string> cell) => new(name, "string", 1, (body, _) => cell(body));

    private static TableColumn Number(string name, Func<JsonObject, long> cell) => new(name, "integer", 0, (body, _) => cell(body));

    private static TableColumn[] Template(Func<JsonObject, JsonNode?> spec) =>
        [Wide("Containers", body => Cells.Containers(spec(body), "name")), Wide("Images", body => Cells.Containers(spec(body), "image"))];

    private static TableColumn Selector() => Wide("Selector", body => Cells.Labels(body["spec"]?["selector"]?["matchLabels"]));

    private static JsonNode? Info(JsonObject node, string field) => node["status"]?["nodeInfo"]?[field];

    private static long Status(JsonObject body, string field) => body["status"]?[field].AsLong() ?? 0;

    private static long Data(JsonObject body) => ((body["data"] as JsonObject)?.Count ?? 0) + ((body["binaryData"] as JsonObject)?.Count ?? 0);
}
