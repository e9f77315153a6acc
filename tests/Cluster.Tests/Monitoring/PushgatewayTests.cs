using System.Net;
using Stepper.Cluster.Monitoring;

namespace Stepper.Cluster.Tests.Monitoring;

public sealed class PushgatewayTests
{
    private readonly OutsideWorld _world = new(new DateTimeOffset(2026, 11, 22, 10, 30, 0, TimeSpan.Zero));

    [Fact]
    public void APushIsTextWithTheSeriesOfAMetricTogether()
    {
        _world.Web.Answer("PUT http://push/metrics/job/k8s-version-upgrade", "");

        Failure(push => push.PutAsync(
            PushGroup.Upgrade,
            [
                Metrics.Nodes.Is(3, ("state", "done")),
                Metrics.InFlight.Is(true),
                Metrics.Nodes.Is(1, ("state", "to\\do \"now\"\n")),
                Metrics.Started.Is(_world.Now),
            ],
            CancellationToken.None)).ShouldBeNull();

        _world.Web.Body.ShouldBe(
            """
            # HELP k8s_upgrade_nodes How many nodes are in each state of the upgrade.
            # TYPE k8s_upgrade_nodes gauge
            k8s_upgrade_nodes{state="done"} 3
            k8s_upgrade_nodes{state="to\\do \"now\"\n"} 1
            # HELP k8s_upgrade_in_flight 1 while an upgrade of the cluster is under way.
            # TYPE k8s_upgrade_in_flight gauge
            k8s_upgrade_in_flight 1
            # HELP k8s_upgrade_started_timestamp When the upgrade under way began, in seconds since 1970; 0 when there is none.
            # TYPE k8s_upgrade_started_timestamp gauge
            k8s_upgrade_started_timestamp 1795343400

            """);
    }

    [Theory]
    [InlineData("k8s-node3", "node/k8s-node3")]
    [InlineData("a b%c", "node/a%20b%25c")]
    [InlineData("k8s/1/", "node@base64/azhzLzEv")]
    [InlineData("", "node@base64/=")]
    [InlineData("..", "node@base64/Li4")]
    public void AGroupIsAPathWhateverStandsInItsLabels(string node, string path)
    {
        _world.Web.Answer($"DELETE http://push/base/metrics/job/k8s-version-upgrade/phase/worker/{path}", "", HttpStatusCode.Accepted);

        _world.Failure(() => Push("http://push/base/").DeleteAsync(PushGroup.Phase("worker", node), CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public void ARefusedPushSaysWhy()
    {
        _world.Web.Answer(
            "POST http://push/metrics/job/k8s-version-check",
            "text format parsing error in line 1: unexpected end of input stream\n",
            HttpStatusCode.BadRequest);

        Failure(push => push.PostAsync(PushGroup.VersionCheck, [Metrics.LastCheck.Is(_world.Now)], CancellationToken.None)).ShouldBe(
            "POST http://push/metrics/job/k8s-version-check answered 400: text format parsing error in line 1: unexpected end of input stream");
    }

    [Fact]
    public void APushThatHangsIsGivenUpAfterTenSeconds()
    {
        var start = _world.Now;
        _world.Web.NeverAnswer("PUT http://push/metrics/job/k8s-version-check");

        Failure(push => push.PutAsync(PushGroup.VersionCheck, [], CancellationToken.None))
            .ShouldBe("PUT http://push/metrics/job/k8s-version-check: no answer within 10 s");
        (_world.Now - start).ShouldBe(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void NoTwoMetricsShareAName() => Metrics.All.Select(metric => metric.Name).ShouldBeUnique(StringComparer.Ordinal);

    private string? Failure(Func<Pushgateway, Task> call) => _world.Failure(() => call(Push("http://push")));

    private Pushgateway Push(string address) => new(_world.Http(), new Uri(address), _world.Wait);
}
