using System.Text.Json.Nodes;
using Stepper.Simulation.Api;

namespace Stepper.Simulation.Controllers;

/// <summary>
/// What the Job controller does: keeps a Job's pods going until enough have succeeded or too much has failed, with the waits between tries, the pod failure
/// policy, the deadline and the end of a finished Job's time.
/// </summary>
internal sealed class JobController
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(50);

    private readonly ControlPlane _plane;
    private readonly WorkQueue _queue;
    private readonly Dictionary<string, JobTally> _tallies = new(StringComparer.Ordinal);

    public JobController(ControlPlane plane)
    {
        _plane = plane;
        _queue = new WorkQueue(plane, Delay, Look);
        plane.Store.Changed += Follow;
    }

    private void Follow(StoreChange change)
    {
        if (change.Kind == Kinds.Job)
        {
            if (change.Type == ChangeType.Deleted)
            {
                _tallies.Remove(change.Object.Uid());
            }

            _queue.Add(change.Object.Key());
        }
        else if (change.Kind == Kinds.Pod && change.Object.Controller() is { } owner && owner.Text("kind") == "Job")
        {
            if (change.Type == ChangeType.Deleted && _tallies.TryGetValue(owner.Text("uid"), out var tally)
                && _plane.Store.Find(Kinds.Job, change.Object.Namespace(), owner.Text("name")) is { } job)
            {
                tally.Count(job, change.Object, _plane.Now);
            }

            _queue.Add(new ObjectKey(change.Object.Namespace(), owner.Text("name")));
        }
    }

    private void Look(ObjectKey key)
    {
        if (_plane.Store.Find(Kinds.Job, key.Namespace, key.Name) is not { } job || job.IsBeingDeleted())
        {
            return;
        }

        if (job.HasCondition("Complete") || job.HasCondition("Failed"))
        {
            EndItsTime(job);
            return;
        }

        var pods = _plane.Pods.OwnedBy(job.Uid()).ToList();
        var tally = Tally(job);
        foreach (var pod in pods.Where(ObjectFields.IsFinished))
        {
            tally.Count(job, pod, _plane.Now);
        }

        var verdict = Verdict(job, tally);
        if (verdict is null && !job.Flag("spec", "suspend"))
        {
            Start(job);
            Fill(job, pods, tally);
        }
        else
        {
            EndPods(pods);
        }

        WriteStatus(job, tally, verdict);
    }

    private JobTally Tally(JsonObject job)
    {
        if (!_tallies.TryGetValue(job.Uid(), out var tally))
        {
            _tallies[job.Uid()] = tally = new JobTally();
        }

        return tally;
    }

    // Null while it is neither won nor lost.
    private JobVerdict? Verdict(JsonObject job, JobTally tally)
    {
        if (job.Condition("FailureTarget") is { } failing)
        {
            return new JobVerdict("Failed", failing.Text("reason"), failing.Text("message"));
        }

        if (tally.FailedByPolicy is { } message)
        {
            return new JobVerdict("Failed", "PodFailurePolicy", message);
        }

        if (tally.Failed > (job.NumberOrNull("spec", "backoffLimit") ?? 6))
        {
            return new JobVerdict("Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit");
        }

        if (Deadline(job) <= _plane.Now)
        {
            return new JobVerdict("Failed", "DeadlineExceeded", "Job was active longer than specified deadline");
        }

        return tally.Succeeded >= (job.NumberOrNull("spec", "completions") ?? 1)
            ? new JobVerdict("Complete", "CompletionsReached", "Reached expected number of succeeded pods")
            : null;
    }

    private static DateTimeOffset? Deadline(JsonObject job) =>
        job.NumberOrNull("spec", "activeDeadlineSeconds") is { } seconds && job.Time("status", "startTime") is { } start ? start.AddSeconds(seconds) : null;

    private void Start(JsonObject job)
    {
        if (job.At("status", "startTime") is not null)
        {
            return;
        }

        _plane.Change(Kinds.Job, job.Key(), changed => changed.Child("status")["startTime"] = _plane.Now.AsField());
        if (job.NumberOrNull("spec", "activeDeadlineSeconds") is { } seconds)
        {
            // A second late: times in the API are whole seconds.
            _queue.AddAt(job.Key(), _plane.Now.AddSeconds(seconds + 1));
        }
    }

    private void Fill(JsonObject job, List<JsonObject> pods, JobTally tally)
    {
        var replacesOnlyFailed = job.Text("spec", "podReplacementPolicy") is var policy
            && (policy == "Failed" || (policy.Length == 0 && job.At("spec", "podFailurePolicy") is not null));
        var going = pods.Count(pod => !pod.IsFinished() && (replacesOnlyFailed || !pod.IsBeingDeleted()));
        var wanted = Math.Min(job.NumberOrNull("spec", "parallelism") ?? 1, (job.NumberOrNull("spec", "completions") ?? 1) - tally.Succeeded);
        if (going >= wanted)
        {
            return;
        }

        if (tally.NextTry > _plane.Now)
        {
            _queue.AddAt(job.Key(), tally.NextTry.Value);
            return;
        }

        for (var missing = wanted - going; missing > 0; missing--)
        {
            _plane.MakePod(Kinds.Job, job, $"{job.Name()}-{_plane.NameSuffix()}", pod => Label(pod, job));
        }
    }

    private static void Label(JsonObject pod, JsonObject job)
    {
        var labels = pod["metadata"]!.AsObject().Child("labels");
        labels["batch.kubernetes.io/job-name"] = job.Name();
        labels["batch.kubernetes.io/controller-uid"] = job.Uid();
        labels["job-name"] = job.Name();
        labels["controller-uid"] = job.Uid();
    }

    private void EndPods(List<JsonObject> pods)
    {
        foreach (var pod in pods.Where(pod => !pod.IsFinished() && !pod.IsBeingDeleted()))
        {
            _plane.Delete(Kinds.Pod, pod);
        }
    }

    private void WriteStatus(JsonObject job, JobTally tally, JobVerdict? verdict)
    {
        var pods = _plane.Pods.OwnedBy(job.Uid());
        var terminating = pods.Count(pod => !pod.IsFinished() && pod.IsBeingDeleted());
        var active = pods.Count(pod => !pod.IsFinished() && !pod.IsBeingDeleted());
        _plane.Change(Kinds.Job, job.Key(), changed =>
        {
            var status = changed.Child("status");
            SetCount(status, "active", active);
            SetCount(status, "succeeded", tally.Succeeded);
            SetCount(status, "failed", tally.Failed);
            status["ready"] = pods.Count(pod => !pod.IsFinished() && pod.IsReady());
            status["terminating"] = terminating;
            if (job.Flag("spec", "suspend"))
            {
                changed.SetCondition("Suspended", "True", "JobSuspended", "Job suspended", _plane.Now);
                status.Remove("startTime");
            }
            else if (changed.Condition("Suspended") is not null)
            {
                changed.SetCondition("Suspended", "False", "JobResumed", "Job resumed", _plane.Now);
            }

            if (verdict is not null)
            {
                End(changed, verdict, isOver: active + terminating == 0);
            }
        });
    }

    // First what it will be, and that it is so when none of its pods runs any more.
    private void End(JsonObject job, JobVerdict verdict, bool isOver)
    {
        var first = verdict.Condition == "Failed" ? "FailureTarget" : "SuccessCriteriaMet";
        if (job.Condition(first) is null)
        {
            job.SetCondition(first, "True", verdict.Reason, verdict.Message, _plane.Now);
            _queue.Add(job.Key());
        }
        else if (isOver)
        {
            job.SetCondition(verdict.Condition, "True", verdict.Reason, verdict.Message, _plane.Now);
            if (verdict.Condition == "Complete")
            {
                job.Child("status")["completionTime"] = _plane.Now.AsField();
            }
        }
    }

    private void EndItsTime(JsonObject job)
    {
        if (job.NumberOrNull("spec", "ttlSecondsAfterFinished") is not { } seconds)
        {
            return;
        }

        var end = (job.Condition("Complete") ?? job.Condition("Failed")).Time("lastTransitionTime")!.Value.AddSeconds(seconds);
        if (end <= _plane.Now)
        {
            _plane.Delete(Kinds.Job, job);
        }
        else
        {
            _queue.AddAt(job.Key(), end);
        }
    }

    private static void SetCount(JsonObject status, string name, int count)
    {
        if (count > 0)
        {
            status[name] = count;
        }
        else
        {
            status.Remove(name);
        }
    }

    private sealed record JobVerdict(string Condition, string Reason, string Message);
}
