using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.StepRunner.Drain.Forecast;

/// <summary>Where more decides about a pod's place than what a forecast counts: then it can't be told, and is not guessed.</summary>
internal static class UnclearRoom
{
    // What every node can mount.
    private static readonly string[] AnyNodeHas = ["", "configMap", "secret", "emptyDir", "projected", "downwardAPI", "hostPath", "nfs"];

    private static readonly IReadOnlyList<Func<SchedulablePod, string?>> InOrder = [Controller, Scheduler, Affinity, Spread, Volumes, HostPorts, Devices];

    /// <summary>What is at play, in a word or two; null when nothing is.</summary>
    public static string? Why(SchedulablePod pod) => InOrder.Select(rule => rule(pod)).FirstOrDefault(why => why is not null);

    // A Job may have had its last try, and an operator starts what it likes.
    private static string? Controller(SchedulablePod pod) => pod.Metadata.Controller switch
    {
        null or { Kind: "ReplicaSet" or "StatefulSet" or "DaemonSet", ApiVersion: "apps/v1" } or { Kind: "ReplicationController" } => null,
        var owner => $"a controller of kind {owner.Kind}",
    };

    private static string? Scheduler(SchedulablePod pod) =>
        pod.Spec.SchedulerName is "" or "default-scheduler" ? null : "another scheduler";

    private static string? Affinity(SchedulablePod pod) => pod.Spec.Affinity switch
    {
        { PodAffinity.RequiredDuringSchedulingIgnoredDuringExecution.Count: > 0 } => "pod affinity",
        { PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution.Count: > 0 } => "pod anti-affinity",
        _ => null,
    };

    private static string? Spread(SchedulablePod pod) =>
        pod.Spec.TopologySpreadConstraints.Any(constraint => constraint.WhenUnsatisfiable == "DoNotSchedule") ? "topology spread" : null;

    private static string? Volumes(SchedulablePod pod) =>
        pod.Spec.Volumes.All(volume => AnyNodeHas.Contains(volume.Kind, StringComparer.Ordinal)) ? null : "volumes";

    private static string? HostPorts(SchedulablePod pod) =>
        pod.Spec.Containers.Concat(pod.Spec.InitContainers).Any(container => container.Ports.Any(port => port.HostPort > 0)) ? "host ports" : null;

    private static string? Devices(SchedulablePod pod) => pod.Spec.ResourceClaims.Count > 0 ? "resource claims" : null;
}
