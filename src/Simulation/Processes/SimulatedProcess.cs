using System.Diagnostics.CodeAnalysis;

namespace Stepper.Simulation.Processes;

/// <summary>A process that can be told to end, and be killed: then nothing of it ever happens any more.</summary>
[SuppressMessage("Reliability", "CA1001:Types that own disposable fields should be disposable", Justification = "No timer and no handle is behind it.")]
internal sealed class SimulatedProcess(string pod, string node, Action<int> ended)
{
    private readonly CancellationTokenSource _terminated = new();
    private readonly List<Action> _atEnd = [];

    /// <summary>The pod's name.</summary>
    public string Pod => pod;

    public string Node => node;

    /// <summary>It has exited, or was killed.</summary>
    public bool IsOver { get; private set; }

    public CancellationToken Terminated => _terminated.Token;

    /// <summary>SIGTERM.</summary>
    public void Terminate()
    {
        if (!IsOver)
        {
            _terminated.Cancel();
        }
    }

    /// <summary>SIGKILL.</summary>
    public void Kill() => End(137);

    public void End(int exitCode)
    {
        if (!IsOver)
        {
            IsOver = true;
            _atEnd.ForEach(close => close());
            ended(exitCode);
        }
    }

    /// <summary>What the system does for a process that is over: its connections are closed.</summary>
    public void AtEnd(Action close) => _atEnd.Add(close);

    /// <summary>The process goes no further than here. What it was in the middle of is left as it is, with no <c>finally</c> and no <c>using</c>.</summary>
    public static Task<T> NeverAsync<T>() => new TaskCompletionSource<T>().Task;
}
