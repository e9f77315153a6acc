using System.Collections.Concurrent;
using System.Diagnostics;
using Stepper.Simulation;

namespace Stepper.Loopback;

/// <summary>
/// Lets the time of a simulation follow the real clock, so many times as fast, on a thread of its own. What comes from outside is done on that thread, since a
/// simulation has one thread.
/// </summary>
public sealed class Pacer : IDisposable
{
    private static readonly TimeSpan LooksAtLeastEvery = TimeSpan.FromMilliseconds(20);

    private readonly BlockingCollection<Action> _asked = [];
    private readonly VirtualTime _time;
    private readonly double _speed;
    private readonly DateTimeOffset _start;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Thread _thread;

    /// <param name="speed">How many seconds of the simulation are one second of the clock.</param>
    public Pacer(VirtualTime time, double speed)
    {
        _time = time;
        _speed = speed;
        _start = time.GetUtcNow();
        _thread = new Thread(Run) { IsBackground = true, Name = "simulation" };
        _thread.Start();
    }

    /// <summary>Does something on the simulation's thread. What waits for the result goes on elsewhere.</summary>
    public Task<T> AskAsync<T>(Func<Task<T>> work)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() => _ = DoAsync(work, result));
        return result.Task;
    }

    /// <summary>As <see cref="AskAsync"/>, and waits.</summary>
    public T Ask<T>(Func<T> work) => AskAsync(() => Task.FromResult(work())).GetAwaiter().GetResult();

    /// <summary>Has something done on the simulation's thread.</summary>
    public void Post(Action work)
    {
        if (!_asked.IsAddingCompleted)
        {
            _asked.Add(work);
        }
    }

    public void Dispose()
    {
        _asked.CompleteAdding();
        _thread.Join();
        _asked.Dispose();
    }

    private static async Task DoAsync<T>(Func<Task<T>> work, TaskCompletionSource<T> result)
    {
        try
        {
            result.SetResult(await work());
        }
#pragma warning disable CA1031 // Whatever it was, the one who asked is told.
        catch (Exception e)
#pragma warning restore CA1031
        {
            result.SetException(e);
        }
    }

    private void Run()
    {
        while (!_asked.IsCompleted)
        {
            _time.AdvanceTo(_start + (_clock.Elapsed * _speed));
            if (_asked.TryTake(out var work, UntilNext()))
            {
                work();
            }
        }
    }

    private TimeSpan UntilNext()
    {
        var wait = _time.NextDue is { } due ? (due - _start - (_clock.Elapsed * _speed)) / _speed : LooksAtLeastEvery;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait < LooksAtLeastEvery ? wait : LooksAtLeastEvery;
    }
}
