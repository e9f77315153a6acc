using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.NodeShell;
using Stepper.StepRunner.Gates.Compatibility;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Gates;

/// <summary>Every call of the API that the chain makes, by what asks for it. The rules in <c>deploy/rbac.yaml</c> grant these and no others.</summary>
internal static class NeededAccess
{
    private const string Core = "";
    private const string Apps = "apps";
    private const string Batch = "batch";

    // Events about what has no namespace live here.
    private const string DefaultNamespace = "default";

    private const string ServiceAccount = "k8s-upgrade-job";

    /// <summary>Who makes them in the cluster, as <c>kubectl --as</c> takes it.</summary>
    public static string Account(StepperSettings settings) => $"system:serviceaccount:{settings.Namespace}:{ServiceAccount}";

    public static IReadOnlyList<ApiAccess> Of(StepperSettings settings) =>
    [
        .. On(Core, "nodes", ["get", "list", "watch", "patch"]),
        .. On(Core, "pods", ["get", "list", "watch", "delete"]),
        .. On(Core, "pods/eviction", ["create"]),
        .. On("policy", "poddisruptionbudgets", ["list"]),
        .. On(Apps, "replicasets", ["list"]),
        .. On(Apps, "statefulsets", ["list"]),
        .. On(Apps, "daemonsets", ["list"]),
        .. On("rbac.authorization.k8s.io", "clusterrolebindings", ["list"]),
        .. On(Core, "configmaps", ["get"], KubeletConfiguration.Namespace, KubeletConfiguration.Name),
        ApiAccess.To("/metrics"),
        .. On(Core, "namespaces", ["get", "patch"], null, settings.Namespace),
        .. On(Batch, "jobs", ["get", "list", "watch", "create", "patch", "delete"], settings.Namespace),
        .. On(Batch, "cronjobs", ["get"], settings.Namespace, OwnImage.CronJob),
        .. On(Core, "configmaps", ["get"], settings.Namespace, KillSwitchGate.Name),
        .. On(Core, "configmaps", ["get", "patch"], settings.Namespace, KnownNodes.Name),
        .. On(Core, "events", ["create"], settings.Namespace),
        .. On(Core, "events", ["create"], DefaultNamespace),
        .. Snapshot(settings.Snapshot),
        .. settings.Quiesce.SelectMany(workload => On(Apps, "deployments", ["get", "patch"], workload.Namespace, workload.Name)),
        .. settings.AfterControlPlane.SelectMany(script => On(Core, "configmaps", ["get"], script.Namespace, script.Name)),
    ];

    private static IEnumerable<ApiAccess> Snapshot(SnapshotSettings settings) => settings.Mode is not SnapshotMode.CronJob
        ? []
        :
        [
            .. On(Batch, "cronjobs", ["get"], settings.CronJob.Namespace, settings.CronJob.Name),
            .. On(Batch, "jobs", ["list", "watch", "create", "delete"], settings.CronJob.Namespace),
            .. On(Core, "pods/log", ["get"], settings.CronJob.Namespace),
        ];

    private static IEnumerable<ApiAccess> On(string group, string resource, IEnumerable<string> verbs, string? ns = null, string? name = null) =>
        verbs.Select(verb => new ApiAccess(verb, group, resource, ns, name));
}
