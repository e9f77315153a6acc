using Stepper.Cluster;
using Stepper.Cluster.NodeShell;

namespace Stepper.StepRunner.State;

/// <summary>
/// Asks the node that a step works on, and again while it can't be reached: its connection may have been cut, or it may be on its way up. Not for nodes that
/// may be dead, on which nothing waits.
/// </summary>
internal sealed class Reach(Wait wait, Action<string> say)
{
    public static readonly TimeSpan AtMost = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SaidEvery = TimeSpan.FromSeconds(30);

    /// <param name="ask">Must be safe to ask twice.</param>
    /// <exception cref="ShellException">It was not reached in all that time, or was and won't answer: a wrong host key, a refused login.</exception>
    public async Task<T> AskAsync<T>(string node, Func<Task<T>> ask, CancellationToken ct)
    {
        var since = wait.Now;
        DateTimeOffset? said = null;
        while (true)
        {
            try
            {
                var answer = await ask();
                if (said is not null)
                {
                    say($"{node} is reached again after {(wait.Now - since).TotalSeconds:0} s");
                }

                return answer;
            }
            catch (ShellException e) when (e.MayPass && wait.Now - since < AtMost)
            {
                if (said is null || wait.Now - said >= SaidEvery)
                {
                    said = wait.Now;
                    say($"{node} has not been reached for {(wait.Now - since).TotalSeconds:0} s ({e.Message}); asked again for up to {AtMost.TotalMinutes:0} min");
                }

                await wait.ForAsync(BetweenTries, ct);
            }
        }
    }
}
