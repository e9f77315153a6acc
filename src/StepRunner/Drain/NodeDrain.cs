using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;

namespace Stepper.StepRunner.Drain;

/// <summary>
/// Empties a node that the caller has cordoned: what can go is evicted, what must stay is left, what is blocked is waited for and reported, and each pod
/// is waited for until it is gone. Remembers nothing between two runs: to go on after an interruption, run it again.
/// </summary>
/// <param name="say">Gets a line for a person every half a minute, when a pod is blocked for good or deleted past its budget, and of how far it got when it is stopped.</param>
/// <param name="daemonSets">What is known of them already; null: nothing.</param>
internal sealed class NodeDrain(KubeApi api, Wait wait, Action<string> say, DrainOptions options, DaemonSets? daemonSets = null)
{
    /// <param name="milestone">Told the number of pods that are gone, each time ten more are; one call at a time. The drain goes on meanwhile.</param>
    /// <returns>What became of each pod; also when the time was over before all were gone, which is no exception.</returns>
    /// <exception cref="OperationCanceledException">Told to stop by <paramref name="ct"/>.</exception>
    /// <exception cref="SourceException">The API server was away for too long, or refused to list.</exception>
    public async Task<DrainReport> RunAsync(string node, Func<int, Task>? milestone, CancellationToken ct)
    {
        using var over = new CancellationTokenSource(options.Timeout, wait.Time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, over.Token);
        var state = new DrainState(node, wait.Now);
        try
        {
            await new DrainLoop(api, wait, line => say($"{node}: {line}"), options, state, daemonSets ?? new DaemonSets(api)).RunAsync(node, new GoneCount(milestone), stop);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            // The time is over, which is an answer: the report says what is left.
        }
        catch (Exception e) when (e is OperationCanceledException or SourceException)
        {
            // Whoever goes on from here, a next try or a person, is to know what was done.
            say($"the drain was stopped: {state.Report(wait.Now).InWords().Replace("\n", "; ", StringComparison.Ordinal)}");
            throw;
        }

        return state.Report(wait.Now);
    }
}
