using System.Text.Json.Nodes;

namespace Stepper.Repository.Tests.Monitoring;

/// <summary>The dashboard's form. What its queries answer is asked of a real Prometheus, by the end-to-end tests.</summary>
public sealed class DashboardTests
{
    private const string Datasource = "${datasource}";

    // Grafana's last version of this form; newer Grafanas take it as it is.
    [Fact]
    public void ItIsOfGrafanasCurrentSchema() => ((int)Dashboard.Whole["schemaVersion"]!).ShouldBe(42);

    [Fact]
    public void ItIsNobodysYet()
    {
        Dashboard.Whole["id"].ShouldBeNull();
        Dashboard.Whole["uid"].ShouldBeNull();
    }

    [Fact]
    public void WhichPrometheusIsChosenAtItsTop()
    {
        var variable = Dashboard.Whole["templating"]!["list"]!.AsArray().ShouldHaveSingleItem()!;

        ((string)variable["type"]!).ShouldBe("datasource");
        ((string)variable["query"]!).ShouldBe("prometheus");
        Datasource.ShouldBe($"${{{variable["name"]}}}");
        var asked = Dashboard.Panels.Concat(Dashboard.Panels.SelectMany(Dashboard.TargetsOf)).Select(node => $"{node["datasource"]!["type"]} {node["datasource"]!["uid"]}");
        asked.Distinct(StringComparer.Ordinal).ShouldBe([$"prometheus {Datasource}"]);
    }

    [Fact]
    public void EveryPanelHasANumberOfItsOwnATitleAndWordsToIt()
    {
        Dashboard.Panels.Select(panel => (int)panel["id"]!).ShouldBeUnique();
        Dashboard.Panels.Select(panel => (string)panel["title"]!).ShouldBeUnique();
        Dashboard.Panels.ShouldAllBe(panel => ((string)panel["description"]!).Length > 0);
    }

    [Fact]
    public void ThePanelsFillTheGridAndNoneCoversAnother()
    {
        var cells = Dashboard.Panels.SelectMany(CellsOf).ToList();

        cells.ShouldBeUnique();
        cells.Max(cell => cell.X).ShouldBe(23);
        cells.Count.ShouldBe(24 * (cells.Max(cell => cell.Y) + 1));
    }

    [Fact]
    public void EveryPanelIsDescribed()
    {
        var table = WorkTree.Read("docs/monitoring.md").Split("## The dashboard")[1];

        Dashboard.Panels.Select(panel => (string)panel["title"]!).Where(title => !table.Contains(title, StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void EachReadsWhatStepperPushesOrAnExporterThatTheDocumentationNames()
    {
        var asked = Dashboard.Panels.SelectMany(Dashboard.TargetsOf).SelectMany(target => Promql.MetricsOf((string)target["expr"]!)).Distinct(StringComparer.Ordinal).ToList();

        asked.Count.ShouldBeGreaterThan(10);
        asked.Where(name => !KnownSeries.IsKnown(name)).ShouldBeEmpty();
    }

    // What an alert is called stands in a query, and would be missed by nothing else.
    [Fact]
    public void EveryAlertIsShown()
    {
        var query = (string)Dashboard.TargetsOf(Dashboard.Panels.Single(panel => ((string)panel["title"]!).StartsWith("Alerts", StringComparison.Ordinal))).Single()["expr"]!;

        query.Split('"')[1].Split('|').ShouldBe(AlertRule.Names, ignoreOrder: true);
    }

    private static IEnumerable<(int X, int Y)> CellsOf(JsonNode panel)
    {
        var place = panel["gridPos"]!;
        var (x, y, width, height) = ((int)place["x"]!, (int)place["y"]!, (int)place["w"]!, (int)place["h"]!);
        return Enumerable.Range(x, width).SelectMany(column => Enumerable.Range(y, height).Select(row => (column, row)));
    }
}
