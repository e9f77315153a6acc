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
        AddPods("p", "q");
        _api.AddBudget("b", "web", wanted: 2, healthy: 2);

        var refused = Evict("p");

        refused.ShouldRefuse(HttpStatusCode.TooManyRequests, "TooManyRequests", Violates);
        refused["details"]!.ToJsonString().ShouldBe("""{"causes":[{"reason":"DisruptionBudget","message":"The disruption budget b needs 2 healthy pods and has 2 currently"}]}""");
    }

    [Fact]
    public void ABudgetPaysForEachPod()
    {
        AddPods("p", "q");
        _api.AddBudget("b", "web", wanted: 1, healthy: 2);

        Evict("p").Text.TrimEnd().ShouldBe("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","code":201}""");

        ((int)_api.Get(_api.At("poddisruptionbudgets/b"))["status.disruptionsAllowed"]!).ShouldBe(0);
        var pod = _api.Get(_api.At("pods/p"));
        pod["metadata.deletionTimestamp"].ShouldNotBeNull();
        pod["status.conditions.1.reason"]!.ToString().ShouldBe("EvictionByEvictionAPI");
    }

    [Fact]
    public void ADryRunPaysNothing()
    {
        AddPods("p", "q");
        _api.AddBudget("b", "web", wanted: 1, healthy: 2);

        Evict("p", """{"dryRun":["All"]}""").Code.ShouldBe(HttpStatusCode.Created);

        ((int)_api.Get(_api.At("poddisruptionbudgets/b"))["status.disruptionsAllowed"]!).ShouldBe(1);
        _api.Get(_api.At("pods/p"))["metadata.deletionTimestamp"].ShouldBeNull();
    }

    [Fact]
    public void UnderTwoBudgetsThereIsNoEviction()
    {
        AddPods("p", "q");
        _api.AddBudget("b", "web", wanted: 1, healthy: 2);
        _api.AddBudget("c", "web", wanted: 1, healthy: 2);

        Evict("p").ShouldRefuse(HttpStatusCode.InternalServerError, "", "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
    }

    [Fact]
    public void APodThatHasEndedOrNotBegunIsNotCounted()
    {
        AddPods("ended", "waits", "p");
        _api.Merge(_api.At("pods/ended/status"), """{"status":{"phase":"Succeeded"}}""");
        _api.Merge(_api.At("pods/waits/status"), """{"status":{"phase":"Pending","conditions":null}}""");
        _api.AddBudget("b", "web", wanted: 1, healthy: 1);

        Evict("ended").Code.ShouldBe(HttpStatusCode.Created);
        Evict("waits").Code.ShouldBe(HttpStatusCode.Created);
        Evict("p").Code.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public void APodThatIsNotReadyGoesWhenTheBudgetIsWholeWithoutIt()
    {
        AddPods("p", "q");
        _api.Merge(_api.At("pods/p/status"), """{"status":{"conditions":[{"type":"Ready","status":"False"}]}}""");
        _api.AddBudget("b", "web", wanted: 2, healthy: 1);

        Evict("p").Code.ShouldBe(HttpStatusCode.TooManyRequests);
        AddPods("r");
        _api.SetBudget("b", wanted: 2, healthy: 2);
        Evict("p").Code.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public void ABudgetThatHasNotBeenLookedAtRefuses()
    {
        // Nor will it ever be: what these pods stand under has no number of replicas to count a share of.
        var owner = (string)_api.AddMap("owner")["metadata.uid"]!;
        _api.AddRunningPod("p", "web", $$"""{"apiVersion":"v1","kind":"ConfigMap","name":"owner","uid":"{{owner}}","controller":true}""");
        _api.Post(_api.At("poddisruptionbudgets"), """{"metadata":{"name":"b"},"spec":{"maxUnavailable":1,"selector":{"matchLabels":{"app":"web"}}}}""").Code.ShouldBe(HttpStatusCode.Created);

        var refused = Evict("p");

        refused.ShouldRefuse(HttpStatusCode.TooManyRequests, "TooManyRequests", Violates);
        refused["details.causes.0.message"]!.ToString().ShouldBe("The disruption budget b is still being processed by the server.");
        ((int)refused["details.retryAfterSeconds"]!).ShouldBe(10);
    }

    [Fact]
    public void AnotherPodOfThatNameIsAConflictThatUsesTheBudget()
    {
        AddPods("p", "q");
        _api.AddBudget("b", "web", wanted: 1, healthy: 2);

        Evict("p", """{"preconditions":{"uid":"00000000-0000-0000-0000-000000000001"}}""").Code.ShouldBe(HttpStatusCode.Conflict);

        ((int)_api.Get(_api.At("poddisruptionbudgets/b"))["status.disruptionsAllowed"]!).ShouldBe(0);
    }

    [Fact]
    public void APodIsGivenTheGraceThatItsEvictionNames()
    {
        AddPods("p");

        Evict("p", """{"gracePeriodSeconds":300}""").Code.ShouldBe(HttpStatusCode.Created);
        ((int)_api.Get(_api.At("pods/p"))["metadata.deletionGracePeriodSeconds"]!).ShouldBe(300);
        Evict("p", """{"gracePeriodSeconds":20}""").Code.ShouldBe(HttpStatusCode.Created);

        ((int)_api.Get(_api.At("pods/p"))["metadata.deletionGracePeriodSeconds"]!).ShouldBe(20);
    }

    [Fact]
    public void APodThatIsGoneIsNotFoundByItsName()
    {
        var refused = Evict("p");

        refused.ShouldRefuse(HttpStatusCode.NotFound, "NotFound", "pods \"p\" not found");
        refused["details.name"]!.ToString().ShouldBe("p");
    }

    [Fact]
    public void InANamespaceThatIsBeingEndedThereIsNoEviction()
    {
        AddPods("p");
        _api.Merge(_api.At("pods/p"), """{"metadata":{"finalizers":["example.org/keep"]}}""");
        _api.Delete($"/api/v1/namespaces/{_api.Namespace}");

        var refused = Evict("p");

        _api.Merge(_api.At("pods/p"), """{"metadata":{"finalizers":null}}""");
        refused.ShouldRefuse(HttpStatusCode.Forbidden, "Forbidden", $"pods \"p\" is forbidden: unable to create new content in namespace {_api.Namespace} because it is being terminated");
        refused["details.causes.0.reason"]!.ToString().ShouldBe("NamespaceTerminating");
    }

    private void AddPods(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            _api.AddRunningPod(name, "web");
        }
    }

    private Answer Evict(string pod, string options = "{}") => _api.Post(
        _api.At($"pods/{pod}/eviction"), $$"""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"{{pod}}"},"deleteOptions":{{options}}}""");
}
