using System.Net;
using Stepper.Cluster.Versions;
using Stepper.Repository.Tests.Monitoring;
using Stepper.Simulation.Api;
using Stepper.Simulation.Monitoring;
using Stepper.StepRunner.Gates;
using Stepper.StepRunner.Gates.Compatibility;

namespace Stepper.StepRunner.Tests.Gates.Compatibility;

public sealed class RequestedApisTests
{
    private const string Gone = ", and is gone from Kubernetes 1.35 on, where it is flow.example/v1 (\"removed in 1.35\", https://k8s.example/1.35, read 2026-11-22); who asks stands in the API server's audit log";
    private const string Since = "seen only since 2026-11-13 12:00 UTC, when the API server started";

    private readonly TestCluster _cluster = new();

    [Fact]
    public void WhereNothingIsAskedForThatGoesAllIsWell()
    {
        Requested(new RequestedApi("flow.example", "v1", "schemas", ""), new RequestedApi("late.example", "v1", "things", "1.36"));

        var answer = Ask();

        (answer.Seen, answer.Findings.Count).ShouldBe(("by Prometheus, 7 days: none", 0));
    }

    [Fact]
    public void AClusterThatAsksForNothingDeprecatedIsKnownToPrometheusAllTheSame()
    {
        _cluster.Sim.Api.RequestedApis.Clear();

        var answer = Ask(servers: 3);

        (answer.Seen, answer.Findings.Count).ShouldBe(("by Prometheus, 7 days: none", 0));
    }

    [Fact]
    public void AnotherServersRequestsAreNotTheApiServers()
    {
        _cluster.Sim.Prometheus.Results["count(apiserver_request_total{resource=\"leases\"})"] = "[]";

        Ask(servers: 3).Findings.ShouldHaveSingleItem().Seen.ShouldEndWith("does not have apiserver_request_total of any; have it scrape all of them");
    }

    [Fact]
    public void WhatIsAskedForAndGoesIsNamedWithWhatTakesItsPlace()
    {
        Requested(new RequestedApi("flow.example", "v1beta3", "schemas", "1.35"));

        var finding = Ask().Findings.ShouldHaveSingleItem();

        (finding.Kind, finding.Class).ShouldBe((VerdictKind.Refuses, BlockerClass.ActNow));
        finding.Seen.ShouldBe($"schemas.v1beta3.flow.example was asked for within the last 7 days, by Prometheus{Gone}");
        finding.Show.ShouldBe(
            "curl -sG http://prometheus-server.monitoring.svc.cluster.local/api/v1/query --data-urlencode 'query=max_over_time(apiserver_requested_deprecated_apis{resource=\"schemas\",version=\"v1beta3\"}[7d])'");
    }

    [Fact]
    public void WhatWasLastAskedForLongerAgoIsAskedForNoMore()
    {
        Requested(new RequestedApi("flow.example", "v1beta3", "schemas", "1.35", _cluster.Wait.Now.AddDays(-8)));

        Ask().Findings.ShouldBeEmpty();
    }

    [Fact]
    public void WhatOnlyTheApiServerKnowsOfCountsToo()
    {
        Requested(new RequestedApi("", "v1beta1", "widgets", "1.35"));

        Ask().Findings.ShouldHaveSingleItem().Seen.ShouldBe(
            "widgets.v1beta1 was asked for within the last 7 days, by Prometheus, and is gone from Kubernetes 1.35 on; who asks stands in the API server's audit log");
    }

    [Fact]
    public void WhatOnlyTheMatrixKnowsOfCountsToo()
    {
        Requested(new RequestedApi("flow.example", "v1beta3", "schemas", ""));

        Ask().Findings.ShouldHaveSingleItem().Seen.ShouldStartWith("schemas.v1beta3.flow.example was asked for within the last 7 days");
    }

    [Fact]
    public void WhereNoRequestsAreCountedForItItCountsAsAskedFor()
    {
        Requested(new RequestedApi("flow.example", "v1beta3", "schemas", "1.35"));
        _cluster.Sim.Prometheus.Results[RequestedApis.Increase(["schemas"])] = "[]";

        Ask().Findings.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task APrometheusRemembersWhatAnApiServerForgetsByStartingAgain()
    {
        var directory = Directory.CreateTempSubdirectory("stepper-requests-");
        var file = Path.Combine(directory.FullName, "requests.yaml");
        var tests = await File.ReadAllTextAsync("Gates/Compatibility/requests.yaml", TestContext.Current.CancellationToken);
        try
        {
            await File.WriteAllTextAsync(
                file,
                tests.Replace("$SEEN", RequestedApis.Seen, StringComparison.Ordinal).Replace("$INCREASE", RequestedApis.Increase(["things"]), StringComparison.Ordinal),
                TestContext.Current.CancellationToken);

            await Promtool.MustPassAsync("test", "rules", file);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void WhatWentWithAnEarlierUpgradeIsGoneAlreadyUnlessItIsServedStill()
    {
        _cluster.Sim.Prometheus.Results[RequestedApis.Seen] = """
            [{"metric": {"group": "old.example", "version": "v1", "resource": "gone", "removed_release": "1.34"}, "value": [1, "0"]},
             {"metric": {"group": "old.example", "version": "v1", "resource": "served", "removed_release": "1.34"}, "value": [1, "1"]}]
            """;

        Ask().Findings.ShouldHaveSingleItem().Seen.ShouldStartWith("served.v1.old.example was asked for");
    }

    [Fact]
    public void WithoutPrometheusSeriesTheApiServerSaysItWithSinceWhen()
    {
        _cluster.Sim.Prometheus.HasNoApiServerMetrics = true;
        Requested(new RequestedApi("flow.example", "v1beta3", "schemas", "1.35"));

        var answer = Ask();

        answer.Seen.ShouldBe("by the API server: 1 asked for");
        answer.Findings.Select(finding => (finding.Kind, finding.Seen)).ShouldBe(
        [
            (VerdictKind.Refuses, $"schemas.v1beta3.flow.example was asked for, {Since}{Gone}"),
            (VerdictKind.Warns, $"Prometheus at http://prometheus-server.monitoring.svc.cluster.local does not have its apiserver_request_total; by the API server itself what is asked for is {Since}"),
        ]);
    }

    [Fact]
    public void OfSeveralApiServersOneDoesNotSpeakForTheOthers()
    {
        _cluster.Sim.Prometheus.HasNoApiServerMetrics = true;

        Ask(servers: 3).Findings.ShouldHaveSingleItem().Seen.ShouldStartWith("which APIs are asked for of 3 API servers can't be told by the one that answers, and Prometheus at ");
    }

    [Fact]
    public void APrometheusThatDoesNotAnswerIsNotOneThatHasNothing()
    {
        _cluster.Sim.Prometheus.State = PrometheusState.Failing;

        _cluster.FailureOf(AskAsync(1)).ShouldContain("did not answer, asked 3 times");
    }

    [Fact]
    public void AnApiServerThatDoesNotSayIsAnError()
    {
        _cluster.Sim.Prometheus.HasNoApiServerMetrics = true;
        _cluster.Sim.Api.Faults.Answer(call => call.Resource == "/metrics", HttpStatusCode.Forbidden, "Forbidden", "forbidden: User \"x\" cannot get path \"/metrics\"", times: 9);

        _cluster.FailureOf(AskAsync(1)).ShouldContain("GET /metrics answered 403");
    }

    private void Requested(params IReadOnlyList<RequestedApi> apis)
    {
        foreach (var api in apis)
        {
            _cluster.Sim.Api.RequestedApis.Add(api);
        }
    }

    private CompatibilityAnswer Ask(int servers = 1) => _cluster.Run(AskAsync(servers));

    private Task<CompatibilityAnswer> AskAsync(int servers) => new RequestedApis(_cluster.Prometheus, _cluster.Api).AskAsync(
        KnownMatrix.Read().Removed.Apis, new MinorStep(new MinorVersion(1, 34), new MinorVersion(1, 35)), servers, default);
}
