namespace Stepper.Cluster;

/// <summary>Lets time pass, and asks again until something outside is so. What can be watched is watched instead (<see cref="Kubernetes.KubeApi"/>).</summary>
public sealed class Wait(TimeProvider time)
{
    public TimeProvider Time => time;

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Lets a length of time pass.</summary>
    public async Task ForAsync(TimeSpan length, CancellationToken ct)
    {
        // Not Task.Delay: when it is cancelled it goes on in the thread pool, and a run in virtual time has one thread.
        var over = new TaskCompletionSource();
        using var timer = time.CreateTimer(_ => over.TrySetResult(), null, length, Timeout.InfiniteTimeSpan);
        using var stop = ct.UnsafeRegister((_, token) => over.TrySetCanceled(token), null);
        await over.Task;
    }

    /// <summary>Does something under a limit of time.</summary>
    /// <param name="late">What it ends in when the time is over before it is done.</param>
    public async Task<T> WithinAsync<T>(TimeSpan atMost, Func<CancellationToken, Task<T>> work, Func<OperationCanceledException, Exception> late, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(atMost, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            return await work(both.Token);
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw late(e);
        }
    }

    /// <summary>Asks a source again when it fails, so many times in all; the last failure is the caller's.</summary>
    public async Task<T> TryAsync<T>(int times, TimeSpan between, Func<Task<T>> ask, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ask();
            }
            catch (SourceException) when (attempt < times)
            {
                await ForAsync(between, ct);
            }
        }
    }

    /// <summary>Asks at once and then every <paramref name="every"/>, until there is nothing missing or the time is over.</summary>
    /// <param name="atMost">How long to go on asking; the question is always asked once.</param>
    /// <param name="every">How long to wait between two questions.</param>
    /// <param name="missing">Asks once; null when there is nothing more to wait for, else what is still missing.</param>
    /// <returns>Null when it came true in time, else what was missing at the last question.</returns>
    public async Task<string?> UntilAsync(TimeSpan atMost, TimeSpan every, Func<CancellationToken, Task<string?>> missing, CancellationToken ct)
    {
        var deadline = Now + atMost;
        while (await missing(ct) is { } still)
        {
            if (Now + every > deadline)
            {
                return still;
            }

            await ForAsync(every, ct);
        }

        return null;
    }
}
