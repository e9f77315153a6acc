using System.Net;
using Stepper.Cluster.Monitoring;

namespace Stepper.Cluster.Tests.Monitoring;

/// <summary>The answers were recorded from Prometheus 2.42.</summary>
public sealed class PrometheusTests
{
    private const string Address = "http://prometheus/api/v1/";
    private static readonly TimeSpan MinimumUptime = TimeSpan.FromMinutes(10);

    // The recorded server started at 10:16:08.
    private readonly OutsideWorld _world = new(new DateTimeOffset(2026, 11, 22, 10, 30, 0, TimeSpan.Zero));

    public PrometheusTests() =>
        _world.Web
            .Answer($"GET {Address}alerts", Recorded("alerts.json"))
            .Answer($"GET {Address}rules", Recorded("rules.json"))
            .Answer($"GET {Address}status/runtimeinfo", Recorded("runtimeinfo.json"));

    [Fact]
    public void OnlyFiringAlertsAreGivenEachWithItsRuleGroup()
    {
        var alerts = _world.Run(Prometheus().FiringAlertsAsync(MinimumUptime, CancellationToken.None));

        alerts.Select(alert => $"{alert.Name} {alert.Severity} {alert.Group}").ShouldBe(
        [
            "RecentNodeReboot info Upgrade Gates",
            "K8sUpgradeStalled critical Upgrade Gates",
            "Watchdog none general",
            "EtcdNoLeader critical general",
            "OldWarning warning general",
            "NoSeverity  general",
        ]);
        alerts[3].Labels["instance"].ShouldBe("10.0.0.1:2381");
        alerts[3].ActiveAt.ShouldBe(new DateTimeOffset(2026, 11, 22, 10, 16, 10, TimeSpan.Zero), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void AnAlertWhoseRuleIsInSeveralGroupsIsOfNoGroup()
    {
        _world.Web.Answer(
            $"GET {Address}rules",
            Recorded("rules.json").Replace("\"name\":\"EtcdNoLeader\"", "\"name\":\"K8sUpgradeStalled\"", StringComparison.Ordinal));

        var alerts = _world.Run(Prometheus().FiringAlertsAsync(MinimumUptime, CancellationToken.None));

        alerts.Single(alert => alert.Name == "K8sUpgradeStalled").Group.ShouldBeNull();
    }

    [Theory]
    [InlineData("alerts", "<html><body>Sign in</body></html>", HttpStatusCode.OK, "/api/v1/alerts answered 200 with what is no answer of Prometheus: <html><body>Sign in</body></html>")]
    [InlineData("alerts", "{\"status\":\"success\",\"data\":{\"alerts\":[{\"labels\":", HttpStatusCode.OK, "/api/v1/alerts answered 200 with what is no answer of Prometheus: {\"status\"")]
    [InlineData("alerts", "{}", HttpStatusCode.OK, "/api/v1/alerts answered 200 with what is no answer of Prometheus: {}")]
    [InlineData("alerts", "{\"status\":\"success\",\"data\":{\"alerts\":null}}", HttpStatusCode.OK, "/api/v1/alerts answered 200 with what is no answer of Prometheus: {\"status\"")]
    [InlineData("alerts", "{\"status\":\"success\",\"data\":{}}", HttpStatusCode.OK, "/api/v1/alerts answered 200 with what is no answer of Prometheus: {\"status\"")]
    [InlineData("alerts", "{\"status\":\"success\",\"data\":{\"alerts\":[null]}}", HttpStatusCode.OK, "/api/v1/alerts answered 200 with what is no success: {\"status\"")]
    [InlineData("alerts", "{\"status\":\"success\",\"data\":{\"alerts\":[{\"labels\":{\"alertname\":null},\"state\":\"firing\",\"activeAt\":\"2026-11-22T10:16:26Z\"}]}}", HttpStatusCode.OK, "/api/v1/alerts answered 200 with what is no success: {\"status\"")]
    [InlineData("rules", "{\"status\":\"success\",\"data\":{\"groups\":[null]}}", HttpStatusCode.OK, "/api/v1/rules answered 200 with what is no success: {\"status\"")]
    [InlineData("alerts", "{\"status\":\"success\"}", HttpStatusCode.OK, "/api/v1/alerts answered 200 with what is no success: {\"status\"")]
    [InlineData("alerts", "{\"status\":\"error\",\"errorType\":\"internal\",\"error\":\"x\"}", HttpStatusCode.OK, "/api/v1/alerts answered 200 with what is no success: {\"status\"")]
    [InlineData("alerts", "", HttpStatusCode.OK, "/api/v1/alerts answered 200 with what is no answer of Prometheus: ")]
    [InlineData("alerts", "upstream connect error", HttpStatusCode.InternalServerError, "/api/v1/alerts answered 500: upstream connect error")]
    [InlineData("rules", "Service Unavailable", HttpStatusCode.ServiceUnavailable, "/api/v1/rules answered 503: Service Unavailable")]
    [InlineData("rules", "{\"status\":\"success\",\"data\":{\"groups\":[{\"name\":\"x\",\"rules\":[]}]}}", HttpStatusCode.OK, "/api/v1/rules answered 200 with what is no answer of Prometheus: ")]
    [InlineData("status/runtimeinfo", "{\"status\":\"success\",\"data\":{}}", HttpStatusCode.OK, "/api/v1/status/runtimeinfo answered 200 with what is no answer of Prometheus: ")]
    public void WhatIsNoAnswerIsNotTakenForNoAlerts(string path, string body, HttpStatusCode code, string reason)
    {
        _world.Web.Answer($"GET {Address}{path}", body, code);

        Failure().ShouldStartWith($"Prometheus at http://prometheus did not answer, asked 3 times: {reason}");
    }

    [Fact]
    public void OneThatRefusesConnectionsIsAskedThreeTimesInTenSeconds()
    {
        var start = _world.Now;
        _world.Web.Refuse($"GET {Address}alerts");

        Failure().ShouldBe("Prometheus at http://prometheus did not answer, asked 3 times: /api/v1/alerts: Connection refused");
        _world.Web.Asked.Count.ShouldBe(3);
        (_world.Now - start).ShouldBe(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void OneThatHangsIsGivenUpAfterTenSecondsEachTime()
    {
        var start = _world.Now;
        _world.Web.NeverAnswer($"GET {Address}rules");

        Failure().ShouldBe("Prometheus at http://prometheus did not answer, asked 3 times: /api/v1/rules: no answer within 10 s");
        (_world.Now - start).ShouldBe(TimeSpan.FromSeconds(40));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("\"health\":\"unknown\"", "\"health\":\"ok\"")]
    [InlineData("0001-01-01T00:00:00Z", "2026-11-22T10:16:26Z")]
    public void OneThatHasNotEvaluatedAGroupYetIsNoAnswer(string recorded, string instead)
    {
        var rules = Recorded("rules-never-evaluated.json");
        _world.Web
            .Answer($"GET {Address}alerts", Recorded("alerts-just-started.json"))
            .Answer($"GET {Address}rules", recorded.Length == 0 ? rules : rules.Replace(recorded, instead, StringComparison.Ordinal));

        Failure().ShouldBe("Prometheus at http://prometheus did not answer, asked 3 times: rule group \"Late\" has not been evaluated yet");
    }

    [Fact]
    public void OneThatHasJustStartedIsNoAnswer()
    {
        var world = new OutsideWorld(new DateTimeOffset(2026, 11, 22, 10, 16, 38, TimeSpan.Zero));
        world.Web
            .Answer($"GET {Address}alerts", Recorded("alerts.json"))
            .Answer($"GET {Address}rules", Recorded("rules.json"))
            .Answer($"GET {Address}status/runtimeinfo", Recorded("runtimeinfo.json"));

        world.Failure(() => Prometheus(world).FiringAlertsAsync(MinimumUptime, CancellationToken.None))
            .ShouldBe("Prometheus at http://prometheus did not answer, asked 3 times: it has been up for 40 s only; its answer counts after 600 s");
    }

    [Theory]
    [InlineData(-3)]
    [InlineData(3)]
    public void AClockThatIsHoursOffOursDoesNotMakeItYoungerNorOlder(int hours)
    {
        _world.Web.AnswerInTurn($"GET {Address}status/runtimeinfo", () => Runtime(_world.Now.AddHours(hours), up: TimeSpan.FromSeconds(40)));
        Failure()!.ShouldEndWith(": it has been up for 40 s only; its answer counts after 600 s");

        _world.Web.AnswerInTurn($"GET {Address}status/runtimeinfo", () => Runtime(_world.Now.AddHours(hours), up: TimeSpan.FromMinutes(11)));
        Failure().ShouldBeNull();
    }

    [Fact]
    public void TheNameAndPasswordOfTheAddressAreSentAndNotShown()
    {
        var prometheus = new Prometheus(_world.Http(), new Uri("http://me:s3cr3t@prometheus/under/"), _world.Wait);

        _world.Failure(() => prometheus.FiringAlertsAsync(MinimumUptime, CancellationToken.None))
            .ShouldBe("Prometheus at http://prometheus/under did not answer, asked 3 times: /api/v1/alerts answered 404: 404 page not found");
        _world.Web.Asked[0].ShouldBe("GET http://prometheus/under/api/v1/alerts");
        _world.Web.Login.ShouldBe("Basic " + Convert.ToBase64String("me:s3cr3t"u8));
    }

    [Fact]
    public void ASignInPageIsNotFollowedAndShownWithoutItsQuery()
    {
        _world.Web.Redirect($"GET {Address}alerts", "https://login.example.com/in?state=s3cr3t");

        Failure().ShouldBe("Prometheus at http://prometheus did not answer, asked 3 times: /api/v1/alerts answered 302, a redirect to https://login.example.com/in: ");
    }

    [Fact]
    public void OneThatComesBackBetweenTwoTriesIsAnAnswer()
    {
        var world = new OutsideWorld(new DateTimeOffset(2026, 11, 22, 10, 26, 2, TimeSpan.Zero));
        world.Web
            .Answer($"GET {Address}alerts", Recorded("alerts.json"))
            .Answer($"GET {Address}rules", Recorded("rules.json"))
            .Answer($"GET {Address}status/runtimeinfo", Recorded("runtimeinfo.json"));

        // Ten minutes of uptime are over at the third try.
        world.Run(Prometheus(world).FiringAlertsAsync(MinimumUptime, CancellationToken.None)).Count.ShouldBe(6);
        world.Web.Asked.Count.ShouldBe(9);
    }

    [Theory]
    [InlineData("query-one.json", 0.96)]
    [InlineData("query-scalar.json", 1.0)]
    [InlineData("query-none.json", null)]
    [InlineData("query-nan.json", double.NaN)]
    public void AQueryIsOneNumberOrNone(string recorded, double? number)
    {
        _world.Web.Answer($"GET {Address}query?query=sum%28up%29%20%2F%20count%28up%29", Recorded(recorded));

        _world.Run(Prometheus().QueryAsync("sum(up) / count(up)", CancellationToken.None)).ShouldBe(number);
    }

    [Theory]
    [InlineData("query-two.json", HttpStatusCode.OK, "Prometheus at http://prometheus answered up with 2 series; one was wanted")]
    [InlineData("query-matrix.json", HttpStatusCode.OK, "Prometheus at http://prometheus did not answer, asked 3 times: up is answered with a matrix; a vector or a scalar was wanted")]
    [InlineData("query-wrong.json", HttpStatusCode.BadRequest, "Prometheus at http://prometheus did not answer, asked 3 times: /api/v1/query answered 400: {\"status\":\"error\"")]
    public void AnAnswerThatIsNotOneNumberIsAnError(string recorded, HttpStatusCode code, string error)
    {
        _world.Web.Answer($"GET {Address}query?query=up", Recorded(recorded), code);

        _world.Failure(() => Prometheus().QueryAsync("up", CancellationToken.None))!.ShouldStartWith(error);
    }

    [Fact]
    public void TheSeriesOfAnAnswerHaveTheirLabels()
    {
        _world.Web.Answer($"GET {Address}query?query=up", Recorded("query-two.json"));

        var series = _world.Run(Prometheus().QuerySeriesAsync("up", CancellationToken.None));

        series.Select(one => (one.Labels.GetValueOrDefault("a"), one.Value)).ShouldBe([(null, 1), ("b", 2)]);
    }

    private static HttpResponseMessage Runtime(DateTimeOffset now, TimeSpan up)
    {
        var answer = new HttpResponseMessage { Content = new StringContent($$$"""{"status":"success","data":{"startTime":"{{{now - up:yyyy-MM-ddTHH:mm:ssZ}}}"}}""") };
        answer.Headers.Date = now;
        return answer;
    }

    private string? Failure() => _world.Failure(() => Prometheus().FiringAlertsAsync(MinimumUptime, CancellationToken.None));

    private Prometheus Prometheus(OutsideWorld? world = null) => new((world ?? _world).Http(), new Uri("http://prometheus/"), (world ?? _world).Wait);

    private static string Recorded(string name) => File.ReadAllText(Path.Combine("Monitoring", "Answers", name));
}
