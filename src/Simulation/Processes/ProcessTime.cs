namespace Stepper.Simulation.Processes;

/// <summary>The clock of the simulation as one process sees it: its timers end with it.</summary>
/// <param name="skew">How far this process' host's clock is ahead.</param>
internal sealed class ProcessTime(VirtualTime time, SimulatedProcess process, TimeSpan skew) : TimeProvider
{
    public override long TimestampFrequency => time.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + skew;

    public override long GetTimestamp() => time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(
            passed =>
            {
                if (!process.IsOver)
                {
                    callback(passed);
                }
            },
            state,
            dueTime,
            period);
}
