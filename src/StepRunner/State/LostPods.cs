using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.NodeShell;
using Stepper.StepRunner.Spawning;

namespace Stepper.StepRunner.State;

/// <summary>
/// Chain pods that nothing will ever come of: whose host died, or for which there is no node any more. With a pod failure policy their Job neither replaces a pod
/// that stays Terminating nor fails (measured), and for one that waits for a node it waits too: it would be active for ever.
/// </summary>
internal sealed class LostPods(KubeApi api, string ns, NodeList nodes, ChainJobs jobs, INodeShell shell, Wait wait, Action<string> say)
{
    private static readonly TimeSpan LostAfter = TimeSpan.FromMinutes(10);

    /// <summary>Takes lost pods away, with their Jobs, once it is sure that no node script of theirs runs.</summary>
    /// <param name="dryRun">Only says what it would do.</param>
    public async Task<LostAndGone> TakeAwayAsync(bool dryRun, CancellationToken ct)
    {
        var pods = (await api.ListAsync(Resources.Pods, ns, new KubeQuery(Labels: $"app={ChainJobs.App}"), ct)).Items;
        if (!pods.Any(pod => IsOverdue(pod) || IsStranded(pod)))
        {
            return new LostAndGone(IsOneLeft: false, []);
        }

        var live = await nodes.ListAsync(ct);
        var left = false;
        List<string> gone = [];
        foreach (var pod in pods)
        {
            if (WhyLost(pod, live) is not { } why)
            {
                continue;
            }

            if (await TakeAwayAsync(pod, why, live, dryRun, ct))
            {
                gone.AddRange(pod.Metadata.Controller is { } job ? [job.Uid] : []);
            }
            else
            {
                left = true;
            }
        }

        return new LostAndGone(left, gone);
    }

    private string? WhyLost(Pod pod, IReadOnlyList<ClusterNode> live)
    {
        if (IsOverdue(pod) && live.FirstOrDefault(node => node.Name == pod.Spec.NodeName) is not { IsReady: true })
        {
            return $"its host {pod.Spec.NodeName} is gone or not Ready, and it has been ending since {pod.Metadata.DeletionTimestamp:u}";
        }

        return IsStranded(pod) ? $"it has found no node since {Unscheduled(pod)!.LastTransitionTime:u} ({Unscheduled(pod)!.Message})" : null;
    }

    // Its deletion timestamp is when its grace was over.
    private bool IsOverdue(Pod pod) => !pod.IsFinished && pod.Metadata.DeletionTimestamp is { } due && wait.Now - due > LostAfter;

    private bool IsStranded(Pod pod) => !pod.IsFinished && pod.Spec.NodeName.Length == 0 && wait.Now - Unscheduled(pod)?.LastTransitionTime > LostAfter;

    private static Condition? Unscheduled(Pod pod) => pod.Status.Conditions.FirstOrDefault(condition => condition is { Type: "PodScheduled", Status: "False" });

    private async Task<bool> TakeAwayAsync(Pod pod, string because, IReadOnlyList<ClusterNode> live, bool dryRun, CancellationToken ct)
    {
        var lost = $"pod {pod.Metadata.Name} is lost: {because}";
        if (await WhyNotSureAsync(pod, live, ct) is { } why)
        {
            say($"{lost}. It is left, since {why}");
            return false;
        }

        if (dryRun)
        {
            say($"{lost}. It would be deleted, with its Job");
            return true;
        }

        say($"{lost}. It is deleted, and its Job taken for failed");
        if (pod.Metadata.Controller is { Kind: "Job" } owner && await jobs.FindAsync(owner.Name, ct) is { State: JobState.Active } job && job.Uid == owner.Uid)
        {
            // First: a Job whose pod is gone makes another one, for the same host.
            await jobs.DeleteAsync(job, ct);
        }

        await api.DeleteAsync(Resources.Pods, ns, pod.Metadata.Name, pod.Metadata.Uid, graceSeconds: 0, ct);
        return true;
    }

    private async Task<string?> WhyNotSureAsync(Pod pod, IReadOnlyList<ClusterNode> live, CancellationToken ct)
    {
        if (!pod.Metadata.Labels.TryGetValue("target-node", out var label) || live.FirstOrDefault(node => DnsLabel.Of(node.Name) == label) is not { } target)
        {
            return null;
        }

        try
        {
            return (await shell.InspectAsync(target.Target, ct)).ScriptRuns ? $"the node script still runs on {target.Name}" : null;
        }
        catch (ShellException e)
        {
            return $"whether the node script still runs on {target.Name} could not be asked: {e.Message}";
        }
    }
}

/// <summary>What became of lost pods.</summary>
/// <param name="IsOneLeft">There is one that had to be left.</param>
/// <param name="Jobs">The uids of the Jobs that went with them; in a dry run, that would.</param>
internal sealed record LostAndGone(bool IsOneLeft, IReadOnlyList<string> Jobs);
