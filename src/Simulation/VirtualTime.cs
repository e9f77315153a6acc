namespace Stepper.Simulation;

/// <summary>
/// A clock that stands still until it is told to go on, and a queue of what is due: ordered by time and, at one time, by the order in which it was put in.
/// Everything of a simulation happens on the one thread that calls <see cref="Step"/>, so the same start gives the same run.
/// </summary>
/// <param name="start">What the clock shows at first.</param>
public sealed class VirtualTime(DateTimeOffset start) : TimeProvider
{
    private readonly PriorityQueue<Action, (DateTimeOffset Due, long Order)> _due = new();
    private DateTimeOffset _now = start;
    private long _order;

    /// <summary>Called after each thing that happened: where the invariants of a run are checked.</summary>
    public event Action? Happened;

    /// <summary>When the next thing is due; null when nothing is.</summary>
    public DateTimeOffset? NextDue => _due.TryPeek(out _, out var key) ? key.Due : null;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _now;

    public override long GetTimestamp() => _now.Ticks;

    /// <summary>Has something done after a while, on the thread of the simulation. Zero: after all that is due now.</summary>
    public void After(TimeSpan delay, Action happens) => _due.Enqueue(happens, (_now + delay, _order++));

    /// <summary>Lets the next thing that is due happen, and sets the clock to its time. False when nothing is due any more.</summary>
    public bool Step()
    {
        if (!_due.TryDequeue(out var happens, out var key))
        {
            return false;
        }

        if (key.Due > _now)
        {
            _now = key.Due;
        }

        happens();
        Happened?.Invoke();
        return true;
    }

    /// <summary>Runs until a task has ended, and gives back its result.</summary>
    /// <exception cref="InvalidOperationException">Nothing is due any more and the task has not ended: it waits for something that will never come.</exception>
    public T RunUntil<T>(Task<T> task)
    {
        RunUntil(() => task.IsCompleted);
        return task.GetAwaiter().GetResult();
    }

    /// <summary>Runs until a condition holds.</summary>
    /// <exception cref="InvalidOperationException">Nothing is due any more and it does not hold.</exception>
    public void RunUntil(Func<bool> holds)
    {
        while (!holds())
        {
            if (!Step())
            {
                throw new InvalidOperationException($"At {_now:u} nothing is due any more, and what is waited for has not come.");
            }
        }
    }

    /// <summary>Lets a length of time pass.</summary>
    public void Pass(TimeSpan length)
    {
        var end = _now + length;
        while (NextDue is { } next && next <= end)
        {
            Step();
        }

        _now = end;
    }

    /// <summary>Sets the clock forward to a time at which nothing is due yet: how a simulation that is driven by a real clock follows it.</summary>
    public void AdvanceTo(DateTimeOffset now)
    {
        while (NextDue is { } next && next <= now)
        {
            Step();
        }

        _now = now > _now ? now : _now;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new DueTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class DueTimer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        private int _setting;
        private bool _disposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            // What was set before is still in the queue; it finds that it is not the last setting, and does nothing.
            var setting = ++_setting;
            if (_disposed || dueTime == Timeout.InfiniteTimeSpan)
            {
                return !_disposed;
            }

            time.After(dueTime, () =>
            {
                if (setting != _setting)
                {
                    return;
                }

                if (period > TimeSpan.Zero)
                {
                    Change(period, period);
                }

                callback(state);
            });
            return true;
        }

        public void Dispose()
        {
            _disposed = true;
            _setting++;
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
