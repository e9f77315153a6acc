using System.Net;
using System.Text.Json.Nodes;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Cluster.Nodes;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Spawning;

internal enum JobState
{
    /// <summary>Neither Complete, Failed nor FailureTarget.</summary>
    Active,
    Complete,
    Failed,

    /// <summary>Marked for deletion, whatever else it is.</summary>
    BeingDeleted,
}

/// <summary>A Job of the chain, in the chain's words.</summary>
/// <param name="Phase">Null when its label says no phase.</param>
/// <param name="Run">Null when its annotation is no run.</param>
/// <param name="Outcome">What the step wrote before it exited; null before.</param>
/// <param name="Host">The hostname label that its pod is pinned to; null when it is pinned to none.</param>
/// <param name="Made">In whole seconds.</param>
/// <param name="FailedPods">How many of its pods have failed so far.</param>
/// <param name="FailedAt">When it failed, and no pod of it was left; null before, or when it did not.</param>
/// <param name="TakesOver">The stopped run whose place its preflight takes; null for none.</param>
/// <param name="Deadline">When it fails if it is still active; null where it has no deadline, or has not started.</param>
internal sealed record ChainJob(
    string Name, string Uid, PhaseName? Phase, string? TargetLabel, string? NodeLabel, Run? Run, EndKind? Outcome, JobState State, string? Host, string? FailureMessage, DateTimeOffset Made, int FailedPods,
    DateTimeOffset? FailedAt, Run? TakesOver, DateTimeOffset? Deadline)
{
    /// <summary>Its step has done its work, whether the chain went on at once or was parked after it.</summary>
    public bool IsDone => State == JobState.Complete && Outcome is EndKind.Done or EndKind.Parked;
}

/// <summary>The Jobs of all chains, by the label <c>app=k8s-upgrade-chain</c>.</summary>
internal sealed class ChainJobs(KubeApi api, string ns, Annotations names)
{
    public const string App = "k8s-upgrade-chain";

    // What the Job controller gives each pod, since Kubernetes 1.27.
    private const string ControllerUid = "batch.kubernetes.io/controller-uid";

    public string Namespace => ns;

    public async Task<IReadOnlyList<ChainJob>> ListAsync(CancellationToken ct) =>
        [.. (await api.ListAsync(Resources.Jobs, ns, new KubeQuery(Labels: $"app={App}"), ct)).Items.Select(Read)];

    public async Task<ChainJob?> FindAsync(string name, CancellationToken ct) =>
        await api.FindAsync(Resources.Jobs, ns, name, ct) is { } job ? Read(job) : null;

    /// <summary>Makes a Job. Null when one of that name is there already.</summary>
    public async Task<ChainJob?> TryCreateAsync(RenderedJob job, CancellationToken ct) =>
        await api.CreateAsync(Resources.Jobs, ns, job.Json, ct) is { } made ? Read(made) : null;

    public Task DeleteAsync(ChainJob job, CancellationToken ct) => api.DeleteAsync(Resources.Jobs, ns, job.Name, job.Uid, graceSeconds: null, ct);

    /// <summary>Waits until a Job is really gone. False when the time is over before.</summary>
    public async Task<bool> IsGoneAsync(ChainJob job, TimeSpan atMost, CancellationToken ct) =>
        await api.ObserveUntilAsync(Resources.Jobs, ns, KubeQuery.Named(job.Name), atMost, jobs => jobs.ContainsKey(job.Uid) ? null : "gone", ct) is not null;

    /// <summary>What a step writes before it exits, so that its end can be told from a pod that only ended. False when the Job is gone, or another one has its name.</summary>
    public async Task<bool> TrySetOutcomeAsync(ChainJob job, EndKind outcome, CancellationToken ct)
    {
        var annotations = new JsonObject { [names.Outcome] = outcome.ToString().ToLowerInvariant() };
        try
        {
            // With the uid in it the patch of another Job is no valid one (422, measured).
            await api.MergeAsync(Resources.Jobs, ns, job.Name, new JsonObject { ["metadata"] = new JsonObject { ["uid"] = job.Uid, ["annotations"] = annotations } }, ct);
            return true;
        }
        catch (KubeRefusedException e) when (e.Code is HttpStatusCode.NotFound or HttpStatusCode.UnprocessableEntity)
        {
            return false;
        }
    }

    /// <summary>Waits until a pod of the Job has a node. Null when it has; else why not, in the scheduler's own words.</summary>
    public async Task<string?> WhyNotScheduledAsync(ChainJob job, TimeSpan atMost, CancellationToken ct)
    {
        var words = "no pod was made for it";
        // By the uid: pods of a deleted Job of the same name may be there for a while yet, and had a node.
        var scheduled = await api.WatchUntilAsync(Resources.Pods, ns, new KubeQuery(Labels: $"{ControllerUid}={job.Uid}"), atMost, pods =>
        {
            foreach (var pod in pods.Values.Where(pod => pod.Metadata.DeletionTimestamp is null))
            {
                if (pod.Spec.NodeName.Length > 0)
                {
                    return "scheduled";
                }

                words = pod.Status.Conditions.FirstOrDefault(condition => condition.Type == "PodScheduled")?.Message ?? "the scheduler has said nothing about it";
            }

            return null;
        }, ct);
        return scheduled is null ? words : null;
    }

    private ChainJob Read(Job job)
    {
        var labels = job.Metadata.Labels;
        return new ChainJob(
            job.Metadata.Name,
            job.Metadata.Uid,
            PhaseNames.Read(labels.GetValueOrDefault("phase")),
            labels.GetValueOrDefault("target-version"),
            labels.GetValueOrDefault("target-node"),
            Run.Read(job.Metadata.Annotations.GetValueOrDefault(names.Run)),
            Enum.TryParse<EndKind>(job.Metadata.Annotations.GetValueOrDefault(names.Outcome), ignoreCase: true, out var outcome) ? outcome : null,
            StateOf(job),
            job.Spec.Template.Spec.NodeSelector.GetValueOrDefault(ClusterNode.HostnameLabel),
            job.FailureMessage,
            job.Metadata.CreationTimestamp,
            job.Status.Failed,
            job.Status.Conditions.FirstOrDefault(condition => condition is { Type: "Failed", IsTrue: true })?.LastTransitionTime,
            Run.Read(job.Metadata.Annotations.GetValueOrDefault(names.TakesOver)),
            job is { Status.StartTime: { } start, Spec.ActiveDeadlineSeconds: { } seconds } ? start.AddSeconds(Math.Min(seconds, int.MaxValue)) : null);
    }

    private static JobState StateOf(Job job) => job switch
    {
        { Metadata.DeletionTimestamp: not null } => JobState.BeingDeleted,
        { IsFailed: true } => JobState.Failed,
        { IsComplete: true } => JobState.Complete,
        _ => JobState.Active,
    };
}
