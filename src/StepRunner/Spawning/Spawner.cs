using Stepper.Cluster;
using Stepper.Cluster.Nodes;

namespace Stepper.StepRunner.Spawning;

/// <summary>
/// Makes the Job of a step, exactly once, on a node that can run it: reads the Job of that name, decides, creates, and waits until its pod has a node.
/// A create is a POST; server-side apply says 200 over a Job that is being deleted, and the Job is then gone (measured).
/// </summary>
internal sealed class Spawner(ChainJobs jobs, StepJob stepJob, HostRoom room, Wait wait, Action<string> say)
{
    // The best one, and once the next.
    private const int HostsTried = 2;
    private static readonly TimeSpan GoneWithin = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ScheduledWithin = TimeSpan.FromSeconds(60);

    /// <summary>Makes sure that the step's Job is there and runs somewhere.</summary>
    /// <param name="best">The first choice of <see cref="Chain.BestHost"/>.</param>
    /// <param name="nodes">The live nodes.</param>
    /// <param name="done">The names of those that are done.</param>
    /// <param name="known">The Jobs of the chains, as they were just read; null where they were not.</param>
    /// <returns>What was done, as a line for a person.</returns>
    /// <exception cref="AbortException">No node is fit, the name is taken by something else, or nobody can run it.</exception>
    public async Task<string> SpawnAsync(
        Step step, SpawnedBy by, string? best, IReadOnlyList<ClusterNode> nodes, IReadOnlySet<string> done, CancellationToken ct, IReadOnlyList<ChainJob>? known = null)
    {
        // A step that is pinned to no node is scheduled like any pod; it gets one try.
        IReadOnlyList<ClusterNode?> hosts = best is null ? [null] : [.. Placement.Hosts(step, best, nodes, done)];
        var full = new List<string>();
        var failures = new List<string>();
        foreach (var host in hosts)
        {
            // Looked at one by one, since the first is nearly always fit.
            if (host is not null && await room.WhyNotAsync(host, ct) is { } lack)
            {
                full.Add($"{host.Name}: {lack}");
                continue;
            }

            if (host?.Name != best && failures.Count == 0)
            {
                say($"{step.Title} runs on {host?.Name}: {best} is not fit to run it");
            }

            var (line, mine) = await MakeAsync(step, by, host, known, ct);
            known = null;
            if (mine is null || await jobs.WhyNotScheduledAsync(mine, ScheduledWithin, ct) is not { } words)
            {
                return line;
            }

            failures.Add($"{(host is null ? "on any node" : $"on {host.Name}")}: {words}");
            say($"Job {mine.Name} found no node within {ScheduledWithin.TotalSeconds:0} s ({words}); it is taken away again");
            await jobs.DeleteAsync(mine, ct);
            if (failures.Count == HostsTried)
            {
                break;
            }
        }

        throw new AbortException($"{step.Title} was not begun: " + (failures.Count == 0
            ? $"no node is fit to run its pod. {string.Join("; ", Unfit(step, nodes, done).Concat(full))}"
            : $"nobody can run its Job {JobName.Of(step)}. {string.Join(" ", failures)}"));
    }

    private static IEnumerable<string> Unfit(Step step, IReadOnlyList<ClusterNode> nodes, IReadOnlySet<string> done) =>
        from node in nodes
        let why = Placement.WhyNot(node, step, done)
        where why is not null
        select $"{node.Name}: {why}";

    // The line to say, and the Job where it is of this run and active, so that its pod is to be waited for.
    private async Task<(string Line, ChainJob? Mine)> MakeAsync(Step step, SpawnedBy by, ClusterNode? host, IReadOnlyList<ChainJob>? known, CancellationToken ct)
    {
        var name = JobName.Of(step);
        var deadline = wait.Now + GoneWithin;
        while (true)
        {
            var found = known is null ? await jobs.FindAsync(name, ct) : known.FirstOrDefault(job => job.Name == name);
            known = null;
            var decision = JobDecision.About(found, step, by);
            switch (decision.Action)
            {
                case JobAction.Make when await jobs.TryCreateAsync(stepJob.Render(step, host), ct) is { } made:
                    return ($"Job {name} made{(host is null ? "" : $", on {host.Name}")}", made);
                case JobAction.Make:
                    // Somebody was faster, or this is our own unanswered attempt: decide again by what is there now.
                    continue;
                case JobAction.LeaveAlone:
                    return (decision.Why, found!.State == JobState.Active && found.Run == step.Run ? found : null);
                case JobAction.Abort:
                    throw new AbortException($"{step.Title} was not begun: {decision.Why}");
                case JobAction.DeleteFirst:
                    say(decision.Why);
                    await jobs.DeleteAsync(found!, ct);
                    break;
            }

            if (!await jobs.IsGoneAsync(found!, deadline - wait.Now, ct))
            {
                throw new AbortException($"{step.Title} was not begun: Job {name} is still being deleted after {GoneWithin.TotalMinutes:0} min; see what holds it: kubectl get job {name} -o yaml");
            }
        }
    }
}
