using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.NodeShell;
using Stepper.StepRunner.Spawning;

namespace Stepper.StepRunner.State;

/// <summary>
/// Chain pods whose host died. With a pod failure policy their Job neither replaces a pod that stays Terminating nor fails (measured): it would be active for ever.
/// </summary>
internal sealed class LostPods(KubeApi api, string ns, NodeList nodes, ChainJobs jobs, INodeShell shell, Wait wait, Action<string> say)
{
    private static readonly TimeSpan LostAfter = TimeSpan.FromMinutes(10);

    /// <summary>Takes lost pods away, with their Jobs, once it is sure that no node script of theirs runs.</summary>
    /// <param name="dryRun">Only says what it would do.</param>
    /// <returns>Whether there is a lost pod that had to be left.</returns>
    public async Task<bool> TakeAwayAsync(bool dryRun, CancellationToken ct)
    {
        var pods = (await api.ListAsync(Resources.Pods, ns, new KubeQuery(Labels: $"app={ChainJobs.App}"), ct)).Items;
        if (pods.Where(IsOverdue).ToList() is not { Count: > 0 } overdue)
        {
            return false;
        }

        var live = await nodes.ListAsync(ct);
        var left = false;
        foreach (var pod in overdue.Where(pod => live.FirstOrDefault(node => node.Name == pod.Spec.NodeName) is not { IsReady: true }))
        {
            left |= !await TakeAwayAsync(pod, live, dryRun, ct);
        }

        return left;
    }

    // Its deletion timestamp is when its grace was over.
    private bool IsOverdue(Pod pod) => !pod.IsFinished && pod.Metadata.DeletionTimestamp is { } due && wait.Now - due > LostAfter;

    private async Task<bool> TakeAwayAsync(Pod pod, IReadOnlyList<ClusterNode> live, bool dryRun, CancellationToken ct)
    {
        var lost = $"pod {pod.Metadata.Name} is lost: its host {pod.Spec.NodeName} is gone or not Ready, and it has been ending since {pod.Metadata.DeletionTimestamp:u}";
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
        await api.DeleteAsync(Resources.Pods, ns, pod.Metadata.Name, pod.Metadata.Uid, graceSeconds: 0, ct);
        if (pod.Metadata.Controller is { Kind: "Job" } owner && await jobs.FindAsync(owner.Name, ct) is { State: JobState.Active } job && job.Uid == owner.Uid)
        {
            // A Job whose pod is gone makes another one, for the host that is dead.
            await jobs.DeleteAsync(job, ct);
        }

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
