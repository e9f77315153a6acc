using System.Net;
using Stepper.Cluster.Monitoring;

namespace Stepper.Cluster.Tests.Monitoring;

/// <summary>The answer was recorded from Alertmanager 0.25.</summary>
public sealed class AlertmanagerTests
{
    private const string Request = "GET http://alertmanager:9093/api/v2/alerts";

    private const string Recorded =
        """
        [{"annotations":{},"endsAt":"2026-11-22T16:58:26.986Z","fingerprint":"7235c181ae0a2582","receivers":[{"name":"none"}],"startsAt":"2026-11-22T16:53:26.986Z","status":{"inhibitedBy":[],"silencedBy":[],"state":"active"},"updatedAt":"2026-11-22T16:53:26.986Z","labels":{"alertname":"DiskFull","severity":"critical"}},{"annotations":{},"endsAt":"2026-11-22T16:58:26.986Z","fingerprint":"e602e796b1eec647","receivers":[{"name":"none"}],"startsAt":"2026-11-22T16:53:26.986Z","status":{"inhibitedBy":[],"silencedBy":["17df0e39-1859-47c0-b82f-e84937478f5c"],"state":"suppressed"},"updatedAt":"2026-11-22T16:53:26.986Z","labels":{"alertname":"EtcdSlow","cluster":"home","instance":"10.0.0.1:2381","severity":"critical"}}]
        """;

    private readonly OutsideWorld _world = new(new DateTimeOffset(2026, 11, 22, 16, 54, 0, TimeSpan.Zero));

    [Fact]
    public void ASilencedAlertIsFoundByItsLabelsWhateverPrometheusAddedToThem() =>
        Silenced(Recorded, Alert("EtcdSlow", ("instance", "10.0.0.1:2381")), Alert("DiskFull")).ShouldBe(["EtcdSlow"]);

    [Fact]
    public void TheSameAlertOfAnotherInstanceIsNotSilenced() => Silenced(Recorded, Alert("EtcdSlow", ("instance", "10.0.0.2:2381"))).ShouldBeEmpty();

    [Fact]
    public void WhatAlertmanagerDoesNotKnowYetIsNotSilenced() => Silenced("[]", Alert("EtcdSlow")).ShouldBeEmpty();

    // Two clusters send to one Alertmanager, and the other one's was silenced.
    [Fact]
    public void ItIsNotSilencedWhereOneThatLooksTheSameIsActive() =>
        Silenced("""[{"labels":{"alertname":"EtcdSlow","cluster":"work","instance":"10.0.0.1:2381","severity":"critical"},"status":{"silencedBy":[]}},""" + Recorded[1..], Alert("EtcdSlow", ("instance", "10.0.0.1:2381"))).ShouldBeEmpty();

    [Theory]
    [InlineData("<html><body>Sign in</body></html>", HttpStatusCode.OK, "answered 200 with what is no list of alerts: <html>")]
    [InlineData("[{\"labels\":{\"alertname\":\"EtcdSlow\"", HttpStatusCode.OK, "answered 200 with what is no list of alerts: [{")]
    [InlineData("[null]", HttpStatusCode.OK, "answered 200 with what is no list of alerts: [null]")]
    [InlineData("[{\"labels\":{\"alertname\":\"EtcdSlow\"}}]", HttpStatusCode.OK, "answered 200 with what is no list of alerts: [{")]
    [InlineData("upstream timed out", HttpStatusCode.GatewayTimeout, "answered 504: upstream timed out")]
    public void WhatIsNoAnswerOfAlertmanagersIsAnError(string body, HttpStatusCode code, string why)
    {
        _world.Web.Answer(Request, body, code);

        _world.Failure(() => Client().SilencedAsync([Alert("EtcdSlow")], default)).ShouldNotBeNull().ShouldStartWith(
            $"Alertmanager at http://alertmanager:9093 did not answer, asked 3 times: /api/v2/alerts {why}");
        _world.Web.Asked.Count.ShouldBe(3);
    }

    private IReadOnlyList<string> Silenced(string answer, params IReadOnlyList<Alert> alerts)
    {
        _world.Web.Answer(Request, answer);
        return [.. _world.Run(Client().SilencedAsync(alerts, default)).Select(alert => alert.Name)];
    }

    private Alertmanager Client() => new(_world.Http(), new Uri("http://alertmanager:9093"), _world.Wait);

    private Alert Alert(string name, params (string Name, string Value)[] labels) => new(
        name, "firing", "critical", null,
        labels.Append(("alertname", name)).Append(("severity", "critical")).ToDictionary(label => label.Item1, label => label.Item2, StringComparer.Ordinal), _world.Now);
}
