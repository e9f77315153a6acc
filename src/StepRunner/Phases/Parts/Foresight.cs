using Stepper.Cluster;
using Stepper.Cluster.Nodes;
using Stepper.StepRunner.Drain;
using Stepper.StepRunner.Drain.Forecast;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>
/// Says before a worker is cordoned what its drain is going to meet, and afterwards how much of that came so. It is only said: what can't be told, or not in
/// time, keeps no step from going on.
/// </summary>
internal sealed class Foresight(ForecastReader reader, Annotations names, BudgetMode budgets, Messenger messenger, Wait wait, Action<string> say)
{
    private static readonly TimeSpan AtMost = TimeSpan.FromMinutes(1);

    /// <param name="nodes">As they are now.</param>
    /// <returns>Null when it can't be told.</returns>
    public Task<DrainForecast?> BeforeAsync(Step step, ClusterNode node, IReadOnlyList<ClusterNode> nodes, CancellationToken ct) => TryAsync($"no forecast for the drain of {node.Name}", async limit =>
    {
        var forecast = DrainForecast.Of(await reader.ReadAsync(nodes, node, limit), node.Name);
        say($"forecast: {forecast.InWords(budgets)}");
        if (forecast.IsBad(budgets))
        {
            await messenger.SendAsync(step, $"Warning, before the cordon. {forecast.InWords(budgets)}", limit);
        }

        return forecast;
    }, ct);

    /// <summary>While the node is still cordoned: what has no node now has stayed without one.</summary>
    /// <param name="forecast">Null where there was none.</param>
    /// <returns>What is to be written on the node.</returns>
    public async Task<IReadOnlyList<Note>> AfterAsync(Step step, DrainForecast? forecast, DrainReport drained, CancellationToken ct)
    {
        // A second try finds what the first has left over; what that found is kept.
        if (forecast is not { Pods.Count: > 0 })
        {
            return [];
        }

        var compared = await TryAsync($"the forecast for the drain of {forecast.Node} can't be compared with what came", async limit =>
        {
            var tally = ForecastTally.Of(forecast, drained, await reader.UnscheduledAsync(limit));
            say($"forecast: {forecast.Node}: {tally.InWords()}");
            return new Note(names.Forecast, tally.Text($"{step.Run}"));
        }, ct);
        return compared is null ? [] : [compared];
    }

    private async Task<T?> TryAsync<T>(string otherwise, Func<CancellationToken, Task<T>> work, CancellationToken ct)
        where T : class
    {
        try
        {
            return await wait.WithinAsync(AtMost, work, late => new SourceException($"not within {AtMost.TotalSeconds:0} s", late), ct);
        }
        catch (SourceException e)
        {
            say($"warning: {otherwise}: {e.Message}");
            return null;
        }
    }
}
