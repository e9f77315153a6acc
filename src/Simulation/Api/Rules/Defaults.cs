using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api.Rules;

/// <summary>What the API server fills in where nothing was said.</summary>
internal static class Defaults
{
    public static void Fill(ResourceKind kind, JsonObject body)
    {
        switch (kind.Kind)
        {
            case "Pod":
                FillPod(body);
                break;
            case "Job":
                FillJob(body);
                break;
            case "CronJob":
                FillCronJob(body);
                break;
            case "Deployment" or "ReplicaSet" or "StatefulSet" or "DaemonSet":
                FillWorkload(kind, body);
                break;
            case "Namespace":
                FillNamespace(body);
                break;
            case "Secret":
                FillSecret(body);
                break;
            case "RoleBinding" or "ClusterRoleBinding":
                Set(Object(body, "roleRef"), "apiGroup", "rbac.authorization.k8s.io");
                break;
        }
    }

    /// <summary>What is filled in only after the object has been found good.</summary>
    public static void Complete(ResourceKind kind, JsonObject body)
    {
        if (kind == Kinds.Job && body["metadata"]!["labels"] is not JsonObject { Count: > 0 } && body["spec"]!["template"]!["metadata"]?["labels"] is { } labels)
        {
            body["metadata"]!["labels"] = labels.DeepClone();
        }
    }

    private static void FillPod(JsonObject pod)
    {
        var spec = Object(pod, "spec");
        PodSpecDefaults.Fill(spec);
        PodSpecDefaults.FillOfPod(spec);
        var status = Object(pod, "status");
        Set(status, "phase", "Pending");
        status["qosClass"] ??= PodSpecDefaults.Quality(spec);
    }

    private static void FillJob(JsonObject job)
    {
        var meta = job["metadata"]!.AsObject();
        var spec = Object(job, "spec");
        if (spec["completions"] is null && spec["parallelism"] is null)
        {
            spec["completions"] = 1;
        }

        Set(spec, "parallelism", 1);
        Set(spec, "backoffLimit", 6);
        Set(spec, "manualSelector", false);
        Set(spec, "completionMode", "NonIndexed");
        Set(spec, "suspend", false);
        Set(spec, "podReplacementPolicy", spec["podFailurePolicy"] is null ? "TerminatingOrFailed" : "Failed");
        var template = Object(spec, "template");
        if ((bool?)spec["manualSelector"] is not true)
        {
            NameThePods(meta, spec, template);
        }

        FillFailurePolicy(spec["podFailurePolicy"]);
        FillTemplate(template);
        Object(job, "status");
    }

    private static void NameThePods(JsonObject meta, JsonObject spec, JsonObject template)
    {
        var (uid, name) = ((string?)meta["uid"] ?? "", (string?)meta["name"] ?? "");
        var labels = Object(Object(template, "metadata"), "labels");
        var areTheJobs = labels.Count > 0 && meta["labels"] is not JsonObject { Count: > 0 };
        foreach (var (key, value) in ((string, string)[])[("batch.kubernetes.io/controller-uid", uid), ("batch.kubernetes.io/job-name", name), ("controller-uid", uid), ("job-name", name)])
        {
            labels[key] = value;
        }

        Object(Object(spec, "selector"), "matchLabels")["batch.kubernetes.io/controller-uid"] = uid;
        if (areTheJobs)
        {
            meta["labels"] = labels.DeepClone();
        }
    }

    private static void FillFailurePolicy(JsonNode? policy)
    {
        foreach (var condition in (policy?["rules"] as JsonArray ?? []).SelectMany(rule => rule?["onPodConditions"] as JsonArray ?? []).OfType<JsonObject>())
        {
            Set(condition, "status", "True");
        }
    }

    private static void FillCronJob(JsonObject cronJob)
    {
        var spec = Object(cronJob, "spec");
        Set(spec, "concurrencyPolicy", "Allow");
        Set(spec, "suspend", false);
        Set(spec, "successfulJobsHistoryLimit", 3);
        Set(spec, "failedJobsHistoryLimit", 1);
        var job = Object(spec, "jobTemplate");
        Object(job, "metadata");
        FillTemplate(Object(Object(job, "spec"), "template"));
        Object(cronJob, "status");
    }

    private static void FillWorkload(ResourceKind kind, JsonObject workload)
    {
        var spec = Object(workload, "spec");
        if (kind != Kinds.DaemonSet)
        {
            Set(spec, "replicas", 1);
        }

        if (kind != Kinds.ReplicaSet)
        {
            Set(spec, "revisionHistoryLimit", 10);
        }

        if (kind == Kinds.Deployment)
        {
            Set(spec, "progressDeadlineSeconds", 600);
            spec["strategy"] ??= new JsonObject { ["type"] = "RollingUpdate", ["rollingUpdate"] = new JsonObject { ["maxUnavailable"] = "25%", ["maxSurge"] = "25%" } };
        }
        else if (kind == Kinds.StatefulSet)
        {
            Set(spec, "serviceName", "");
            Set(spec, "podManagementPolicy", "OrderedReady");
            spec["updateStrategy"] ??= new JsonObject { ["type"] = "RollingUpdate", ["rollingUpdate"] = new JsonObject { ["partition"] = 0 } };
        }
        else if (kind == Kinds.DaemonSet)
        {
            spec["updateStrategy"] ??= new JsonObject { ["type"] = "RollingUpdate", ["rollingUpdate"] = new JsonObject { ["maxUnavailable"] = 1, ["maxSurge"] = 0 } };
        }

        FillTemplate(Object(spec, "template"));
        Object(workload, "status");
    }

    private static void FillTemplate(JsonObject template)
    {
        Object(template, "metadata");
        PodSpecDefaults.Fill(Object(template, "spec"));
    }

    private static void FillNamespace(JsonObject ns)
    {
        var meta = ns["metadata"]!.AsObject();
        Object(meta, "labels")["kubernetes.io/metadata.name"] = (string?)meta["name"];
        ns["spec"] ??= new JsonObject { ["finalizers"] = new JsonArray("kubernetes") };
        Set(Object(ns, "status"), "phase", "Active");
    }

    private static void FillSecret(JsonObject secret)
    {
        Set(secret, "type", "Opaque");
        foreach (var (key, value) in (secret["stringData"] as JsonObject ?? []).ToList())
        {
            Object(secret, "data")[key] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes((string?)value ?? ""));
        }

        secret.Remove("stringData");
    }

    internal static JsonObject Object(JsonObject parent, string field)
    {
        if (parent[field] is not JsonObject there)
        {
            parent[field] = there = [];
        }

        return there;
    }

    internal static void Set(JsonObject parent, string field, JsonNode value) => parent[field] ??= value;
}
