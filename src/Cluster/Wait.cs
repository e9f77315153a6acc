namespace Stepper.Cluster;

/// <summary>Lets time pass, and asks again until something outside is so. What can be watched is watched instead (<see cref="Kubernetes.KubeApi"/>).</summary>
public sealed class Wait(TimeProvider time)
{
    public TimeProvider Time => time;

    public DateTimeOffset Now => time.GetUtcNow();

    public Task ForAsync(TimeSpan length, CancellationToken ct) => Task.Delay(length, time, ct);

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
