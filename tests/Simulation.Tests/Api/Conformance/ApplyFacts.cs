using System.Net;

namespace Stepper.Simulation.Tests.Api.Conformance;

public sealed class ApplyFacts : IDisposable
{
    private readonly ApiUnderTest _api = new();

    public void Dispose() => _api.Dispose();

    [Fact]
    public void WhatIsNotThereIsMadeAndItsFieldsAreTheManagers()
    {
        var made = Apply("m1", """{"k":"1","o":"1"}""");

        made.Code.ShouldBe(HttpStatusCode.Created);
        made["metadata.managedFields.0.fieldsV1"]!.ToJsonString().ShouldBe("""{"f:data":{"f:k":{},"f:o":{}}}""");
        made["metadata.managedFields.0.operation"]!.ToString().ShouldBe("Apply");
    }

    [Fact]
    public void TheSameAgainIsNoWrite()
    {
        var version = Apply("m1", """{"k":"1"}""").Version;

        var again = Apply("m1", """{"k":"1"}""");

        again.Code.ShouldBe(HttpStatusCode.OK);
        again.Version.ShouldBe(version);
    }

    [Fact]
    public void AnothersFieldIsAConflict()
    {
        Apply("m1", """{"k":"1","o":"1"}""");

        Apply("m2", """{"k":"2"}""").ShouldRefuse(HttpStatusCode.Conflict, "Conflict", "Apply failed with 1 conflict: conflict with \"m1\": .data.k");
        var both = Apply("m2", """{"k":"2","o":"3"}""");
        both.ShouldRefuse(HttpStatusCode.Conflict, "Conflict", "Apply failed with 2 conflicts: conflicts with \"m1\":\n- .data.k\n- .data.o");
        both["details.causes.1"]!.ToJsonString().ShouldBe("""{"reason":"FieldManagerConflict","message":"conflict with \u0022m1\u0022","field":".data.o"}""");
    }

    [Fact]
    public void AFieldThatWasWrittenPlainlyIsAConflictToo()
    {
        Apply("m1", """{"k":"1"}""");
        _api.Merge(_api.At("configmaps/a") + "?fieldManager=upd", """{"data":{"k":"2"}}""");

        Apply("m1", """{"k":"1"}""").ShouldRefuse(HttpStatusCode.Conflict, "Conflict", "Apply failed with 1 conflict: conflict with \"upd\" using v1: .data.k");
    }

    [Fact]
    public void TheSameValueIsOwnedByBoth()
    {
        Apply("m1", """{"k":"1"}""");

        Apply("m2", """{"k":"1"}""").Code.ShouldBe(HttpStatusCode.OK);
        Apply("m2", "{}")["data.k"]!.ToString().ShouldBe("1");
    }

    [Fact]
    public void ForceTakesOver()
    {
        Apply("m1", """{"k":"1","o":"1"}""");

        var forced = Apply("m2", """{"k":"2"}""", force: true);

        forced["data"]!.ToJsonString().ShouldBe("""{"k":"2","o":"1"}""");
        forced["metadata.managedFields.0.fieldsV1"]!.ToJsonString().ShouldBe("""{"f:data":{"f:o":{}}}""");
    }

    [Fact]
    public void WhatTheManagerSaysNoMoreIsTakenAway()
    {
        Apply("m1", """{"k":"1","o":"1"}""");

        Apply("m1", """{"o":"1"}""")["data"]!.ToJsonString().ShouldBe("""{"o":"1"}""");
    }

    [Fact]
    public void AManagerIsNeeded() => _api.Apply(_api.At("configmaps/a"), "", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}""").ShouldRefuse(
        HttpStatusCode.UnprocessableEntity, "Invalid", "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");

    [Fact]
    public void AFieldThatTheKindDoesNotHaveIsAnError() => _api
        .Apply(_api.At("jobs/j"), "m", $$$"""{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j","namespace":"{{{_api.Namespace}}}"},"spec":{"foo":1}}""")
        .ShouldRefuse(HttpStatusCode.InternalServerError, "", $"failed to create typed patch object ({_api.Namespace}/j; batch/v1, Kind=Job): .spec.foo: field not declared in schema");

    [Fact]
    public void ListsAreMergedByTheirKeys()
    {
        const string Pod = """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i:1"}]}}""";
        _api.Apply(_api.At("pods/p"), "m1", Pod);

        _api.Apply(_api.At("pods/p"), "m2", Pod.Replace("i:1", "i:2", StringComparison.Ordinal))
            .ShouldRefuse(HttpStatusCode.Conflict, "Conflict", "Apply failed with 1 conflict: conflict with \"m1\": .spec.containers[name=\"c\"].image");
    }

    private Answer Apply(string manager, string data, bool force = false) =>
        _api.Apply(_api.At("configmaps/a"), manager, $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{{data}}}""", force);
}
