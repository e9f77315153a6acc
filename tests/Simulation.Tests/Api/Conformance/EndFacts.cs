using System.Net;

namespace Stepper.Simulation.Tests.Api.Conformance;

public sealed class EndFacts : IDisposable
{
    private const string NobodysUid = "00000000-0000-0000-0000-000000000001";

    private readonly ApiUnderTest _api = new();

    public void Dispose() => _api.Dispose();

    [Fact]
    public void ADeletionSaysWhatIsGone()
    {
        var uid = (string)_api.AddMap("a")["metadata.uid"]!;

        var gone = _api.Delete(_api.At("configmaps/a"));

        gone.Text.TrimEnd().ShouldBe($$$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","details":{"name":"a","kind":"configmaps","uid":"{{{uid}}}"}}""");
        _api.Get(_api.At("configmaps/a")).Code.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public void OnlyTheOneMeantIsDeleted()
    {
        var uid = (string)_api.AddMap("a")["metadata.uid"]!;

        _api.Delete(_api.At("configmaps/a"), $$$"""{"preconditions":{"uid":"{{{NobodysUid}}}"}}""").ShouldRefuse(
            HttpStatusCode.Conflict,
            "Conflict",
            $"Operation cannot be fulfilled on ConfigMap \"a\": the UID in the precondition ({NobodysUid}) does not match the UID in record ({uid}). The object might have been deleted and then recreated");
    }

    [Fact]
    public void APodOnANodeIsGivenItsTimeAndASecondDeletionMayShortenIt()
    {
        _api.AddRunningPod("p", "web");

        ((int)_api.Delete(_api.At("pods/p"))["metadata.deletionGracePeriodSeconds"]!).ShouldBe(30);
        ((int)_api.Delete(_api.At("pods/p?gracePeriodSeconds=5"))["metadata.deletionGracePeriodSeconds"]!).ShouldBe(5);
        ((int)_api.Delete(_api.At("pods/p?gracePeriodSeconds=50"))["metadata.deletionGracePeriodSeconds"]!).ShouldBe(5);
        _api.Get(_api.At("pods/p")).Code.ShouldBe(HttpStatusCode.OK);
        _api.Delete(_api.At("pods/p?gracePeriodSeconds=0")).Code.ShouldBe(HttpStatusCode.OK);
        _api.Get(_api.At("pods/p")).Code.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public void AFinalizerKeepsAnObjectUntilItIsTakenAway()
    {
        _api.Post(_api.At("configmaps"), """{"metadata":{"name":"a","finalizers":["x.example/keep"]}}""");

        _api.Delete(_api.At("configmaps/a"))["metadata.deletionTimestamp"].ShouldNotBeNull();
        _api.AddMap("a").ShouldRefuse(HttpStatusCode.Conflict, "AlreadyExists", "object is being deleted: configmaps \"a\" already exists");
        _api.Merge(_api.At("configmaps/a"), """{"metadata":{"finalizers":["x.example/keep","x.example/new"]}}""").ShouldRefuse(
            HttpStatusCode.UnprocessableEntity,
            "Invalid",
            "ConfigMap \"a\" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{\"x.example/new\"}");
        _api.Merge(_api.At("configmaps/a"), """{"metadata":{"finalizers":null}}""").Code.ShouldBe(HttpStatusCode.OK);
        _api.Get(_api.At("configmaps/a")).Code.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public void AJobIsDeletedAsItsPolicySays()
    {
        foreach (var name in (string[])["fg", "bg", "none"])
        {
            _api.Post(_api.At("jobs"), JobFacts.Job(name, "\"suspend\":true,"));
        }

        _api.Delete(_api.At("jobs/fg?propagationPolicy=Foreground"))["metadata.finalizers"]!.ToJsonString().ShouldBe("""["foregroundDeletion"]""");
        _api.Delete(_api.At("jobs/bg"), """{"propagationPolicy":"Background"}""")["status"]!.ToString().ShouldBe("Success");
        var orphaning = _api.Delete(_api.At("jobs/none"));
        orphaning["metadata.finalizers"]!.ToJsonString().ShouldBe("""["orphan"]""");
        orphaning.Warnings[0].ShouldContain("child pods are preserved by default when jobs are deleted");
    }

    [Fact]
    public void AnUnknownPolicyIsRefused()
    {
        _api.AddMap("a");

        _api.Delete(_api.At("configmaps/a?propagationPolicy=Foo")).ShouldRefuse(
            HttpStatusCode.UnprocessableEntity,
            "Invalid",
            "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: \"Foo\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"");
    }

    [Fact]
    public void InANamespaceThatEndsNothingNewIsMade()
    {
        _api.Post(_api.At("configmaps"), """{"metadata":{"name":"a","finalizers":["x.example/keep"]}}""");
        _api.Delete($"/api/v1/namespaces/{_api.Namespace}")["status.phase"]!.ToString().ShouldBe("Terminating");

        _api.AddMap("b").ShouldRefuse(
            HttpStatusCode.Forbidden, "Forbidden", $"configmaps \"b\" is forbidden: unable to create new content in namespace {_api.Namespace} because it is being terminated");
        _api.Merge(_api.At("configmaps/a"), """{"metadata":{"finalizers":null}}""");
    }

    [Fact]
    public void SomeNamespacesStay() =>
        _api.Delete("/api/v1/namespaces/default").ShouldRefuse(HttpStatusCode.Forbidden, "Forbidden", "namespaces \"default\" is forbidden: this namespace may not be deleted");
}
