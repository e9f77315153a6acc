using System.Globalization;
using System.Text.RegularExpressions;
using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>
/// The etcd snapshot by a Job made from the operator's own backup CronJob, believed only for what its log says. One run makes one: its name has the run's start
/// in it, so a retry finds it, and uses it again while it is less than an hour old and its log proves it.
/// </summary>
internal sealed partial class SnapshotByJob(KubeApi api, SnapshotSettings settings, Wait wait, Action<string> say)
{
    private const string Container = "backup-manage";

    /// <summary>Takes it, and gives back where it lies.</summary>
    /// <exception cref="AbortException">There is no snapshot that can be believed.</exception>
    public async Task<string> TakeAsync(Run run, CancellationToken ct)
    {
        var (ns, name) = (settings.CronJob.Namespace, $"pre-upgrade-etcd-{run.Target.Dashed}-{run.Start.ToUnixTimeSeconds()}");
        if (await FindAsync(ns, name, ct) is { } found)
        {
            if (await OfEarlierTryAsync(ns, found, ct) is { } path)
            {
                return path;
            }

            await DeleteAsync(ns, found, ct);
        }

        var cronJob = await api.FindAsync(Resources.CronJobs, ns, settings.CronJob.Name, ct)
            ?? throw new AbortException($"There is no CronJob {settings.CronJob} to take the etcd snapshot with; name yours in setting snapshot.cronJob, or set snapshot.mode");
        var made = await api.CreateAsync(Resources.Jobs, ns, SnapshotJob.From(cronJob, ns, name), ct) ?? await FindAsync(ns, name, ct)
            ?? throw new AbortException($"The etcd snapshot Job {ns}/{name} was taken away by somebody as soon as it was made");
        say($"etcd snapshot: Job {ns}/{name} made from CronJob {settings.CronJob}");
        return await WhenCompleteAsync(ns, name, made.Metadata.Uid, ct);
    }

    // Null: another one must be taken.
    private async Task<string?> OfEarlierTryAsync(string ns, Job found, CancellationToken ct)
    {
        if (found.IsFailed || (found.Status.CompletionTime is { } completed && wait.Now - completed >= EtcdSnapshot.StillGood))
        {
            return null;
        }

        say($"the etcd snapshot Job {ns}/{found.Metadata.Name} of this run is used");
        if (!found.IsComplete)
        {
            return await WhenCompleteAsync(ns, found.Metadata.Name, found.Metadata.Uid, ct);
        }

        try
        {
            return await ProvedAsync(ns, found.Metadata.Name, found.Metadata.Uid, ct);
        }
        catch (AbortException e)
        {
            say($"{e.Message.TrimEnd('.')}; another one is taken");
            return null;
        }
    }

    private async Task<Job?> FindAsync(string ns, string name, CancellationToken ct) =>
        (await api.ListAsync(Resources.Jobs, ns, KubeQuery.Named(name), ct)).Items is [var found, ..] ? found : null;

    private async Task<string> WhenCompleteAsync(string ns, string name, string uid, CancellationToken ct)
    {
        var job = await api.WatchUntilAsync(
            Resources.Jobs,
            ns,
            KubeQuery.Named(name),
            settings.Timeout,
            jobs => jobs.GetValueOrDefault(uid) is { } found && (found.IsComplete || found.IsFailed) ? found : null,
            ct);
        return job switch
        {
            null => throw new AbortException($"The etcd snapshot Job {ns}/{name} was not complete after {settings.Timeout.TotalMinutes:0} min: {await WhyNotYetAsync(ns, name, uid, ct)}"),
            { IsFailed: true } => throw new AbortException($"The etcd snapshot Job {ns}/{name} failed: {job.FailureMessage}"),
            _ => await ProvedAsync(ns, name, job.Metadata.Uid, ct),
        };
    }

    private async Task DeleteAsync(string ns, Job old, CancellationToken ct)
    {
        var name = old.Metadata.Name;
        await api.DeleteAsync(Resources.Jobs, ns, name, old.Metadata.Uid, graceSeconds: null, ct);
        _ = await api.ObserveUntilAsync(Resources.Jobs, ns, KubeQuery.Named(name), settings.Timeout, jobs => jobs.ContainsKey(old.Metadata.Uid) ? null : "gone", ct)
            ?? throw new AbortException($"The old etcd snapshot Job {ns}/{name} is still being deleted after {settings.Timeout.TotalMinutes:0} min; see what holds it: kubectl get job -n {ns} {name} -o yaml");
    }

    // A pod of a Job of that name that was deleted may still be there, and its log speaks of an older snapshot.
    private async Task<IReadOnlyList<Pod>> PodsAsync(string ns, string job, string uid, CancellationToken ct) =>
        [.. (await api.ListAsync(Resources.Pods, ns, new KubeQuery(Labels: $"batch.kubernetes.io/job-name={job}"), ct)).Items.Where(pod => pod.Metadata.Controller?.Uid == uid)];

    // In the words of whoever can't go on with it: the scheduler, or the kubelet.
    private async Task<string> WhyNotYetAsync(string ns, string job, string uid, CancellationToken ct)
    {
        if (await PodsAsync(ns, job, uid, ct) is not [.., var pod])
        {
            return $"it has no pod; see why: kubectl describe job -n {ns} {job}";
        }

        if (pod.Status.Conditions.FirstOrDefault(condition => condition is { Type: "PodScheduled", Status: "False" }) is { } unplaced)
        {
            return $"its pod {pod.Metadata.Name} has no node: {unplaced.Message}";
        }

        return pod.Status.InitContainerStatuses.Concat(pod.Status.ContainerStatuses).FirstOrDefault(container => container.State.Waiting is not null) is { State.Waiting: { } waits } container
            ? $"container {container.Name} of its pod {pod.Metadata.Name} on {pod.Spec.NodeName} waits: {waits.Reason}{(waits.Message.Length > 0 ? $", {waits.Message}" : "")}"
            : $"its pod {pod.Metadata.Name} on {pod.Spec.NodeName} is {pod.Status.Phase}; see what it does: kubectl logs -n {ns} {pod.Metadata.Name}";
    }

    private async Task<string> ProvedAsync(string ns, string job, string uid, CancellationToken ct)
    {
        var pod = (await PodsAsync(ns, job, uid, ct)).FirstOrDefault(candidate => candidate.Status.Phase == "Succeeded")
            ?? throw new AbortException($"The etcd snapshot Job {ns}/{job} is complete, but none of its pods is there to read its log");
        var container = (pod.Spec.Containers.FirstOrDefault(candidate => candidate.Name == Container) ?? pod.Spec.Containers[0]).Name;
        var log = await api.LogAsync(ns, pod.Metadata.Name, container, ct);
        if (BackupDone().Matches(log).LastOrDefault() is not { } done)
        {
            throw new AbortException($"The log of {ns}/{pod.Metadata.Name}, container {container}, has no line \"Backup done: <file> (<n> bytes)\", so there is no proof of a snapshot");
        }

        var bytes = long.Parse(done.Groups["bytes"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
        return bytes >= settings.MinBytes
            ? settings.PathPrefix + done.Groups["file"].Value
            : throw new AbortException($"The etcd snapshot {done.Groups["file"].Value} has {bytes} bytes; fewer than {settings.MinBytes} are no snapshot");
    }

    [GeneratedRegex(@"Backup done: (?<file>\S+) \((?<bytes>[0-9]{1,18}) bytes\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex BackupDone();
}
