using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api.Rules;

/// <summary>What the API server fills into a pod's spec.</summary>
internal static class PodSpecDefaults
{
    /// <summary>In a pod and in a template.</summary>
    public static void Fill(JsonObject spec)
    {
        Defaults.Set(spec, "restartPolicy", "Always");
        Defaults.Set(spec, "terminationGracePeriodSeconds", 30);
        Defaults.Set(spec, "dnsPolicy", "ClusterFirst");
        Defaults.Set(spec, "schedulerName", "default-scheduler");
        Defaults.Object(spec, "securityContext");
        if ((string?)spec["serviceAccountName"] is { Length: > 0 } account)
        {
            spec["serviceAccount"] = account;
        }

        foreach (var volume in (spec["volumes"] as JsonArray ?? []).OfType<JsonObject>())
        {
            FillVolume(volume);
        }

        foreach (var container in Containers(spec))
        {
            FillContainer(container);
        }
    }

    /// <summary>In a pod alone: what admission adds.</summary>
    public static void FillOfPod(JsonObject spec)
    {
        Defaults.Set(spec, "serviceAccountName", "default");
        spec["serviceAccount"] = (string?)spec["serviceAccountName"];
        Defaults.Set(spec, "priority", 0);
        Defaults.Set(spec, "enableServiceLinks", true);
        Defaults.Set(spec, "preemptionPolicy", "PreemptLowerPriority");
        if (spec["tolerations"] is not JsonArray tolerations)
        {
            spec["tolerations"] = tolerations = [];
        }

        foreach (var key in (ReadOnlySpan<string>)["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"])
        {
            if (!Tolerates(tolerations, key))
            {
                tolerations.Add((JsonNode)new JsonObject { ["key"] = key, ["operator"] = "Exists", ["effect"] = "NoExecute", ["tolerationSeconds"] = 300 });
            }
        }
    }

    /// <summary><c>status.qosClass</c>.</summary>
    public static string Quality(JsonObject spec)
    {
        var all = Containers(spec).Select(container => container["resources"]).ToList();
        if (all.TrueForAll(each => each?["requests"] is not JsonObject { Count: > 0 } && each?["limits"] is not JsonObject { Count: > 0 }))
        {
            return "BestEffort";
        }

        return all.TrueForAll(IsGuaranteed) ? "Guaranteed" : "Burstable";
    }

    private static bool IsGuaranteed(JsonNode? resources) =>
        resources?["limits"] is JsonObject limits
        && limits.ContainsKey("cpu")
        && limits.ContainsKey("memory")
        && (resources["requests"] is not JsonObject requests || requests.All(pair => JsonNode.DeepEquals(pair.Value, limits[pair.Key])));

    private static IEnumerable<JsonObject> Containers(JsonObject spec) =>
        (spec["containers"] as JsonArray ?? []).Concat(spec["initContainers"] as JsonArray ?? []).OfType<JsonObject>();

    private static bool Tolerates(JsonArray tolerations, string key) => tolerations.Any(each =>
        ((string?)each?["key"] == key || (string.IsNullOrEmpty((string?)each?["key"]) && (string?)each?["operator"] is "Exists"))
        && (string?)each?["effect"] is null or "" or "NoExecute");

    private static void FillVolume(JsonObject volume)
    {
        foreach (var source in (ReadOnlySpan<string>)["configMap", "secret", "projected", "downwardAPI"])
        {
            if (volume[source] is JsonObject there)
            {
                Defaults.Set(there, "defaultMode", 420);
            }
        }
    }

    private static void FillContainer(JsonObject container)
    {
        Defaults.Object(container, "resources");
        Defaults.Set(container, "terminationMessagePath", "/dev/termination-log");
        Defaults.Set(container, "terminationMessagePolicy", "File");
        Defaults.Set(container, "imagePullPolicy", IsLatest((string?)container["image"] ?? "") ? "Always" : "IfNotPresent");
        foreach (var port in (container["ports"] as JsonArray ?? []).OfType<JsonObject>())
        {
            Defaults.Set(port, "protocol", "TCP");
        }

        foreach (var reference in (container["env"] as JsonArray ?? []).Select(each => each?["valueFrom"]?["fieldRef"]).OfType<JsonObject>())
        {
            Defaults.Set(reference, "apiVersion", "v1");
        }
    }

    private static bool IsLatest(string image)
    {
        var name = image[(image.LastIndexOf('/') + 1)..];
        return !name.Contains('@', StringComparison.Ordinal) && (!name.Contains(':', StringComparison.Ordinal) || name.EndsWith(":latest", StringComparison.Ordinal));
    }
}
