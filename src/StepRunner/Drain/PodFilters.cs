using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.StepRunner.Drain;

/// <summary>
/// Which pods of a node a drain ends: the rules in their order, the first that has an answer decides. Each gets all its facts and asks nothing itself.
/// </summary>
internal static class PodFilters
{
    private static readonly IReadOnlyList<Func<Pod, DrainFacts, PodDecision?>> InOrder = [OwnPod, MirrorPod, DaemonSetPod, FinishedPod, PodBeingEnded];

    public static PodDecision Decide(Pod pod, DrainFacts facts) =>
        InOrder.Select(rule => rule(pod, facts)).FirstOrDefault(decision => decision is not null) ?? new PodDecision(PodFate.Evict, WhatComesAfter(pod));

    private static PodDecision? OwnPod(Pod pod, DrainFacts facts) =>
        pod.FullName() == facts.OwnPod ? new(PodFate.Forbid, "is the pod that drains, so nothing on this node was evicted") : null;

    // The kubelet runs it from a file on the node; what the API shows is a picture of it, which comes back when it is deleted.
    private static PodDecision? MirrorPod(Pod pod, DrainFacts facts) =>
        pod.Metadata.Annotations.ContainsKey("kubernetes.io/config.mirror") ? new(PodFate.LeaveMirror, "") : null;

    // Evicted, it would be back on the cordoned node at once. Not so where its DaemonSet is gone: then it is a pod as any other.
    private static PodDecision? DaemonSetPod(Pod pod, DrainFacts facts) =>
        pod.Metadata.Controller is { Kind: "DaemonSet" } owner && !facts.IsGone(owner) ? new(PodFate.LeaveDaemonSet, "") : null;

    // Nothing of it runs any more, and its log is the evidence. Also where it is being deleted: there is nothing to wait for.
    private static PodDecision? FinishedPod(Pod pod, DrainFacts facts) => pod.IsFinished ? new(PodFate.LeaveFinished, "") : null;

    private static PodDecision? PodBeingEnded(Pod pod, DrainFacts facts) =>
        pod.Metadata.DeletionTimestamp is null ? null : new(PodFate.Await, "was being ended already");

    private static string WhatComesAfter(Pod pod) => pod.Metadata.Controller switch
    {
        null => "stands alone, nothing starts it again",
        { Kind: "DaemonSet" } owner => $"its DaemonSet {owner.Name} is gone",
        _ => "",
    };
}

/// <summary>What the rules need to know beside the pod.</summary>
/// <param name="DaemonSets">The uids of those there are in <c>apps/v1</c>.</param>
/// <param name="OwnPod"><see cref="DrainOptions.OwnPod"/>.</param>
internal sealed record DrainFacts(IReadOnlySet<string> DaemonSets, string? OwnPod)
{
    /// <summary>Whether a DaemonSet is no more. One of another group can't be looked up, and counts as being there.</summary>
    public bool IsGone(OwnerReference daemonSet) => daemonSet.ApiVersion == "apps/v1" && !DaemonSets.Contains(daemonSet.Uid);
}

/// <param name="Reason">Said of the pod in the report, after its name; empty where there is nothing to say.</param>
internal sealed record PodDecision(PodFate Fate, string Reason);

internal enum PodFate
{
    Evict,

    /// <summary>Somebody has ended it already; only waited for.</summary>
    Await,

    LeaveMirror,

    LeaveDaemonSet,

    LeaveFinished,

    /// <summary>As long as it is there nothing may be evicted at all.</summary>
    Forbid,
}

internal static class PodNames
{
    /// <summary><c>namespace/name</c>, as people write it.</summary>
    public static string FullName(this Pod pod) => $"{pod.Metadata.Namespace}/{pod.Metadata.Name}";
}
