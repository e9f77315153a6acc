using System.Text.RegularExpressions;
using Stepper.Cluster.Monitoring;

namespace Stepper.Repository.Tests.Monitoring;

/// <summary>The alert rules, by Prometheus' own tool and by what operators were promised.</summary>
public sealed partial class AlertRuleTests
{
    public static TheoryData<string> Alerts => [.. AlertRule.Names];

    [Fact]
    public Task PromtoolTakesTheRules() => Promtool.MustPassAsync("check", "rules", WorkTree.PathOf(AlertRule.File));

    [Theory]
    [MemberData(nameof(Alerts))]
    public Task EachRuleFiresWhenItMustAndOnlyThen(string alert) => Promtool.MustPassAsync("test", "rules", WorkTree.PathOf(Rule(alert).TestFile));

    [Fact]
    public void NamesTimesAndSeveritiesAreThoseThatOperatorsWerePromised() => AlertRule.All.Select(rule => $"{rule.Name} {rule.For} {rule.Labels["severity"]}".Replace("  ", " ", StringComparison.Ordinal)).ShouldBe(
        [
            "K8sVersionSkew 30m warning",
            "EtcdPreUpgradeSnapshotMissing 15m critical",
            "K8sUpgradeStalled 5m critical",
            "K8sUpgradeChainJobFailed 15m warning",
            "K8sUpgradeBlocked 10m warning",
            "RecentNodeReboot info",
            "K8sUpgradeInFlight info",
        ],
        ignoreOrder: true);

    // By this name the chain's own alert gate knows them.
    [Fact]
    public void AllAreInTheOneGroup() => AlertRule.All.ShouldAllBe(rule => rule.Group == "Upgrade Gates");

    [Theory]
    [MemberData(nameof(Alerts))]
    public void EachSaysWhatItMeansWhatToRunAndWhereMoreIsWritten(string alert)
    {
        var annotations = Rule(alert).Annotations;

        annotations.Keys.ShouldBe(["summary", "description", "command", "runbook"]);
        annotations.Values.ShouldAllBe(text => text.Length > 0);
        annotations["runbook"].ShouldBe($"docs/monitoring.md#{alert.ToLowerInvariant()}");
        WorkTree.Read("docs/monitoring.md").ShouldContain($"\n### {alert}\n");
        foreach (Match verb in Verb().Matches(annotations["command"]))
        {
            File.Exists(WorkTree.PathOf($"tests/StepRunner.Tests/Commands/Golden/{verb.Groups["verb"].Value}.txt")).ShouldBeTrue($"{verb.Value} is no verb of stepper's");
        }
    }

    [Theory]
    [MemberData(nameof(Alerts))]
    public void EachReadsWhatStepperPushesOrAnExporterThatTheDocumentationNames(string alert) => Promql.MetricsOf(Rule(alert).Expression).Where(name => !KnownSeries.IsKnown(name)).ShouldBeEmpty();

    [Fact]
    public void AnExpressionsMetricsAreFound() => AlertRule.All.SelectMany(rule => Promql.MetricsOf(rule.Expression)).Distinct(StringComparer.Ordinal).ShouldBe(
        [
            Metrics.InFlight.Name, Metrics.LastProgress.Name, Metrics.Started.Name, Metrics.Parked.Name, Metrics.SnapshotTaken.Name, Metrics.LastSuccess.Name, Metrics.Blocked.Name,
            "kube_job_status_active", "kube_job_failed", "kube_job_created", "kube_node_info", "kubernetes_build_info", "node_boot_time_seconds",
        ],
        ignoreOrder: true);

    private static AlertRule Rule(string alert) => AlertRule.Named(alert);

    [GeneratedRegex(@"\bstepper (?<verb>[a-z-]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Verb();
}
