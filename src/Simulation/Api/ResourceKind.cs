namespace Stepper.Simulation.Api;

/// <summary>A kind of object that the simulated API server keeps.</summary>
/// <param name="Group">Empty for the core group.</param>
/// <param name="Version">As <c>v1</c>.</param>
/// <param name="Plural">As in an address, and in RBAC rules.</param>
public sealed record ResourceKind(string Group, string Version, string Kind, string Plural, bool Namespaced)
{
    /// <summary>What else kubectl knows it by.</summary>
    public string ShortName { get; init; } = "";

    /// <summary>Its status is written under an address of its own, and only there.</summary>
    public bool HasStatus { get; init; }

    /// <summary>The versions of its spec are counted.</summary>
    public bool HasGeneration { get; init; }

    /// <summary>Its replicas can be read and written as a <c>Scale</c>.</summary>
    public bool HasScale { get; init; }

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    // Two kinds are the same when they are called the same.
    public bool Equals(ResourceKind? other) => other is not null && (ReferenceEquals(this, other) || (Group == other.Group && Plural == other.Plural));

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Plural);

    public override string ToString() => Group.Length == 0 ? Plural : $"{Plural}.{Group}";
}

/// <summary>All kinds that there are in the simulation.</summary>
public static class Kinds
{
    public static ResourceKind Namespace { get; } = new("", "v1", "Namespace", "namespaces", Namespaced: false) { ShortName = "ns", HasStatus = true };

    public static ResourceKind Node { get; } = new("", "v1", "Node", "nodes", Namespaced: false) { ShortName = "no", HasStatus = true };

    public static ResourceKind Pod { get; } = new("", "v1", "Pod", "pods", Namespaced: true) { ShortName = "po", HasStatus = true, HasGeneration = true };

    public static ResourceKind ConfigMap { get; } = new("", "v1", "ConfigMap", "configmaps", Namespaced: true) { ShortName = "cm" };

    public static ResourceKind Secret { get; } = new("", "v1", "Secret", "secrets", Namespaced: true);

    public static ResourceKind Service { get; } = new("", "v1", "Service", "services", Namespaced: true) { ShortName = "svc", HasStatus = true };

    public static ResourceKind ServiceAccount { get; } = new("", "v1", "ServiceAccount", "serviceaccounts", Namespaced: true) { ShortName = "sa" };

    public static ResourceKind Event { get; } = new("", "v1", "Event", "events", Namespaced: true) { ShortName = "ev" };

    public static ResourceKind Job { get; } = new("batch", "v1", "Job", "jobs", Namespaced: true) { HasStatus = true, HasGeneration = true };

    public static ResourceKind CronJob { get; } = new("batch", "v1", "CronJob", "cronjobs", Namespaced: true) { ShortName = "cj", HasStatus = true, HasGeneration = true };

    public static ResourceKind Deployment { get; } =
        new("apps", "v1", "Deployment", "deployments", Namespaced: true) { ShortName = "deploy", HasStatus = true, HasGeneration = true, HasScale = true };

    public static ResourceKind ReplicaSet { get; } =
        new("apps", "v1", "ReplicaSet", "replicasets", Namespaced: true) { ShortName = "rs", HasStatus = true, HasGeneration = true, HasScale = true };

    public static ResourceKind StatefulSet { get; } =
        new("apps", "v1", "StatefulSet", "statefulsets", Namespaced: true) { ShortName = "sts", HasStatus = true, HasGeneration = true, HasScale = true };

    public static ResourceKind DaemonSet { get; } = new("apps", "v1", "DaemonSet", "daemonsets", Namespaced: true) { ShortName = "ds", HasStatus = true, HasGeneration = true };

    public static ResourceKind DisruptionBudget { get; } =
        new("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", Namespaced: true) { ShortName = "pdb", HasStatus = true, HasGeneration = true };

    public static ResourceKind Role { get; } = new("rbac.authorization.k8s.io", "v1", "Role", "roles", Namespaced: true);

    public static ResourceKind RoleBinding { get; } = new("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", Namespaced: true);

    public static ResourceKind ClusterRole { get; } = new("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", Namespaced: false);

    public static ResourceKind ClusterRoleBinding { get; } = new("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", Namespaced: false);

    public static ResourceKind Lease { get; } = new("coordination.k8s.io", "v1", "Lease", "leases", Namespaced: true);

    public static IReadOnlyList<ResourceKind> All { get; } =
    [
        Namespace, Node, Pod, ConfigMap, Secret, Service, ServiceAccount, Event, Job, CronJob, Deployment, ReplicaSet, StatefulSet, DaemonSet,
        DisruptionBudget, Role, RoleBinding, ClusterRole, ClusterRoleBinding, Lease,
    ];

    private static readonly Dictionary<(string Group, string Plural), ResourceKind> ByPlural = All.ToDictionary(kind => (kind.Group, kind.Plural));

    /// <summary>Null where there is none.</summary>
    public static ResourceKind? Find(string group, string version, string plural) =>
        ByPlural.GetValueOrDefault((group, plural)) is { } kind && kind.Version == version ? kind : null;
}
