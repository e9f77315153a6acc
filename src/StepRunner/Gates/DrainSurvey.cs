using Stepper.Cluster;
using Stepper.StepRunner.Drain.Forecast;

namespace Stepper.StepRunner.Gates;

/// <summary>What the drains of a run will find, read once for the gates that ask about it.</summary>
internal sealed class DrainSurvey(ForecastReader reader, Wait wait)
{
    // A forecast is worth no more; an API server that is away is waited for by those who need it.
    private static readonly TimeSpan AtMost = TimeSpan.FromMinutes(2);

    private (GateFacts Facts, ClusterPicture Picture)? _last;

    /// <summary>The workers that the run will drain.</summary>
    public static IReadOnlyList<string> Drained(GateFacts facts) =>
        [.. facts.Nodes.Where(node => !node.IsControlPlane && node.Kubelet < facts.Step.Target).Select(node => node.Name)];

    /// <summary>Asks with a limit of time, of which the survey is a part.</summary>
    /// <exception cref="SourceException">It could not be asked, or not in time.</exception>
    public Task<T> AskAsync<T>(GateFacts facts, Func<ClusterPicture, CancellationToken, Task<T>> ask, CancellationToken ct) => wait.WithinAsync(
        AtMost,
        async limit => await ask(await OfAsync(facts, limit), limit),
        late => new SourceException($"the forecast was not ready within {AtMost.TotalMinutes:0} min", late),
        ct);

    private async Task<ClusterPicture> OfAsync(GateFacts facts, CancellationToken ct)
    {
        if (_last is not { } last || !ReferenceEquals(last.Facts, facts))
        {
            _last = last = (facts, await reader.ReadAsync(facts.Nodes, Drained(facts).ToHashSet(StringComparer.Ordinal), ct));
        }

        return last.Picture;
    }
}
