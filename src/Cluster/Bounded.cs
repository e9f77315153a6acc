using System.Collections.Concurrent;

namespace Stepper.Cluster;

/// <summary>
/// Does many things, so many at a time. Not <c>Parallel</c> and not <c>SemaphoreSlim</c>: both go on in the thread pool, and a run in virtual time
/// has one thread.
/// </summary>
public static class Bounded
{
    /// <summary>Results stand in the order of the items. The first exception ends the call once what is under way has ended.</summary>
    public static async Task<IReadOnlyList<TResult>> SelectAsync<T, TResult>(IReadOnlyList<T> items, int atOnce, Func<T, Task<TResult>> work)
    {
        var results = new TResult[items.Count];
        var waiting = new ConcurrentQueue<int>(Enumerable.Range(0, items.Count));
        await Task.WhenAll(Enumerable.Range(0, Math.Min(atOnce, items.Count)).Select(_ => WorkAsync()));
        return results;

        async Task WorkAsync()
        {
            while (waiting.TryDequeue(out var index))
            {
                results[index] = await work(items[index]);
            }
        }
    }
}
