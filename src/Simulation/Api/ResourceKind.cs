namespace Stepper.Simulation.Api;

/// <summary>A kind of object that the simulated API server keeps.</summary>
/// <param name="Group">Empty for the core group.</param>
/// <param name="Version">As <c>v1</c>.</param>
/// <param name="Plural">As in an address, and in RBAC rules.</param>
public sealed record ResourceKind(string Group, string Version, string Kind, string Plural, bool Namespaced)
{
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    public override string ToString() => Group.Length == 0 ? Plural : $"{Plural}.{Group}";
}

/// <summary>All kinds that there are in the simulation.</summary>
public static class Kinds
{
    public static ResourceKind Namespace { get; } = new("", "v1", "Namespace", "namespaces", Namespaced: false);

    public static ResourceKind Node { get; } = new("", "v1", "Node", "nodes", Namespaced: false);

    public static ResourceKind Pod { get; } = new("", "v1", "Pod", "pods", Namespaced: true);

    public static ResourceKind ConfigMap { get; } = new("", "v1", "ConfigMap", "configmaps", Namespaced: true);

    public static ResourceKind Secret { get; } = new("", "v1", "Secret", "secrets", Namespaced: true);

    public static ResourceKind Service { get; } = new("", "v1", "Service", "services", Namespaced: true);

    public static ResourceKind ServiceAccount { get; } = new("", "v1", "ServiceAccount", "serviceaccounts", Namespaced: true);

    public static ResourceKind Event { get; } = new("", "v1", "Event", "events", Namespaced: true);

    public static ResourceKind Job { get; } = new("batch", "v1", "Job", "jobs", Namespaced: true);

    public static ResourceKind CronJob { get; } = new("batch", "v1", "CronJob", "cronjobs", Namespaced: true);

    public static ResourceKind Deployment { get; } = new("apps", "v1", "Deployment", "deployments", Namespaced: true);

    public static ResourceKind ReplicaSet { get; } = new("apps", "v1", "ReplicaSet", "replicasets", Namespaced: true);

    public static ResourceKind StatefulSet { get; } = new("apps", "v1", "StatefulSet", "statefulsets", Namespaced: true);

    public static ResourceKind DaemonSet { get; } = new("apps", "v1", "DaemonSet", "daemonsets", Namespaced: true);

    public static ResourceKind DisruptionBudget { get; } = new("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", Namespaced: true);

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
}
