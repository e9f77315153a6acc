using System.Net;

namespace Stepper.Simulation.Tests.Api.Conformance;

public sealed class AccessFacts : IDisposable
{
    private readonly ApiUnderTest _api = new();

    public AccessFacts()
    {
        _api.Post(_api.At("roles"), """{"metadata":{"name":"r"},"rules":[{"apiGroups":["batch"],"resources":["jobs","pods/log"],"verbs":["list"]},{"apiGroups":[""],"resources":["secrets"],"resourceNames":["mine"],"verbs":["get","list","watch","create","deletecollection"]}]}""");
        _api.Post(_api.At("rolebindings"), """{"metadata":{"name":"rb"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"},"subjects":[{"kind":"User","name":"joe"}]}""");
        _api.Until(() => _api.Get(_api.At("jobs"), "joe").Code == HttpStatusCode.OK);
    }

    public void Dispose() => _api.Dispose();

    [Fact]
    public void WhatIsNotAllowedIsForbiddenInWords()
    {
        _api.Get(_api.At("pods"), "joe").ShouldRefuse(
            HttpStatusCode.Forbidden, "Forbidden", $"pods is forbidden: User \"joe\" cannot list resource \"pods\" in API group \"\" in the namespace \"{_api.Namespace}\"");
        _api.Get("/apis/apps/v1/deployments", "joe").ShouldRefuse(
            HttpStatusCode.Forbidden, "Forbidden", "deployments.apps is forbidden: User \"joe\" cannot list resource \"deployments\" in API group \"apps\" at the cluster scope");
        _api.Post(_api.At("pods/x/eviction"), "{}", "joe").ShouldRefuse(
            HttpStatusCode.Forbidden, "Forbidden", $"pods \"x\" is forbidden: User \"joe\" cannot create resource \"pods/eviction\" in API group \"\" in the namespace \"{_api.Namespace}\"");
        _api.Get("/metrics", "joe").ShouldRefuse(HttpStatusCode.Forbidden, "Forbidden", "forbidden: User \"joe\" cannot get path \"/metrics\"");
    }

    [Fact]
    public void ARuleAllowsWhatItNames()
    {
        _api.Get(_api.At("jobs"), "joe").Code.ShouldBe(HttpStatusCode.OK);
        _api.Get(_api.At("secrets/mine"), "joe").Code.ShouldBe(HttpStatusCode.NotFound);
        _api.Get(_api.At("secrets/yours"), "joe").Code.ShouldBe(HttpStatusCode.Forbidden);
        _api.Get("/apis/batch/v1/jobs", "joe").Code.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public void ARuleOfOneNameAllowsAListOfThatNameAlone()
    {
        _api.Get(_api.At("secrets?fieldSelector=metadata.name%3Dmine"), "joe").Code.ShouldBe(HttpStatusCode.OK);
        _api.Get(_api.At("secrets?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Dmine"), "joe").Code.ShouldBe(HttpStatusCode.OK);
        _api.Get(_api.At("secrets?fieldSelector=metadata.name%3Dyours"), "joe").Code.ShouldBe(HttpStatusCode.Forbidden);
        _api.Get(_api.At("secrets?fieldSelector=metadata.name!%3Dmine"), "joe").Code.ShouldBe(HttpStatusCode.Forbidden);
        _api.Get(_api.At("secrets"), "joe").Code.ShouldBe(HttpStatusCode.Forbidden);
        // What is to be made has no name yet.
        _api.Post(_api.At("secrets"), """{"metadata":{"name":"mine"}}""", "joe").Code.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("list", "batch", "jobs", true)]
    [InlineData("delete", "batch", "jobs", false)]
    [InlineData("list", "", "pods", false)]
    public void OneMayAskWhatOneMayDo(string verb, string group, string resource, bool allowed)
    {
        var attributes = $$"""{"namespace":"{{_api.Namespace}}","verb":"{{verb}}","group":"{{group}}","resource":"{{resource}}"}""";
        var review = $$$"""{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{{{attributes}}}}}""";

        var answer = _api.Post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review, "joe");

        answer.Code.ShouldBe(HttpStatusCode.Created);
        ((bool)answer["status.allowed"]!).ShouldBe(allowed);
    }

    [Fact]
    public void HealthIsForEverybody() => _api.Get("/readyz", "joe").Text.ShouldBe("ok");
}
