using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.StepRunner.Drain.Forecast;

/// <summary>A pod that a drain would evict.</summary>
/// <param name="Pod">What an eviction and the rule for budgets look at, and no more: a big cluster has many.</param>
/// <param name="Budgets">Those that select it.</param>
internal sealed record EvictedPod(Pod Pod, PodWishes Wishes, IReadOnlyList<PodDisruptionBudget> Budgets)
{
    public string Name => Pod.FullName();

    /// <summary>Whether another one is started in its place, for which there must be room.</summary>
    public bool ComesBack => Pod.Metadata.Controller is { Kind: not "DaemonSet" };

    public string Workload => Pod.Metadata.Controller is { } owner ? $"{owner.Kind} {Pod.Metadata.Namespace}/{owner.Name}" : Name;

    public static Pod Trimmed(Pod pod) => new()
    {
        Metadata = new ObjectMeta { Name = pod.Metadata.Name, Namespace = pod.Metadata.Namespace, Uid = pod.Metadata.Uid, OwnerReferences = pod.Metadata.OwnerReferences },
        Spec = new PodSpec { NodeName = pod.Spec.NodeName },
        Status = new PodStatus { Phase = pod.Status.Phase, Conditions = [.. pod.Status.Conditions.Where(condition => condition.Type == "Ready")] },
    };
}
