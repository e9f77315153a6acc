using System.Globalization;
using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api.Tables;

/// <summary>What stands in the cells of tables.</summary>
internal static class Cells
{
    private const string None = "<none>";

    public static string Text(JsonNode? node, string absent = None) => node is null || node.ToString() is not { Length: > 0 } text ? absent : text;

    public static string Since(JsonNode? time, DateTimeOffset now) => (string?)time is { } text ? HumanDuration.Text(now - DateTimeOffset.Parse(text, CultureInfo.InvariantCulture)) : "<unknown>";

    public static string Containers(JsonNode? spec, string field) => string.Join(',', (spec?["containers"] as JsonArray ?? []).Select(container => (string?)container?[field]));

    public static string Labels(JsonNode? labels) =>
        labels is JsonObject { Count: > 0 } map ? string.Join(',', map.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={(string?)pair.Value}")) : None;

    public static string PodReady(JsonObject pod) =>
        $"{(pod["status"]?["containerStatuses"] as JsonArray ?? []).Count(status => (bool?)status?["ready"] is true)}/{(pod["spec"]?["containers"] as JsonArray ?? []).Count}";

    public static string PodStatus(JsonObject pod)
    {
        var status = pod["status"];
        if (pod["metadata"]!["deletionTimestamp"] is not null)
        {
            return (string?)status?["reason"] is "NodeLost" ? "Unknown" : "Terminating";
        }

        var reason = Text(status?["reason"], Text(status?["phase"], "Unknown"));
        foreach (var state in (status?["containerStatuses"] as JsonArray ?? []).Select(container => container?["state"]))
        {
            reason = Text(state?["waiting"]?["reason"] ?? state?["terminated"]?["reason"], reason);
        }

        return reason;
    }

    public static string Restarts(JsonObject pod) =>
        (pod["status"]?["containerStatuses"] as JsonArray ?? []).Sum(status => status?["restartCount"].AsLong() ?? 0).ToString(CultureInfo.InvariantCulture);

    public static string NodeStatus(JsonObject node)
    {
        var ready = (node["status"]?["conditions"] as JsonArray ?? []).FirstOrDefault(condition => (string?)condition?["type"] is "Ready");
        var status = ready is null ? "Unknown" : (string?)ready["status"] is "True" ? "Ready" : "NotReady";
        return (bool?)node["spec"]?["unschedulable"] is true ? status + ",SchedulingDisabled" : status;
    }

    public static string NodeRoles(JsonObject node)
    {
        const string Role = "node-role.kubernetes.io/";
        var roles = (node["metadata"]?["labels"] as JsonObject ?? []).Where(pair => pair.Key.StartsWith(Role, StringComparison.Ordinal)).Select(pair => pair.Key[Role.Length..]);
        return Text(string.Join(',', roles.Order(StringComparer.Ordinal)));
    }

    public static string NodeAddress(JsonObject node, string type) =>
        Text((node["status"]?["addresses"] as JsonArray ?? []).FirstOrDefault(address => (string?)address?["type"] == type)?["address"]);

    public static string JobStatus(JsonObject job)
    {
        var conditions = (job["status"]?["conditions"] as JsonArray ?? []).Where(condition => (string?)condition?["status"] is "True").Select(condition => (string?)condition?["type"] ?? "").ToHashSet(StringComparer.Ordinal);
        return conditions.Contains("Complete") ? "Complete"
            : conditions.Contains("Failed") ? "Failed"
            : job["metadata"]!["deletionTimestamp"] is not null ? "Terminating"
            : conditions.Contains("Suspended") ? "Suspended"
            : conditions.Contains("FailureTarget") ? "FailureTarget"
            : conditions.Contains("SuccessCriteriaMet") ? "SuccessCriteriaMet"
            : "Running";
    }

    public static string JobDuration(JsonObject job, DateTimeOffset now)
    {
        if ((string?)job["status"]?["startTime"] is not { } start)
        {
            return "";
        }

        var end = (string?)job["status"]?["completionTime"] is { } done ? DateTimeOffset.Parse(done, CultureInfo.InvariantCulture) : now;
        return HumanDuration.Text(end - DateTimeOffset.Parse(start, CultureInfo.InvariantCulture));
    }
}
