using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.Cluster.Kubernetes;

/// <summary>A kind of object that the API server keeps, and where: its address, and how its JSON is read.</summary>
/// <param name="ApiVersion"><c>v1</c>, <c>batch/v1</c>, …</param>
/// <param name="Kind">As in an object's <c>kind</c>.</param>
/// <param name="Plural">As in an address.</param>
/// <param name="Json">How one object is read.</param>
public sealed record ResourceType<T>(string ApiVersion, string Kind, string Plural, JsonTypeInfo<T> Json)
{
    /// <summary>How a page of a list is read.</summary>
    internal JsonTypeInfo<KubePage<T>> PageJson => (JsonTypeInfo<KubePage<T>>)KubeJson.Default.GetTypeInfo(typeof(KubePage<T>))!;

    /// <summary>The same kind, read whole.</summary>
    public ResourceType<JsonObject> AsJson() => new(ApiVersion, Kind, Plural, KubeJson.Default.JsonObject);

    /// <summary>The address of one object, or of the list where <paramref name="name"/> is null. A null namespace means all of them, or a kind that has none.</summary>
    public string Path(string? ns, string? name = null) =>
        (ApiVersion.Contains('/', StringComparison.Ordinal) ? "apis/" : "api/") + ApiVersion
        + (ns is null ? "" : $"/namespaces/{Uri.EscapeDataString(ns)}")
        + "/" + Plural
        + (name is null ? "" : "/" + Uri.EscapeDataString(name));
}

/// <summary>The kinds that stepper reads or writes.</summary>
public static class Resources
{
    public static ResourceType<Node> Nodes { get; } = new("v1", "Node", "nodes", KubeJson.Default.Node);

    public static ResourceType<Pod> Pods { get; } = new("v1", "Pod", "pods", KubeJson.Default.Pod);

    /// <summary>The same with what decides where they can run.</summary>
    public static ResourceType<SchedulablePod> SchedulablePods { get; } = new("v1", "Pod", "pods", KubeJson.Default.SchedulablePod);

    /// <summary>The same with the images that they run, and little else.</summary>
    public static ResourceType<ImagePod> ImagePods { get; } = new("v1", "Pod", "pods", KubeJson.Default.ImagePod);

    public static ResourceType<MetadataOnly> Namespaces { get; } = new("v1", "Namespace", "namespaces", KubeJson.Default.MetadataOnly);

    public static ResourceType<ConfigMap> ConfigMaps { get; } = new("v1", "ConfigMap", "configmaps", KubeJson.Default.ConfigMap);

    public static ResourceType<MetadataOnly> Events { get; } = new("v1", "Event", "events", KubeJson.Default.MetadataOnly);

    public static ResourceType<Job> Jobs { get; } = new("batch/v1", "Job", "jobs", KubeJson.Default.Job);

    /// <summary>Whole, as JSON: a Job made from it may lose no field.</summary>
    public static ResourceType<JsonObject> CronJobs { get; } = new("batch/v1", "CronJob", "cronjobs", KubeJson.Default.JsonObject);

    public static ResourceType<ReplicatedWorkload> Deployments { get; } = new("apps/v1", "Deployment", "deployments", KubeJson.Default.ReplicatedWorkload);

    public static ResourceType<ReplicatedWorkload> ReplicaSets { get; } = new("apps/v1", "ReplicaSet", "replicasets", KubeJson.Default.ReplicatedWorkload);

    public static ResourceType<ReplicatedWorkload> StatefulSets { get; } = new("apps/v1", "StatefulSet", "statefulsets", KubeJson.Default.ReplicatedWorkload);

    public static ResourceType<MetadataOnly> DaemonSets { get; } = new("apps/v1", "DaemonSet", "daemonsets", KubeJson.Default.MetadataOnly);

    public static ResourceType<RoleBinding> ClusterRoleBindings { get; } =
        new("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", KubeJson.Default.RoleBinding);

    public static ResourceType<AccessReview> AccessReviews { get; } =
        new("authorization.k8s.io/v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", KubeJson.Default.AccessReview);

    public static ResourceType<PodDisruptionBudget> DisruptionBudgets { get; } =
        new("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", KubeJson.Default.PodDisruptionBudget);
}

/// <summary>Which objects of a list. Null: all of them.</summary>
/// <param name="Labels">As kubectl's <c>-l</c>.</param>
/// <param name="Fields">As kubectl's <c>--field-selector</c>.</param>
public sealed record KubeQuery(string? Labels = null, string? Fields = null)
{
    public static KubeQuery All { get; } = new();

    public static KubeQuery Named(string name) => new(Fields: $"metadata.name={name}");

    internal IEnumerable<string> Parameters()
    {
        if (Labels is not null)
        {
            yield return "labelSelector=" + Uri.EscapeDataString(Labels);
        }

        if (Fields is not null)
        {
            yield return "fieldSelector=" + Uri.EscapeDataString(Fields);
        }
    }
}
