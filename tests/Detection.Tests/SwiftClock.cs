namespace Stepper.Detection.Tests;

/// <summary>The machine's clock, whose timers are due so many times earlier: for what has to wait while real sockets are asked.</summary>
internal sealed class SwiftClock(int times) : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime / times : dueTime, period);
}
