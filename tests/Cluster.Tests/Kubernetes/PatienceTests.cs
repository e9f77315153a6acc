using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.Cluster.Tests.Kubernetes;

/// <summary>What is asked again, for how long, and what is said of it.</summary>
public sealed class PatienceTests
{
    private readonly ScriptedApi _api = new();

    [Theory]
    [InlineData(429, ScriptedApi.Busy)]
    [InlineData(500, """{"kind":"Status","message":"etcdserver: request timed out","code":500}""")]
    [InlineData(502, "<html>Bad Gateway</html>")]
    [InlineData(503, "no healthy upstream")]
    [InlineData(504, "")]
    [InlineData(404, "<html>default backend - 404</html>")]
    [InlineData(200, "<html>We are back soon</html>")]
    [InlineData(200, """{"kind":"ConfigMap","apiVersion":"v1","metadata":{"na""")]
    [InlineData(200, "")]
    public void WhatIsNoAnswerIsAskedForAgain(int code, string body)
    {
        _api.Answers(code, body, times: 3).Answers(200, ScriptedApi.Map("1"));

        Find().ShouldNotBeNull().Metadata.ResourceVersion.ShouldBe("1");

        Times().ShouldBe(["0", "0", "1", "3"]);
    }

    [Theory]
    [InlineData("7", "7")]
    [InlineData("Sun, 22 Nov 2026 12:00:09 GMT", "9")]
    [InlineData("Sat, 21 Nov 2026 12:00:00 GMT", "0")]
    [InlineData("0", "0")]
    [InlineData("86400", "30")]
    [InlineData("Mon, 23 Nov 2026 12:00:00 GMT", "30")]
    [InlineData("soon", "0")]
    public void AServerThatWantsToBeLeftAloneIsForAWhile(string retryAfter, string askedAgainAt)
    {
        _api.Answers(429, ScriptedApi.Busy, retryAfter).Answers(200, ScriptedApi.Map("1"));

        Find();

        Times().ShouldBe(["0", askedAgainAt]);
    }

    [Fact]
    public void TheStatusMaySayHowLongToo()
    {
        _api.Answers(429, """{"kind":"Status","message":"m","reason":"TooManyRequests","details":{"retryAfterSeconds":8},"code":429}""").Answers(200, ScriptedApi.Map("1"));

        Find();

        Times().ShouldBe(["0", "8"]);
    }

    [Fact]
    public void AnAttemptHasAnEnd()
    {
        _api.NeverAnswers().Answers(200, ScriptedApi.Map("1"));

        Find().ShouldNotBeNull();

        Times().ShouldBe(["0", "30"]);
        _api.Said[0].ShouldStartWith("30 the API server has not answered GET /api/v1/namespaces/ns/configmaps/a for 30 s (no answer within 30 s); asked again");
    }

    [Fact]
    public void ItIsSaidAfterTenSecondsThenEveryThirtyAndHasAnEnd()
    {
        _api.Refuses();

        _api.Failure(api => api.FindAsync(Resources.ConfigMaps, "ns", "a", default))
            .ShouldBe("GET /api/v1/namespaces/ns/configmaps/a: the API server has not answered for 10 min: Connection refused");

        var seconds = _api.Said.Select(line => int.Parse(line.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)).ToList();
        seconds[0].ShouldBeInRange(10, 15);
        seconds.Zip(seconds.Skip(1), (one, next) => next - one).ShouldAllBe(between => between >= 30 && between <= 35);
        seconds[^1].ShouldBeGreaterThan(560);
    }

    [Fact]
    public void AnyNumberOfCallsThatWaitSayItOnce()
    {
        _api.Refuses(times: 100).Answers(200, ScriptedApi.Map("1"));

        _api.Run(api => Task.WhenAll(Enumerable.Range(0, 10).Select(_ => api.FindAsync(Resources.ConfigMaps, "ns", "a", default))));

        _api.Said.Count(line => line.Contains("has not answered", StringComparison.Ordinal)).ShouldBeInRange(1, 2);
        _api.Said.Count(line => line.Contains("answers again", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Theory]
    [InlineData(403, "Forbidden")]
    [InlineData(401, "Unauthorized")]
    [InlineData(422, "Invalid")]
    [InlineData(400, "BadRequest")]
    public void ARefusalIsNotAskedAgain(int code, string reason)
    {
        _api.Answers(code, ScriptedApi.Refusal(code, reason));

        _api.Failure(api => api.FindAsync(Resources.ConfigMaps, "ns", "a", default)).ShouldBe($"GET /api/v1/namespaces/ns/configmaps/a answered {code} no: {reason}");

        _api.Asked.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public void AServerThatHasJustComeBackMayNotKnowUsYet(int code)
    {
        _api.Refuses(times: 4).Answers(code, ScriptedApi.Refusal(code, "Forbidden"), times: 3).Answers(200, ScriptedApi.Map("1"));

        Find().ShouldNotBeNull();
    }

    [Fact]
    public void AServerThatStillRefusesAfterThatMeansIt()
    {
        _api.Refuses(times: 4).Answers(403, ScriptedApi.Refusal(403, "Forbidden"));

        _api.Failure(api => api.FindAsync(Resources.ConfigMaps, "ns", "a", default)).ShouldNotBeNull().ShouldContain("answered 403");

        int.Parse(Times()[^1], System.Globalization.CultureInfo.InvariantCulture).ShouldBeInRange(30, 45);
    }

    [Fact]
    public void TheServerMaySayThatThereIsNone()
    {
        _api.Answers(404, ScriptedApi.Refusal(404, "NotFound"));

        Find().ShouldBeNull();
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("ns", "namespaces")]
    public void NoneOfSomethingElseIsAnError(string name, string kind)
    {
        _api.Answers(404, ScriptedApi.Refusal(404, "NotFound", name, kind));

        _api.Failure(api => api.FindAsync(Resources.ConfigMaps, "ns", "a", default)).ShouldNotBeNull().ShouldContain("answered 404");
    }

    [Theory]
    [InlineData("{}", "its kind is missing")]
    [InlineData("""{"kind":"Status","status":"Success"}""", "its kind is Status")]
    [InlineData("[]", "its kind is missing")]
    [InlineData("""{"kind":"ConfigMap","metadata":{"name":7}}""", "")]
    public void AnAnswerOfAnotherKindIsAnErrorAtOnce(string body, string why)
    {
        _api.Answers(200, body);

        var failure = Should.Throw<SourceException>(() => Find());

        failure.Message.ShouldStartWith("GET /api/v1/namespaces/ns/configmaps/a answered 200 with what is no ConfigMap: ");
        failure.InnerException!.Message.ShouldContain(why);
        _api.Asked.Count.ShouldBe(1);
    }

    [Fact]
    public void ARedirectIsNotFollowed()
    {
        _api.Answers(302, "");

        _api.Failure(api => api.FindAsync(Resources.ConfigMaps, "ns", "a", default)).ShouldNotBeNull().ShouldContain("answered 302");
    }

    [Theory]
    [InlineData(200, "ok", null)]
    [InlineData(200, "<html>hello</html>", "/readyz answered 200: <html>hello</html>")]
    [InlineData(500, "[-]etcd failed", "/readyz answered 500: [-]etcd failed")]
    public void HealthIsWhatTheServerSaysAndNotALoadBalancer(int code, string body, string? says)
    {
        _api.Answers(code, body);

        _api.Run(api => api.ProbeAsync("readyz", default)).ShouldBe(says);
    }

    private ConfigMap? Find() => _api.Run(api => api.FindAsync(Resources.ConfigMaps, "ns", "a", default));

    private List<string> Times() => [.. _api.Asked.Select(line => line.Split(' ')[0])];
}
