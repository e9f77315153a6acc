using System.Globalization;

namespace Stepper.StepRunner.Drain.Forecast;

/// <summary>How much of a forecast came so.</summary>
/// <param name="AsForecast">Pods that were held up, or not, and whose successor found room, or none, as it was told.</param>
/// <param name="Told">Pods of which both was told.</param>
/// <param name="Untold">Pods of which it could not be told whether they find room.</param>
internal sealed record ForecastTally(int AsForecast, int Told, int Untold)
{
    /// <summary>Compares. Pods of one controller, or under one budget, stand for each other: of three it is told how many, and not which.</summary>
    /// <param name="unscheduled">How many pods of a controller the scheduler finds no node for after the drain; by its uid.</param>
    public static ForecastTally Of(DrainForecast forecast, DrainReport report, IReadOnlyDictionary<string, int> unscheduled)
    {
        var wrong = new HashSet<string>(StringComparer.Ordinal);
        foreach (var group in forecast.Budgets)
        {
            List<string> held = [.. group.Pods.Select(pod => pod.Name).Where(report.WereBlocked.Contains)];
            var others = group.Pods.Select(pod => pod.Name).Except(held, StringComparer.Ordinal);
            wrong.UnionWith(held.Count > group.Blocked ? held.Take(held.Count - group.Blocked) : others.Take(group.Blocked - held.Count));
        }

        wrong.UnionWith(forecast.Pods.Except(forecast.Budgets.SelectMany(group => group.Pods).Select(pod => pod.Name), StringComparer.Ordinal).Where(report.WereBlocked.Contains));
        foreach (var workload in forecast.Room.Workloads)
        {
            var without = Math.Max(0, unscheduled.GetValueOrDefault(workload.Uid) - forecast.UnscheduledBefore.GetValueOrDefault(workload.Uid));
            wrong.UnionWith(workload.Names.Take(Math.Max(Least(workload) - without, without - workload.Homeless - workload.Untold)));
        }

        wrong.ExceptWith(forecast.Room.Workloads.Where(workload => workload.Untold == workload.Pods).SelectMany(workload => workload.Names));
        var told = forecast.Pods.Count - forecast.Room.Untold;
        return new ForecastTally(Math.Max(0, told - wrong.Count), told, forecast.Room.Untold);
    }

    // A StatefulSet starts one after the other: the first that finds no room keeps the rest from being tried.
    private static int Least(WorkloadRoom workload) => workload.Workload.StartsWith("StatefulSet ", StringComparison.Ordinal) ? Math.Min(1, workload.Homeless) : workload.Homeless;

    /// <summary>Null where there is none.</summary>
    public static ForecastTally? Sum(IEnumerable<ForecastTally> tallies) => tallies.Aggregate(
        (ForecastTally?)null, (sum, next) => sum is null ? next : new ForecastTally(sum.AsForecast + next.AsForecast, sum.Told + next.Told, sum.Untold + next.Untold));

    /// <summary>As it is kept on a node.</summary>
    /// <param name="run">Of which it is; without a space.</param>
    public string Text(string run) => string.Create(CultureInfo.InvariantCulture, $"{run} {AsForecast} {Told} {Untold}");

    /// <summary>Null when it is of another run, or is none: a figure that can't be read is left out, and fails nothing.</summary>
    public static ForecastTally? Read(string? text, string run) => text?.Split(' ') is [var of, var right, var told, var untold] && of == run
        && int.TryParse(right, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
        && int.TryParse(told, NumberStyles.None, CultureInfo.InvariantCulture, out var second)
        && int.TryParse(untold, NumberStyles.None, CultureInfo.InvariantCulture, out var third)
            ? new ForecastTally(first, second, third)
            : null;

    public string InWords() => $"{AsForecast} of {Told} pods as forecast" + (Untold > 0 ? $", {Untold} could not be told" : "");
}
