using System.Text.Json.Nodes;

namespace Stepper.Simulation.Controllers;

/// <summary>How the pods of one Job ended, each counted once.</summary>
internal sealed class JobTally
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(6);

    private readonly HashSet<string> _counted = new(StringComparer.Ordinal);
    private int _failuresInARow;

    public int Succeeded { get; private set; }

    /// <summary>Without those that the pod failure policy ignores.</summary>
    public int Failed { get; private set; }

    /// <summary>Set when the pod failure policy has failed the Job: in the words of its condition.</summary>
    public string? FailedByPolicy { get; private set; }

    /// <summary>No pod is made before; null when none has failed.</summary>
    public DateTimeOffset? NextTry { get; private set; }

    /// <param name="pod">One that has ended, or that is gone.</param>
    public void Count(JsonObject job, JsonObject pod, DateTimeOffset now)
    {
        if (!_counted.Add(pod.Uid()))
        {
            return;
        }

        if (pod.Text("status", "phase") == "Succeeded")
        {
            Succeeded++;
            _failuresInARow = 0;
            return;
        }

        var pause = FirstPause * Math.Pow(2, Math.Min(_failuresInARow++, 10));
        NextTry = now + (pause < LongestPause ? pause : LongestPause);
        var (action, message) = PodFailurePolicy.Decide(job, pod);
        if (action == "FailJob")
        {
            FailedByPolicy ??= message;
        }

        if (action != "Ignore")
        {
            Failed++;
        }
    }
}
