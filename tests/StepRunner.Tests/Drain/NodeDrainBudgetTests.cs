using System.Net;
using System.Text.Json.Nodes;
using Stepper.Simulation.Api;
using Stepper.StepRunner.Drain;

namespace Stepper.StepRunner.Tests.Drain;

public sealed class NodeDrainBudgetTests
{
    private const string OfDb = """{"matchLabels": {"app": "db"}}""";
    private const string OfWeb = """{"matchLabels": {"app": "web"}}""";

    private readonly DrainedNode _node = new();

    [Fact]
    public void ABudgetOverTheOneHealthyPodOfAReplicaSetIsSaidAndPushedAfter30Seconds()
    {
        _node.Add("web");
        _node.Add("other");
        _node.AddBudget("web-pdb", OfWeb, pods: 1, healthy: 1, needed: 1);

        var report = _node.Drain();

        _node.Said.ShouldBe(
        [
            "30 node3: gone 1, ending 0, blocked 1",
            "30 node3: shop/web has been blocked for 30 s by budget web-pdb (pods 1, healthy 1, needed 1, may go 0); deleted past it when that has been so for 30 s",
            "30 node3: shop/web was deleted past its budget: budget web-pdb (pods 1, healthy 1, needed 1, may go 0) would not have let it go, and ReplicaSet web starts another",
        ]);
        _node.Passed.ShouldBeInRange(TimeSpan.FromSeconds(31), TimeSpan.FromSeconds(36));
        report.Of(PodOutcome.DeletedPastBudget).ShouldHaveSingleItem().Name.ShouldBe("shop/web");
        report.Of(PodOutcome.Evicted).ShouldHaveSingleItem().Name.ShouldBe("shop/other");
    }

    [Fact]
    public void ABudgetThatIsExhaustedByADegradedApplicationIsNeverPushed()
    {
        _node.Add("db", pod => pod.Owned("StatefulSet", "db"));
        _node.AddBudget("db-pdb", OfDb, pods: 3, healthy: 2, needed: 2);

        var report = _node.Drain();

        _node.Names.ShouldBe(["db"]);
        _node.Asked("delete", "pods").ShouldBeEmpty();
        _node.Passed.ShouldBe(TimeSpan.FromMinutes(30));
        _node.Said.Count.ShouldBe(2 * 59);
        report.InWords().ShouldBe(
            """
            node3 is not drained after 30 min: still there 1, gone 0, left on purpose 0
            still there (1): shop/db: has been blocked for 30 min by budget db-pdb (pods 3, healthy 2, needed 2, may go 0); waited for, because the budget covers 3 pods, and 1 of them not healthy
            """);
    }

    [Fact]
    public void APodThatIsNoLongerReadyInTheMomentOfThePushIsNotPushed()
    {
        _node.Add("web");
        _node.AddBudget("web-pdb", OfWeb, pods: 1, healthy: 1, needed: 1);
        _node.At(TimeSpan.FromSeconds(20), () => _node.Server.Faults.CloseWatches());
        _node.Server.Faults.Answer(call => call is { Verb: "watch" or "list", Resource: "pods" } && _node.Passed > TimeSpan.FromSeconds(15) ? Unavailable() : null);
        _node.At(TimeSpan.FromSeconds(28), () => BecomesUnready("web", "web-pdb"));

        var report = _node.Drain(DrainedNode.Options with { Timeout = TimeSpan.FromMinutes(3) });

        _node.Asked("delete", "pods").ShouldBeEmpty();
        report.Of(PodOutcome.Stuck).ShouldHaveSingleItem();
    }

    [Fact]
    public void ADeletionThatIsNotAnsweredIsJudgedAnewAndNotRepeated()
    {
        _node.Add("web");
        _node.AddBudget("web-pdb", OfWeb, pods: 1, healthy: 1, needed: 1);
        var away = false;
        _node.Server.Faults.Answer(call => (away |= call is { Verb: "delete" }) && _node.Passed < TimeSpan.FromMinutes(5) ? Unavailable() : null);
        _node.At(TimeSpan.FromMinutes(4), () => BecomesUnready("web", "web-pdb"));

        var report = _node.Drain(DrainedNode.Options with { Timeout = TimeSpan.FromMinutes(10) });

        _node.Names.ShouldBe(["web"]);
        report.Of(PodOutcome.Stuck).ShouldHaveSingleItem().Reason.ShouldEndWith("waited for, because the pod is not Ready");
    }

    [Fact]
    public void APodThatTookTheNameInTheMomentOfThePushIsNotDeletedForTheOther()
    {
        _node.Add("web");
        _node.AddBudget("web-pdb", OfWeb, pods: 1, healthy: 1, needed: 1);
        var replaced = false;
        _node.Server.Faults.Answer(call =>
        {
            if (!replaced && call is { Verb: "get", Resource: "pods" })
            {
                replaced = true;
                _node.Replace("web");
            }

            return null;
        });

        var report = _node.Drain();

        report.Of(PodOutcome.GoneByItself).ShouldHaveSingleItem();
        report.Of(PodOutcome.DeletedPastBudget).ShouldHaveSingleItem();
        _node.Passed.ShouldBeGreaterThan(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void AnErrorThatTwoBudgetsDoNotExplainIsNoBudgetToPush()
    {
        _node.Add("web");
        _node.AddBudget("web-pdb", OfWeb, pods: 1, healthy: 1, needed: 1);
        _node.Server.Faults.Answer(call => call is { Subresource: "eviction" } ? new ApiRefusal(HttpStatusCode.InternalServerError, "InternalError", "etcd is slow") : null);

        var report = _node.Drain(DrainedNode.Options with { Timeout = TimeSpan.FromMinutes(2) });

        _node.Asked("delete", "pods").ShouldBeEmpty();
        report.Of(PodOutcome.Stuck).ShouldHaveSingleItem().Reason
            .ShouldBe("has been blocked for 120 s by the server's \"etcd is slow\"; waited for, because no budget is in its way that could be pushed");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"matchExpressions": [{"key": "app", "operator": "In", "values": ["db", "cache"]}, {"key": "canary", "operator": "DoesNotExist"}]}""")]
    [InlineData("""{"matchExpressions": [{"key": "app", "operator": "Exists"}]}""")]
    public void ABudgetBlocksByWhateverItSelects(string selector)
    {
        _node.Add("db");
        _node.AddBudget("pdb", selector, pods: 2, healthy: 1, needed: 1);
        _node.AddBudget("of-others", """{"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["db"]}]}""", pods: 1, healthy: 1, needed: 1);

        _node.Drain().Of(PodOutcome.Stuck).ShouldHaveSingleItem().Reason.ShouldStartWith("has been blocked for 30 min by budget pdb (pods 2, healthy 1, needed 1, may go 0)");
    }

    [Fact]
    public void APodUnderTwoBudgetsIsNamedAtOnceAndGoesWhenOneOfThemIsTakenAway()
    {
        _node.Add("web");
        _node.AddBudget("mine", OfWeb, pods: 1, healthy: 1, needed: 1);
        _node.AddBudget("yours", "{}", pods: 5, healthy: 5, needed: 1, mayGo: 4);
        _node.At(TimeSpan.FromMinutes(10), () => _node.RemoveBudget("mine"));

        var report = _node.Drain();

        _node.Said[0].ShouldBe("0 node3: shop/web has been blocked for 0 s by budget mine (pods 1, healthy 1, needed 1, may go 0) and budget yours (pods 5, healthy 5, needed 1, may go 4); "
            + "waited for, because Kubernetes evicts no pod that is under 2 budgets: one of them has to go");
        _node.Said.ShouldNotContain(line => line.Contains("API server", StringComparison.Ordinal));
        report.Of(PodOutcome.Evicted).ShouldHaveSingleItem().Name.ShouldBe("shop/web");
        _node.Passed.ShouldBeLessThan(TimeSpan.FromMinutes(10.2));
    }

    [Fact]
    public void ABudgetThatLetsThePodGoLaterIsWaitedFor()
    {
        _node.Add("db");
        _node.AddBudget("pdb", OfDb, pods: 3, healthy: 2, needed: 2);
        _node.At(TimeSpan.FromMinutes(4), () => _node.ChangeBudget("pdb", "disruptionsAllowed", 1));

        _node.Drain().Of(PodOutcome.Evicted).ShouldHaveSingleItem();

        _node.Passed.ShouldBeInRange(TimeSpan.FromMinutes(4), TimeSpan.FromSeconds(246.1));
    }

    [Fact]
    public void APodThatIsBlockedOnlyLaterInTheDrainIsHandledToo()
    {
        _node.StopsAfter = TimeSpan.FromMinutes(2);
        _node.Add("other");
        _node.AddBudget("pdb", OfWeb, pods: 1, healthy: 1, needed: 1);
        _node.At(TimeSpan.FromSeconds(60), () => _node.Add("web"));

        _node.Drain().Of(PodOutcome.DeletedPastBudget).ShouldHaveSingleItem().Name.ShouldBe("shop/web");
    }

    [Fact]
    public void NoBudgetIsReadWhileNoneBlocks()
    {
        _node.Add("web");
        _node.AddBudget("pdb", OfWeb, pods: 2, healthy: 2, needed: 1, mayGo: 1);

        _node.Drain().IsDrained.ShouldBeTrue();

        _node.Asked("list", "poddisruptionbudgets").ShouldBeEmpty();
    }

    [Fact]
    public void WhereBudgetsAreOnlyWaitedForNoneIsPushed()
    {
        _node.Add("web");
        _node.AddBudget("pdb", OfWeb, pods: 1, healthy: 1, needed: 1);

        var report = _node.Drain(DrainedNode.Options with { Budgets = BudgetMode.Wait, Timeout = TimeSpan.FromMinutes(2) });

        report.Of(PodOutcome.Stuck).ShouldHaveSingleItem().Reason.ShouldEndWith("waited for, because no budget is to be pushed");
        _node.Asked("delete", "pods").ShouldBeEmpty();
    }

    [Fact]
    public void ByForceAnyBudgetIsPushedWhenItHasBlockedFor30Seconds()
    {
        _node.Add("db", pod => pod.Owned("StatefulSet", "db"));
        _node.Add("web");
        _node.AddBudget("pdb", OfDb, pods: 3, healthy: 2, needed: 2);
        _node.AddBudget("mine", OfWeb, pods: 1, healthy: 1, needed: 1);
        _node.AddBudget("yours", OfWeb, pods: 1, healthy: 1, needed: 1);

        var report = _node.Drain(DrainedNode.Options with { Budgets = BudgetMode.Force });

        report.Of(PodOutcome.DeletedPastBudget).Select(pod => pod.Name).ShouldBe(["shop/db", "shop/web"]);
        _node.Passed.ShouldBeInRange(TimeSpan.FromSeconds(31), TimeSpan.FromSeconds(36));
    }

    [Fact]
    public void AWebhooksRefusalIsOfThatPodAloneAndIsSaidAtOnceAndWaitedFor()
    {
        _node.Add("vm");
        _node.Add("web");
        _node.Server.Faults.Answer(call => call is { Subresource: "eviction", Name: "vm" }, HttpStatusCode.Forbidden, "Forbidden", "the machine is being moved", times: 12);

        var report = _node.Drain();

        _node.Said[0].ShouldStartWith("0 node3: shop/vm has been blocked for 0 s by the server's \"");
        _node.Said[0].ShouldContain("the machine is being moved");
        report.Of(PodOutcome.Evicted).Count.ShouldBe(2);
        _node.Passed.ShouldBeInRange(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(65));
    }

    [Theory]
    [InlineData("get")]
    [InlineData("delete")]
    public void APushThatTheServerRefusesIsReportedAsThat(string verb)
    {
        _node.Add("web");
        _node.AddBudget("pdb", OfWeb, pods: 1, healthy: 1, needed: 1);
        _node.Server.Faults.Answer(call => call.Verb == verb && call is { Resource: "pods", Name: "web", Subresource: "" }, HttpStatusCode.Forbidden, "Forbidden", "you may not", times: 1000);

        var report = _node.Drain(DrainedNode.Options with { Timeout = TimeSpan.FromMinutes(5) });

        var words = report.Of(PodOutcome.Stuck).ShouldHaveSingleItem().Reason;
        words.ShouldStartWith("has been blocked for 5 min by budget pdb (pods 1, healthy 1, needed 1, may go 0); it was to be deleted past it, which the server refused: ");
        words.ShouldContain("you may not");
        _node.Said.Count(line => line.Contains("you may not", StringComparison.Ordinal) && line.Contains("shop/web has been blocked for 30 s", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Theory]
    [InlineData("expectedPods", "2", "the budget covers 2 pods, and 1 of them not healthy")]
    [InlineData("expectedPods", "0", "the budget counts no pod, though it covers this one: its numbers are old, or of what it covers no controller has a number of replicas")]
    [InlineData("desiredHealthy", "0", "the budget needs no healthy pod")]
    [InlineData("observedGeneration", "0", "the budget was changed and not counted again yet")]
    [InlineData("disruptedPods", """{"other": "2026-11-22T11:59:59Z"}""", "the eviction of other is still under way")]
    [InlineData("conditions", """[{"type": "DisruptionAllowed", "status": "False", "reason": "SyncFailed", "message": "jobs.batch does not implement the scale subresource"}]""",
        "Kubernetes can't count what the budget covers: jobs.batch does not implement the scale subresource")]
    public void NothingIsEverPushedWhereOneConditionOfTheBudgetIsMissing(string field, string value, string because)
    {
        _node.Add("web");
        _node.AddBudget("pdb", OfWeb, pods: 1, healthy: 1, needed: 1);
        _node.ChangeBudget("pdb", field, JsonNode.Parse(value));

        MustNotPush(because);
    }

    [Theory]
    [InlineData("StatefulSet", "apps/v1")]
    [InlineData("DaemonSet", "apps/v1")]
    [InlineData("Job", "batch/v1")]
    [InlineData("Cluster", "postgresql.example.org/v1")]
    [InlineData("ReplicaSet", "apps.example.org/v1")]
    public void NothingIsEverPushedThatIsNotAReplicaSets(string kind, string version)
    {
        _node.Add("web", pod => pod.Owned(kind, "web", apiVersion: version));
        _node.AddBudget("pdb", OfWeb, pods: 1, healthy: 1, needed: 1);

        MustNotPush($"the pod is of {kind} web, and only a ReplicaSet is sure to start another elsewhere");
    }

    [Fact]
    public void NothingIsEverPushedThatStandsAlone()
    {
        _node.Add("web", pod => pod.Alone());
        _node.AddBudget("pdb", OfWeb, pods: 1, healthy: 1, needed: 1);

        MustNotPush("nothing would start the pod again");
    }

    [Fact]
    public void NothingIsEverPushedThatIsNotReady()
    {
        _node.Add("web", pod => pod["status"]!["conditions"]![0]!["status"] = "False");
        _node.AddBudget("pdb", OfWeb, pods: 1, healthy: 0, needed: 1);

        MustNotPush("the pod is not Ready");
    }

    [Fact]
    public void NothingIsEverPushedThatIsSoForLessThan30SecondsAtATime()
    {
        _node.Add("web");
        _node.AddBudget("pdb", OfWeb, pods: 1, healthy: 1, needed: 1);
        for (var second = 22; second < 300; second += 22)
        {
            _node.At(TimeSpan.FromSeconds(second), () => _node.ChangeBudget("pdb", "expectedPods", 2));
            _node.At(TimeSpan.FromSeconds(second + 6), () => _node.ChangeBudget("pdb", "expectedPods", 1));
        }

        _node.Drain(DrainedNode.Options with { Timeout = TimeSpan.FromMinutes(5) });

        _node.Asked("delete", "pods").ShouldBeEmpty();
    }

    [Fact]
    public void FlowControlIsNoBudgetsNoAndIsAskedAgainWhenItSays()
    {
        _node.Add("web");
        _node.AddBudget("pdb", OfWeb, pods: 1, healthy: 1, needed: 1);
        var tooMany = new ApiRefusal(HttpStatusCode.TooManyRequests, "TooManyRequests", "Too many requests, please try again later.") { Details = new ApiDetails(RetryAfterSeconds: 7) };
        _node.Server.Faults.Answer(call => call is { Subresource: "eviction" } && _node.Passed < TimeSpan.FromSeconds(20) ? tooMany : null);

        _node.Drain();

        // At 0, 7 and 14 s; from 21 s on it is the budget's no.
        _node.Asked("create", "pods", "eviction").Count(call => call.Code == 429).ShouldBeGreaterThan(3);
        _node.Said.ShouldContain(line => line.Contains("the API server has not answered POST /api/v1/namespaces/shop/pods/web/eviction", StringComparison.Ordinal));
        _node.Said.ShouldContain("30 node3: shop/web has been blocked for 9 s by budget pdb (pods 1, healthy 1, needed 1, may go 0); deleted past it when that has been so for 30 s");
        _node.Passed.ShouldBeInRange(TimeSpan.FromSeconds(52), TimeSpan.FromSeconds(58));
    }

    [Fact]
    public void AWebhooksNoIsNotFlowControlThoughItHasTheSameNumber()
    {
        _node.Add("vm");
        _node.Server.Faults.Answer(
            call => call is { Subresource: "eviction" }, HttpStatusCode.TooManyRequests, "TooManyRequests",
            "admission webhook \"vms.example.org\" denied the request: the machine is being moved", times: 6);

        var report = _node.Drain();

        _node.Said[0].ShouldStartWith("0 node3: shop/vm has been blocked for 0 s by the server's \"");
        _node.Said[0].ShouldContain("the machine is being moved");
        report.Of(PodOutcome.Evicted).ShouldHaveSingleItem();
        _node.Passed.ShouldBeInRange(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(33));
    }

    [Fact]
    public void ABudgetThatIsNotCountedYetIsWaitedForAndNoOutage()
    {
        _node.Add("web");
        _node.AddBudget("pdb", OfWeb, pods: 2, healthy: 2, needed: 1, mayGo: 1);
        _node.ChangeBudget("pdb", "observedGeneration", 0);
        _node.At(TimeSpan.FromSeconds(32), () => _node.ChangeBudget("pdb", "observedGeneration", 1));

        var report = _node.Drain();

        report.Of(PodOutcome.Evicted).ShouldHaveSingleItem();
        _node.Said[1].ShouldBe("30 node3: shop/web has been blocked for 30 s by budget pdb (pods 2, healthy 2, needed 1, may go 1); waited for, because the budget covers 2 pods");
        _node.Said.ShouldNotContain(line => line.Contains("API server", StringComparison.Ordinal));
        _node.Passed.ShouldBeLessThan(TimeSpan.FromSeconds(38));
    }

    private void MustNotPush(string because)
    {
        var report = _node.Drain(DrainedNode.Options with { Timeout = TimeSpan.FromMinutes(5) });

        report.Of(PodOutcome.Stuck).ShouldHaveSingleItem().Reason.ShouldEndWith($"; waited for, because {because}");
        _node.Asked("delete", "pods").ShouldBeEmpty();
        _node.Names.ShouldBe(["web"]);
    }

    private static ApiRefusal Unavailable() => new(HttpStatusCode.ServiceUnavailable, "ServiceUnavailable", "the server is going down");

    private void BecomesUnready(string pod, string budget)
    {
        _node.Change(pod, changed => changed["status"]!["conditions"]![0]!["status"] = "False");
        _node.ChangeBudget(budget, "currentHealthy", 0);
    }
}
