using System.Globalization;
using System.Text.RegularExpressions;
using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>
/// The etcd snapshot before anything is changed: a Job made from the operator's own backup CronJob, believed only for what its log says. One run makes one:
/// its name has the run's start in it, so a retry finds it, and uses it again while it is less than an hour old.
/// </summary>
internal sealed partial class EtcdSnapshot(KubeApi api, SnapshotSettings settings, Wait wait, Action<string> say)
{
    /// <summary>What stands in the place of a path where the operator wants none.</summary>
    public const string None = "none";

    private const string Container = "backup-manage";
    private static readonly TimeSpan StillGood = TimeSpan.FromHours(1);

    /// <summary>Takes it, and gives back where it lies.</summary>
    /// <exception cref="AbortException">There is no snapshot that can be believed.</exception>
    public async Task<string> TakeAsync(Run run, CancellationToken ct)
    {
        if (settings.Mode is SnapshotMode.None)
        {
            return None;
        }

        var (ns, name) = (settings.CronJob.Namespace, $"pre-upgrade-etcd-{run.Target.Dashed}-{run.Start.ToUnixTimeSeconds()}");
        await MustBeMadeAsync(ns, name, ct);
        var job = await api.ObserveUntilAsync(
            Resources.Jobs, ns, KubeQuery.Named(name), settings.Timeout, jobs => jobs.Values.FirstOrDefault(found => found.IsComplete || found.IsFailed), ct);
        return job switch
        {
            null => throw new AbortException($"The etcd snapshot Job {ns}/{name} was not complete after {settings.Timeout.TotalMinutes:0} min"),
            { IsFailed: true } => throw new AbortException($"The etcd snapshot Job {ns}/{name} failed: {job.FailureMessage}"),
            _ => settings.PathPrefix + await ProvedAsync(ns, name, job.Metadata.Uid, ct),
        };
    }

    private async Task MustBeMadeAsync(string ns, string name, CancellationToken ct)
    {
        if (await api.FindAsync(Resources.Jobs, ns, name, ct) is { } found)
        {
            if (!found.IsFailed && (found.Status.CompletionTime is not { } completed || wait.Now - completed < StillGood))
            {
                say($"the etcd snapshot Job {ns}/{name} of this run is used");
                return;
            }

            await api.DeleteAsync(Resources.Jobs, ns, name, found.Metadata.Uid, graceSeconds: null, ct);
            _ = await api.ObserveUntilAsync(Resources.Jobs, ns, KubeQuery.Named(name), settings.Timeout, jobs => jobs.ContainsKey(found.Metadata.Uid) ? null : "gone", ct)
                ?? throw new AbortException($"The old etcd snapshot Job {ns}/{name} is still being deleted after {settings.Timeout.TotalMinutes:0} min; see what holds it: kubectl get job -n {ns} {name} -o yaml");
        }

        var cronJob = await api.FindAsync(Resources.CronJobs, ns, settings.CronJob.Name, ct)
            ?? throw new AbortException($"There is no CronJob {settings.CronJob} to take the etcd snapshot with; name yours in setting snapshot.cronJob, or set snapshot.mode");
        await api.CreateAsync(Resources.Jobs, ns, SnapshotJob.From(cronJob, ns, name), ct);
        say($"etcd snapshot: Job {ns}/{name} made from CronJob {settings.CronJob}");
    }

    private async Task<string> ProvedAsync(string ns, string job, string uid, CancellationToken ct)
    {
        var pods = (await api.ListAsync(Resources.Pods, ns, new KubeQuery(Labels: $"batch.kubernetes.io/job-name={job}"), ct)).Items;
        // A pod of a Job of that name that was deleted may still be there, and its log speaks of an older snapshot.
        var pod = pods.FirstOrDefault(candidate => candidate.Metadata.Controller?.Uid == uid && candidate.Status.Phase == "Succeeded")
            ?? throw new AbortException($"The etcd snapshot Job {ns}/{job} is complete, but none of its pods is there to read its log");
        var container = (pod.Spec.Containers.FirstOrDefault(candidate => candidate.Name == Container) ?? pod.Spec.Containers[0]).Name;
        var log = await api.LogAsync(ns, pod.Metadata.Name, container, ct);
        if (BackupDone().Matches(log).LastOrDefault() is not { } done)
        {
            throw new AbortException($"The log of {ns}/{pod.Metadata.Name}, container {container}, has no line \"Backup done: <file> (<n> bytes)\", so there is no proof of a snapshot");
        }

        var bytes = long.Parse(done.Groups["bytes"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
        return bytes >= settings.MinBytes
            ? done.Groups["file"].Value
            : throw new AbortException($"The etcd snapshot {done.Groups["file"].Value} has {bytes} bytes; fewer than {settings.MinBytes} are no snapshot");
    }

    [GeneratedRegex(@"Backup done: (?<file>\S+) \((?<bytes>[0-9]{1,18}) bytes\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex BackupDone();
}
