using Stepper.Cluster;

namespace Stepper.Simulation.Tests;

public sealed class VirtualTimeTests
{
    private readonly VirtualTime _time = new(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public void ThingsHappenInTheOrderOfTheirTimesAndThenOfTheirArrival()
    {
        List<string> happened = [];
        _time.After(TimeSpan.FromMinutes(2), () => happened.Add("third"));
        _time.After(TimeSpan.FromMinutes(1), () => happened.Add("first"));
        _time.After(TimeSpan.FromMinutes(1), () => happened.Add("second"));

        _time.Pass(TimeSpan.FromHours(1));

        happened.ShouldBe(["first", "second", "third"]);
    }

    [Fact]
    public void ADelayOfHoursTakesNoTimeAndStaysOnThisThread()
    {
        var thread = Environment.CurrentManagedThreadId;

        var woken = _time.RunUntil(WaitAsync());

        woken.ShouldBe((thread, new DateTimeOffset(2026, 11, 22, 15, 0, 0, TimeSpan.Zero)));

        async Task<(int, DateTimeOffset)> WaitAsync()
        {
            await new Wait(_time).ForAsync(TimeSpan.FromHours(3), CancellationToken.None);
            return (Environment.CurrentManagedThreadId, _time.GetUtcNow());
        }
    }

    [Fact]
    public void ATimeLimitEndsAWait()
    {
        _time.RunUntil(WaitAsync()).ShouldBe(TimeSpan.FromSeconds(30));

        async Task<TimeSpan> WaitAsync()
        {
            var start = _time.GetUtcNow();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30), _time);
            try
            {
                await new Wait(_time).ForAsync(TimeSpan.FromHours(3), limit.Token);
            }
            catch (OperationCanceledException)
            {
                return _time.GetUtcNow() - start;
            }

            return TimeSpan.MaxValue;
        }
    }

    [Fact]
    public void WaitingForWhatNeverComesIsAnErrorAndNoHang() =>
        Should.Throw<InvalidOperationException>(() => _time.RunUntil(() => false));
}
