using System.Text.Json.Nodes;

namespace Stepper.Simulation.Shapes;

/// <summary>Objects that clusters are filled with.</summary>
public static class Workloads
{
    public static JsonObject Namespace(string name) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Namespace",
        ["metadata"] = new JsonObject { ["name"] = name },
    };

    public static JsonObject ServiceAccount(string ns, string name) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ServiceAccount",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
    };

    public static JsonObject ConfigMap(string ns, string name, string key, string text) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
        ["data"] = new JsonObject { [key] = text },
    };

    /// <summary>Its pods bear the label <c>app</c> with its name.</summary>
    /// <param name="annotations">Of its pods: <c>simulation/ends-after: 20s</c>, <c>simulation/ready-after: 5s</c>.</param>
    /// <param name="change">Gets the pod's spec.</param>
    public static JsonObject Deployment(
        string ns, string name, int replicas, string image = "registry.local/app:1", JsonObject? labels = null, JsonObject? annotations = null, Action<JsonObject>? change = null) =>
        Replicated("Deployment", ns, name, replicas, image, labels, annotations, change);

    public static JsonObject StatefulSet(
        string ns, string name, int replicas, string image = "registry.local/app:1", JsonObject? labels = null, JsonObject? annotations = null, Action<JsonObject>? change = null)
    {
        var set = Replicated("StatefulSet", ns, name, replicas, image, labels, annotations, change);
        set["spec"]!["serviceName"] = name;
        return set;
    }

    public static JsonObject DaemonSet(string ns, string name, string image = "registry.local/agent:1", bool toleratesEverything = true)
    {
        var set = Replicated("DaemonSet", ns, name, 0, image, null, null, spec =>
        {
            if (toleratesEverything)
            {
                spec["tolerations"] = new JsonArray(new JsonObject { ["operator"] = "Exists" });
            }
        });
        set["spec"]!.AsObject().Remove("replicas");
        return set;
    }

    /// <param name="minAvailable">A number or a share; null where <paramref name="maxUnavailable"/> is given.</param>
    /// <param name="selector">Null: the label <c>app</c> with the name.</param>
    public static JsonObject Budget(string ns, string name, JsonNode? minAvailable = null, JsonNode? maxUnavailable = null, JsonObject? selector = null)
    {
        var spec = new JsonObject { ["selector"] = selector ?? new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = name } } };
        if (minAvailable is not null)
        {
            spec["minAvailable"] = minAvailable;
        }

        if (maxUnavailable is not null)
        {
            spec["maxUnavailable"] = maxUnavailable;
        }

        return new JsonObject
        {
            ["apiVersion"] = "policy/v1",
            ["kind"] = "PodDisruptionBudget",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
            ["spec"] = spec,
        };
    }

    /// <summary>A Job's pod, which is not restarted.</summary>
    public static JsonObject CronJob(string ns, string name, string schedule, string container, string image) => new()
    {
        ["apiVersion"] = "batch/v1",
        ["kind"] = "CronJob",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
        ["spec"] = new JsonObject
        {
            ["schedule"] = schedule,
            ["concurrencyPolicy"] = "Forbid",
            ["jobTemplate"] = new JsonObject { ["spec"] = JobSpec(container, image) },
        },
    };

    public static JsonObject Job(string ns, string name, string image, Action<JsonObject>? change = null)
    {
        var spec = JobSpec("main", image);
        change?.Invoke(spec);
        return new JsonObject
        {
            ["apiVersion"] = "batch/v1",
            ["kind"] = "Job",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
            ["spec"] = spec,
        };
    }

    private static JsonObject JobSpec(string container, string image) => new()
    {
        ["backoffLimit"] = 1,
        ["template"] = new JsonObject
        {
            ["metadata"] = new JsonObject { ["labels"] = new JsonObject() },
            ["spec"] = new JsonObject
            {
                ["restartPolicy"] = "Never",
                ["containers"] = new JsonArray(new JsonObject { ["name"] = container, ["image"] = image }),
            },
        },
    };

    private static JsonObject Replicated(
        string kind, string ns, string name, int replicas, string image, JsonObject? labels, JsonObject? annotations, Action<JsonObject>? change)
    {
        var podLabels = labels ?? new JsonObject { ["app"] = name };
        var spec = new JsonObject
        {
            ["restartPolicy"] = "Always",
            ["terminationGracePeriodSeconds"] = 30,
            ["containers"] = new JsonArray(new JsonObject
            {
                ["name"] = name,
                ["image"] = image,
                ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = "50m", ["memory"] = "64Mi" } },
            }),
        };
        change?.Invoke(spec);
        var metadata = new JsonObject { ["labels"] = podLabels };
        if (annotations is not null)
        {
            metadata["annotations"] = annotations;
        }

        return new JsonObject
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = kind,
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
            ["spec"] = new JsonObject
            {
                ["replicas"] = replicas,
                ["selector"] = new JsonObject { ["matchLabels"] = podLabels.DeepClone() },
                ["template"] = new JsonObject { ["metadata"] = metadata, ["spec"] = spec },
            },
        };
    }
}
