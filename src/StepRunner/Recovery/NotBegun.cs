using Stepper.Cluster;
using Stepper.StepRunner.Spawning;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Recovery;

/// <summary>How things stand where a step or a detection stopped before there was a step to work at.</summary>
/// <param name="What">What did not begin, and what that means for what there is: a sentence without its full stop.</param>
/// <param name="GoOn">The command that asks again.</param>
/// <param name="MayTryAgain">Its Job may make another pod.</param>
/// <param name="Flight">Null when no run is in flight, or <paramref name="Unknown"/> says that this could not be read.</param>
/// <param name="Active">The Jobs of the chain that are active, its own left out.</param>
/// <param name="Unknown">What could not be read, each with why.</param>
internal sealed record NotBegun(string What, string GoOn, bool MayTryAgain, InFlight? Flight, IReadOnlyList<string> Active, IReadOnlyList<string> Unknown)
{
    /// <summary>Of a detection, which may have come some way.</summary>
    public static NotBegun Detection { get; } = new("this detection did not come to its end; no node is touched by one", "stepper detect", MayTryAgain: false, null, [], []);

    /// <param name="phase">Null where that is what is wrong.</param>
    /// <param name="host">Where its pod is; null by hand.</param>
    public static NotBegun Step(PhaseName? phase, string? node, string? host, bool mayTryAgain)
    {
        var title = phase is { } known ? $"{known.Text()}{(known is PhaseName.Worker ? $" {node}" : "")}" : "the step";
        var again = phase switch
        {
            PhaseName.Preflight => "stepper start --target X.Y.Z",
            null => "stepper detect",
            PhaseName.Worker => $"stepper --phase worker --node {node}",
            { } other => $"stepper --phase {other.Text()}",
        };
        return new NotBegun($"{title} was not begun{(host is null ? "" : $", its pod is on {host}")}; nothing was changed by it", again, mayTryAgain, null, [], []);
    }
}

/// <summary>Looks at what there is when something was not begun: shortly, and what can't be read is said so.</summary>
internal sealed class NotBegunReader(RunState state, ChainJobs jobs, Wait wait)
{
    /// <param name="ownJob">The uid of the Job whose pod this is; null for none.</param>
    public async Task<NotBegun> ReadAsync(NotBegun what, string? ownJob, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(StandingReader.AtMost, wait.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        var unknown = new List<string>();
        var flight = await StandingReader.TryAsync("the run in flight", unknown, async () => (await state.ReadAsync(both.Token)).InFlight, ct);
        var all = await StandingReader.TryAsync("the Jobs of the chain", unknown, () => jobs.ListAsync(both.Token), ct) ?? [];
        return what with { Flight = flight, Active = [.. all.Where(job => job.State is JobState.Active && job.Uid != ownJob).Select(job => job.Name)], Unknown = unknown };
    }
}
