using System.Globalization;
using Stepper.Cluster;
using Stepper.StepRunner.Drain.Forecast;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Gates;

/// <summary>
/// The pods that each worker's drain evicts find room on the nodes that stay, each drain taken by itself from how the cluster is now. Of how many that can't be
/// told is said too. A warning, or an abort by setting <c>capacity</c>, which then is closed when it can't be asked.
/// </summary>
internal sealed class CapacityGate(DrainSurvey survey, Consequence consequence) : IGate
{
    private const int NodesNamed = 10;

    public string Condition => "the pods that a drain evicts to find room on the other nodes";

    public string Show => "kubectl describe nodes | grep -A 9 'Allocated resources'";

    public async Task<Verdict> CheckAsync(GateFacts facts, CancellationToken ct)
    {
        try
        {
            return await survey.AskAsync(facts, (picture, _) => Task.FromResult(Verdict.Of(Findings(picture, DrainSurvey.Drained(facts)))), ct);
        }
        catch (SourceException e) when (consequence is Consequence.Warn)
        {
            return Verdict.Of(Finding.Warns($"whether evicted pods find room can't be told: {e.Message}", Show));
        }
    }

    private IEnumerable<Finding> Findings(ClusterPicture picture, IReadOnlyList<string> drained)
    {
        List<NodeRoom> rooms = [.. drained.Select(node => RoomForecast.Of(picture, node))];
        List<NodeRoom> full = [.. rooms.Where(room => room.Homeless > 0)];
        foreach (var room in full.Take(NodesNamed))
        {
            yield return Of(room.InWords(), $"kubectl describe node {room.Node}");
        }

        if (full.Count > NodesNamed)
        {
            yield return Of($"and so it is with {full.Count - NodesNamed} more nodes: {string.Join(", ", full.Skip(NodesNamed).Take(NodesNamed).Select(room => room.Node))}", Show);
        }

        if (Untold(rooms) is { } untold)
        {
            yield return Finding.Warns(untold, Show);
        }
    }

    private Finding Of(string seen, string show) => consequence is Consequence.Abort ? Finding.Aborts(seen, show) : Finding.Warns(seen, show);

    // The share that a forecast knows nothing of, and what is at play.
    private static string? Untold(IReadOnlyList<NodeRoom> rooms)
    {
        var (untold, all) = (rooms.Sum(room => room.Untold), rooms.Sum(room => room.Pods));
        var causes = rooms.SelectMany(room => room.Workloads).Where(workload => workload is { Untold: > 0, Homeless: 0 })
            .GroupBy(workload => workload.Why, StringComparer.Ordinal).Select(group => (Why: group.Key, Pods: group.Sum(workload => workload.Untold)))
            .OrderByDescending(cause => cause.Pods).ThenBy(cause => cause.Why, StringComparer.Ordinal).Select(cause => $"{cause.Why} {cause.Pods}");
        return untold == 0 ? null : string.Create(
            CultureInfo.InvariantCulture, $"of {untold} of {all} pods ({100.0 * untold / all:0} %) it can't be told whether they find room, because more is at play: {string.Join(", ", causes)}");
    }
}
