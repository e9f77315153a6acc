using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.StepRunner.Drain;

/// <summary>
/// What makes a drain go: it wakes when the watch on the node's pods tells of a change, when a request is answered, or when something is due; takes in what
/// there is, and asks for what can be asked. Requests run beside it and only give back an answer, so nobody but the loop touches the state.
/// </summary>
internal sealed class DrainLoop(KubeApi api, Wait wait, Action<string> say, DrainOptions options, DrainState state, DaemonSets daemonSets)
{
    private static readonly TimeSpan SaidEvery = TimeSpan.FromSeconds(30);

    private readonly PodEnding _ending = new(api, wait, options);
    private readonly List<Task<PodAnswer>> _asked = [];
    private DateTimeOffset _sayNext = wait.Now + SaidEvery;

    /// <param name="stop">Its token ends the loop; the loop cancels it at its own end, so that nothing of it goes on.</param>
    public async Task RunAsync(string node, GoneCount milestones, CancellationTokenSource stop)
    {
        var ct = stop.Token;
        await using var pods = api.ObserveAsync(Resources.Pods, null, new KubeQuery(Fields: $"spec.nodeName={node}"), ct).GetAsyncEnumerator(ct);
        var change = pods.MoveNextAsync().AsTask();
        try
        {
            while (!state.IsOver)
            {
                await AnyAsync(change);
                ct.ThrowIfCancellationRequested();
                if (change.IsCompleted)
                {
                    await change;
                    await SeeAsync(pods.Current, ct);
                    change = pods.MoveNextAsync().AsTask();
                }

                await TakeAnswersAsync();
                AskForWhatIsDue(ct);
                SayHowFarItIs();
                await milestones.ReachAsync(state.Gone);
            }

            await milestones.EndAsync(state.Gone);
        }
        finally
        {
            // How these end is not looked at: what there was to know is known, or an exception is on its way.
            stop.Cancel();
            await Task.WhenAny(Task.WhenAll([change, milestones.Telling, .. _asked]));
            TakeLastAnswers();
        }
    }

    private async Task SeeAsync(IReadOnlyDictionary<string, Pod> there, CancellationToken ct)
    {
        state.See(there, new DrainFacts(await daemonSets.OfAsync(there.Values, ct), options.OwnPod), wait.Now);
    }

    private async Task TakeAnswersAsync()
    {
        foreach (var answered in _asked.Where(request => request.IsCompleted).ToList())
        {
            _asked.Remove(answered);
            if (state.Take(await answered, wait.Now) is { } line)
            {
                say(line);
            }
        }
    }

    // What was answered just before the end belongs into the report too.
    private void TakeLastAnswers()
    {
        foreach (var answered in _asked.Where(request => request.IsCompletedSuccessfully))
        {
            state.Take(answered.Result, wait.Now);
        }
    }

    private void AskForWhatIsDue(CancellationToken ct)
    {
        foreach (var pod in state.TakeDue(options.Parallel - _asked.Count, wait.Now))
        {
            _asked.Add(_ending.AskAsync(pod.Pod, pod.IsPushed, ct));
        }
    }

    private void SayHowFarItIs()
    {
        if (wait.Now < _sayNext)
        {
            return;
        }

        _sayNext = wait.Now + SaidEvery;
        foreach (var line in state.InWords(wait.Now))
        {
            say(line);
        }
    }

    // Until the watch tells of a change, a request is answered, a report is due, or a pod is to be asked for and there is room for it.
    private async Task AnyAsync(Task change)
    {
        var nextAsk = _asked.Count < options.Parallel ? state.NextAsk : null;
        var until = nextAsk < _sayNext ? nextAsk.Value : _sayNext;
        var due = new TaskCompletionSource();
        using var timer = wait.Time.CreateTimer(_ => due.TrySetResult(), null, until > wait.Now ? until - wait.Now : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        await Task.WhenAny([change, due.Task, .. _asked]);
    }
}
