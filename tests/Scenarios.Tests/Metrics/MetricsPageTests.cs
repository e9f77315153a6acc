using Stepper.Cluster.Monitoring;
using Stepper.Simulation.Monitoring;

namespace Stepper.Scenarios.Tests.Metrics;

/// <summary>docs/metrics.md is what operators write alerts by: held against the code, and against what a whole run really pushes.</summary>
public sealed class MetricsPageTests : ScenarioTests
{
    private static readonly IReadOnlyList<Row> Page = [.. File.ReadLines("metrics.md").Where(line => line.StartsWith("| `k8s_", StringComparison.Ordinal)).Select(Read)];

    [Fact]
    public void ThePageHasEveryMetricOfTheCodeAndNoOther() =>
        Page.Select(row => (row.Metric, row.Type)).Order().ShouldBe(Stepper.Cluster.Monitoring.Metrics.All.Select(metric => (metric.Name, Metric.Type)).Order());

    [Fact]
    public void WhatARunPushesHasTheLabelsAndGroupsOfThePage()
    {
        var chain = Begin(settings: "soak: 1m");
        var pushed = new Dictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        chain.Detect();
        Note(chain, pushed);
        chain.RunUntilSaid("Job k8s-upgrade-postflight-1-34-7 made");
        Note(chain, pushed);
        chain.RunToRest();
        Note(chain, pushed);
        chain.Detect();
        Note(chain, pushed);

        chain.MustBeComplete();
        pushed.OrderBy(metric => metric.Key, StringComparer.Ordinal).Select(metric => $"{metric.Key}: {string.Join(" or ", metric.Value)}")
            .ShouldBe(Page.OrderBy(row => row.Metric, StringComparer.Ordinal).Select(row => $"{row.Metric}: {row.Job} {{{string.Join(',', row.Labels)}}}"));
    }

    [Fact]
    public void TheStatesOfNodesAreThoseOfThePage()
    {
        var chain = Begin(settings: "soak: 1m");
        chain.Start();
        chain.RunUntilSaid("k8s-node4 cordoned");

        var states = Samples(chain).Where(sample => sample.Sample.Name == "k8s_upgrade_nodes").Select(sample => sample.Sample.Labels["state"]).ToList();

        states.Count.ShouldBe(3);
        states.ShouldAllBe(state => File.ReadAllText("metrics.md").Contains($"`{state}`", StringComparison.Ordinal));
    }

    private static void Note(Scenario chain, Dictionary<string, SortedSet<string>> pushed)
    {
        foreach (var (job, labels, sample) in Samples(chain))
        {
            pushed.TryAdd(sample.Name, new SortedSet<string>(StringComparer.Ordinal));
            pushed[sample.Name].Add($"{job} {{{string.Join(',', labels.Concat(sample.Labels.Keys).Order(StringComparer.Ordinal))}}}");
        }
    }

    private static IEnumerable<(string Job, IEnumerable<string> Labels, PushedSample Sample)> Samples(Scenario chain) =>
        from item in chain.Cluster.Pushgateway.Groups.Values
        from sample in item.Samples
        select (item.Labels["job"], item.Labels.Keys.Where(label => label != "job"), sample);

    private static Row Read(string line)
    {
        var cells = line.Split('|', StringSplitOptions.TrimEntries);
        return new Row(Name(cells[1]), cells[2], [.. cells[3].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Name).Order(StringComparer.Ordinal)], Name(cells[4]));
    }

    private static string Name(string cell) => cell.Trim('`');

    private sealed record Row(string Metric, string Type, IReadOnlyList<string> Labels, string Job);
}
