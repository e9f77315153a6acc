using System.Net;

namespace Stepper.Simulation.Tests.Api.Conformance;

public sealed class EvictionFacts : IDisposable
{
    private const string Violates = "Cannot evict pod as it would violate the pod's disruption budget.";

    private readonly ApiUnderTest _api = new();

    public void Dispose() => _api.Dispose();

    [Fact]
    public void ABudgetThatIsSpentRefusesWithItsNumbers()
    {
        _api.AddRunningPod("p", "web");
        _api.AddBudget("b", "web", allowed: 0, healthy: 2, wanted: 2);

        var refused = Evict("p");

        refused.ShouldRefuse(HttpStatusCode.TooManyRequests, "TooManyRequests", Violates);
        refused["details"]!.ToJsonString().ShouldBe("""{"causes":[{"reason":"DisruptionBudget","message":"The disruption budget b needs 2 healthy pods and has 2 currently"}]}""");
    }

    [Fact]
    public void ABudgetPaysForEachPod()
    {
        _api.AddRunningPod("p", "web");
        _api.AddBudget("b", "web", allowed: 1, healthy: 2, wanted: 1);

        Evict("p").Text.TrimEnd().ShouldBe("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","code":201}""");

        var budget = _api.Get(_api.At("poddisruptionbudgets/b"));
        ((int)budget["status.disruptionsAllowed"]!).ShouldBe(0);
        budget["status.disruptedPods.p"].ShouldNotBeNull();
        var pod = _api.Get(_api.At("pods/p"));
        pod["metadata.deletionTimestamp"].ShouldNotBeNull();
        pod["status.conditions.1.reason"]!.ToString().ShouldBe("EvictionByEvictionAPI");
    }

    [Fact]
    public void ADryRunPaysNothing()
    {
        _api.AddRunningPod("p", "web");
        _api.AddBudget("b", "web", allowed: 1, healthy: 2, wanted: 1);

        Evict("p", """{"dryRun":["All"]}""").Code.ShouldBe(HttpStatusCode.Created);

        ((int)_api.Get(_api.At("poddisruptionbudgets/b"))["status.disruptionsAllowed"]!).ShouldBe(1);
        _api.Get(_api.At("pods/p"))["metadata.deletionTimestamp"].ShouldBeNull();
    }

    [Fact]
    public void UnderTwoBudgetsThereIsNoEviction()
    {
        _api.AddRunningPod("p", "web");
        _api.AddBudget("b", "web", allowed: 1, healthy: 2, wanted: 1);
        _api.AddBudget("c", "web", allowed: 1, healthy: 2, wanted: 1);

        Evict("p").ShouldRefuse(HttpStatusCode.InternalServerError, "", "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
    }

    [Fact]
    public void APodThatHasEndedOrNotBegunIsNotCounted()
    {
        _api.AddRunningPod("ended", "web");
        _api.Merge(_api.At("pods/ended/status"), """{"status":{"phase":"Succeeded"}}""");
        _api.AddRunningPod("waits", "web");
        _api.Merge(_api.At("pods/waits/status"), """{"status":{"phase":"Pending"}}""");
        _api.AddBudget("b", "web", allowed: 0, healthy: 2, wanted: 2);

        Evict("ended").Code.ShouldBe(HttpStatusCode.Created);
        Evict("waits").Code.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public void APodThatIsNotReadyGoesWhenTheBudgetIsWholeWithoutIt()
    {
        _api.AddRunningPod("p", "web");
        _api.Merge(_api.At("pods/p/status"), """{"status":{"conditions":[{"type":"Ready","status":"False"}]}}""");
        _api.AddBudget("b", "web", allowed: 0, healthy: 1, wanted: 2);

        Evict("p").Code.ShouldBe(HttpStatusCode.TooManyRequests);
        _api.Merge(_api.At("poddisruptionbudgets/b/status"), """{"status":{"currentHealthy":2}}""");
        Evict("p").Code.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public void ABudgetThatHasNotBeenLookedAtRefuses()
    {
        _api.AddRunningPod("p", "web");
        _api.AddBudget("b", "web", allowed: 5, healthy: 6, wanted: 1);
        _api.Merge(_api.At("poddisruptionbudgets/b"), """{"spec":{"minAvailable":0}}""");

        var refused = Evict("p");

        refused.ShouldRefuse(HttpStatusCode.TooManyRequests, "TooManyRequests", Violates);
        refused["details.causes.0.message"]!.ToString().ShouldBe("The disruption budget b is still being processed by the server.");
        ((int)refused["details.retryAfterSeconds"]!).ShouldBe(10);
    }

    [Fact]
    public void AnotherPodOfThatNameIsAConflictThatUsesTheBudget()
    {
        _api.AddRunningPod("p", "web");
        _api.AddBudget("b", "web", allowed: 1, healthy: 2, wanted: 1);

        Evict("p", """{"preconditions":{"uid":"00000000-0000-0000-0000-000000000001"}}""").Code.ShouldBe(HttpStatusCode.Conflict);

        ((int)_api.Get(_api.At("poddisruptionbudgets/b"))["status.disruptionsAllowed"]!).ShouldBe(0);
    }

    private Answer Evict(string pod, string options = "{}") => _api.Post(
        _api.At($"pods/{pod}/eviction"), $$"""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"{{pod}}"},"deleteOptions":{{options}}}""");
}
