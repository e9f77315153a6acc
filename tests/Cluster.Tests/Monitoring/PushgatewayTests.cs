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

        Answer(push => push.PutAsync(
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

        _world.Run(Push("http://push/base/").DeleteAsync(PushGroup.Phase("worker", node), CancellationToken.None)).ShouldBeNull();
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, "text format parsing error in line 1: unexpected end of input stream\n", "answered 400: text format parsing error in line 1: unexpected end of input stream")]
    [InlineData(HttpStatusCode.OK, "<html>Sign in</html>", "answered 200 with what is no Pushgateway's: <html>Sign in</html>")]
    [InlineData(HttpStatusCode.NotFound, "404 page not found\n", "answered 404: 404 page not found")]
    public void ARefusalIsGivenBackInPushgatewaysWords(HttpStatusCode code, string body, string refusal)
    {
        _world.Web.Answer("POST http://push/metrics/job/k8s-version-check", body, code);

        Answer(Check).ShouldBe($"POST http://push/metrics/job/k8s-version-check {refusal}");
    }

    [Fact]
    public void ARedirectIsNotFollowedAndShownWithoutItsQuery()
    {
        _world.Web.Redirect("POST http://push/metrics/job/k8s-version-check", "https://login.example.com/in?state=s3cr3t");

        Answer(Check).ShouldBe("POST http://push/metrics/job/k8s-version-check answered 302, a redirect to https://login.example.com/in: ");
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.BadGateway)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    public void WhatMayPassIsAnError(HttpStatusCode code)
    {
        _world.Web.Answer("POST http://push/metrics/job/k8s-version-check", "no healthy upstream", code);

        _world.Failure(() => Check(Push("http://push"))).ShouldBe($"POST http://push/metrics/job/k8s-version-check answered {(int)code}: no healthy upstream");
    }

    [Fact]
    public void APushThatHangsIsGivenUpAfterFiveSeconds()
    {
        var start = _world.Now;
        _world.Web.NeverAnswer("POST http://push/metrics/job/k8s-version-check");

        _world.Failure(() => Check(Push("http://push"))).ShouldBe("POST http://push/metrics/job/k8s-version-check: no answer within 5 s");
        (_world.Now - start).ShouldBe(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void TheNameAndPasswordOfTheAddressAreSentAndNotShown()
    {
        _world.Web.Answer("POST http://push/base/metrics/job/k8s-version-check", "Forbidden", HttpStatusCode.Forbidden);

        _world.Run(Check(Push("http://chain:p%40ss@push/base"))).ShouldBe("POST http://push/base/metrics/job/k8s-version-check answered 403: Forbidden");
        _world.Web.Login.ShouldBe("Basic " + Convert.ToBase64String("chain:p@ss"u8));
    }

    [Fact]
    public void NoTwoMetricsShareAName() => Metrics.All.Select(metric => metric.Name).ShouldBeUnique(StringComparer.Ordinal);

    private Task<string?> Check(Pushgateway push) => push.PostAsync(PushGroup.VersionCheck, [Metrics.LastCheck.Is(_world.Now)], CancellationToken.None);

    private string? Answer(Func<Pushgateway, Task<string?>> call) => _world.Run(call(Push("http://push")));

    private Pushgateway Push(string address) => new(_world.Http(), new Uri(address), _world.Wait);
}
