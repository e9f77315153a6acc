using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Stepper.EndToEnd.Tests;

/// <summary>A query of <c>monitoring/dashboard.json</c>, asked as Grafana asks it.</summary>
internal sealed partial record DashboardQuery(string Panel, string Expression, string Legend, bool IsInstant)
{
    public static IReadOnlyList<DashboardQuery> All { get; } =
    [
        .. JsonNode.Parse(Repository.Read("monitoring/dashboard.json"))!["panels"]!.AsArray().SelectMany(panel => panel!["targets"]!.AsArray().Select(target =>
            new DashboardQuery((string)panel["title"]!, (string)target!["expr"]!, (string)target["legendFormat"]!, (bool)target["instant"]!))),
    ];

    /// <summary>What is not there of what the panel shows: a series, or a label of its legend; null when all is.</summary>
    public async Task<string?> MissingAsync(Monitoring monitoring)
    {
        var series = IsInstant ? await monitoring.SeriesAsync(Expression) : await monitoring.SeriesAsync(Expression, over: TimeSpan.FromMinutes(10));
        if (series.Count == 0)
        {
            return $"{Panel}: {Expression} has no answer";
        }

        var labels = series.SelectMany(each => each!["metric"]!.AsObject()).Select(label => label.Key).ToHashSet(StringComparer.Ordinal);
        return Label().Matches(Legend).Select(match => match.Groups["name"].Value).FirstOrDefault(name => !labels.Contains(name)) is { } absent
            ? $"{Panel}: no series of {Expression} has the label {absent}"
            : null;
    }

    [GeneratedRegex(@"\{\{(?<name>\w+)\}\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Label();
}
