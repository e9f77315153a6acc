using Stepper.Simulation;

namespace Stepper.Cluster.Tests;

/// <summary>What a test of a service outside needs: answers written down, and a clock that stands still.</summary>
public sealed class OutsideWorld(DateTimeOffset now)
{
    private readonly VirtualTime _time = new(now);

    public CannedWeb Web { get; } = new();

    public DateTimeOffset Now => _time.GetUtcNow();

    public Wait Wait => new(_time);

    public HttpClient Http() => new(Web, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };

    public T Run<T>(Task<T> task) => _time.RunUntil(task);

    /// <summary>How a call fails, in its own words.</summary>
    /// <returns>Null when it does not.</returns>
    public string? Failure(Func<Task> call)
    {
        return _time.RunUntil(TryAsync());

        async Task<string?> TryAsync()
        {
            try
            {
                await call();
                return null;
            }
            catch (SourceException e)
            {
                return e.Message;
            }
        }
    }
}
