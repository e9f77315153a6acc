using System.Net;

namespace Stepper.Simulation.Tests.Api.Conformance;

public sealed class WriteFacts : IDisposable
{
    private const string Modified = "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest version and try again";

    private readonly ApiUnderTest _api = new();

    public void Dispose() => _api.Dispose();

    [Fact]
    public void ATakenNameIsAConflictThatSaysSo()
    {
        _api.AddMap("a");

        var again = _api.AddMap("a");

        again.ShouldRefuse(HttpStatusCode.Conflict, "AlreadyExists", "configmaps \"a\" already exists");
        again["details"]!.ToJsonString().ShouldBe("""{"name":"a","kind":"configmaps"}""");
    }

    [Fact]
    public void ANameCanBeMadeUpFromItsStart() =>
        ((string)_api.Post(_api.At("configmaps"), """{"metadata":{"generateName":"gen-"}}""")["metadata.name"]!).ShouldMatch("^gen-[a-z0-9]{5}$");

    [Theory]
    [InlineData("""{"metadata":{"name":"x-"}}""", "x-")]
    [InlineData("""{"metadata":{"name":"Bad_Name"}}""", "Bad_Name")]
    public void ABadNameIsRefused(string body, string name) => _api.Post(_api.At("configmaps"), body).ShouldRefuse(
        HttpStatusCode.UnprocessableEntity,
        "Invalid",
        $"ConfigMap \"{name}\" is invalid: metadata.name: Invalid value: \"{name}\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end "
        + @"with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')");

    [Fact]
    public void ANameIsNeeded() => _api.Post(_api.At("configmaps"), """{"metadata":{}}""").ShouldRefuse(
        HttpStatusCode.UnprocessableEntity, "Invalid", "ConfigMap \"\" is invalid: metadata.name: Required value: name or generateName is required");

    [Fact]
    public void ANamespaceMustBeThere() => _api.Post("/api/v1/namespaces/nowhere/configmaps", """{"metadata":{"name":"a"}}""")
        .ShouldRefuse(HttpStatusCode.NotFound, "NotFound", "namespaces \"nowhere\" not found");

    [Fact]
    public void ANewObjectBringsNoResourceVersion() => _api.Post(_api.At("configmaps"), """{"metadata":{"name":"a","resourceVersion":"7"}}""")
        .ShouldRefuse(HttpStatusCode.InternalServerError, "", "resourceVersion should not be set on objects to be created");

    [Fact]
    public void AStaleWriteIsAConflictWhateverItsForm()
    {
        var stale = _api.AddMap("a", """{"k":"1"}""").Version;
        _api.Merge(_api.At("configmaps/a"), """{"data":{"k":"2"}}""").Code.ShouldBe(HttpStatusCode.OK);
        var body = $$$"""{"metadata":{"name":"a","resourceVersion":"{{{stale}}}"},"data":{"k":"3"}}""";

        _api.Put(_api.At("configmaps/a"), body).ShouldRefuse(HttpStatusCode.Conflict, "Conflict", Modified);
        _api.Merge(_api.At("configmaps/a"), body).ShouldRefuse(HttpStatusCode.Conflict, "Conflict", Modified);
        _api.Strategic(_api.At("configmaps/a"), body).ShouldRefuse(HttpStatusCode.Conflict, "Conflict", Modified);
        _api.Apply(_api.At("configmaps/a"), "m", body.Replace("{\"metadata\"", "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\"", StringComparison.Ordinal), force: true)
            .ShouldRefuse(HttpStatusCode.Conflict, "Conflict", Modified);
    }

    [Fact]
    public void APutWithoutAResourceVersionReplacesWhateverIsThere()
    {
        _api.AddMap("a", """{"k":"1"}""");

        _api.Put(_api.At("configmaps/a"), """{"metadata":{"name":"a"},"data":{"l":"2"}}""")["data"]!.ToJsonString().ShouldBe("""{"l":"2"}""");
    }

    [Fact]
    public void AWriteThatChangesNothingIsNoWrite()
    {
        var version = _api.AddMap("a", """{"k":"1"}""").Version;

        _api.Merge(_api.At("configmaps/a"), """{"metadata":{"annotations":{"nope":null}}}""").Version.ShouldBe(version);
        _api.Merge(_api.At("configmaps/a"), """{"metadata":{"creationTimestamp":"2001-01-01T00:00:00Z"}}""").Version.ShouldBe(version);
    }

    [Fact]
    public void ADryRunLeavesNothing()
    {
        _api.Post(_api.At("configmaps") + "?dryRun=All", """{"metadata":{"name":"a"}}""").Code.ShouldBe(HttpStatusCode.Created);

        _api.Get(_api.At("configmaps/a")).ShouldRefuse(HttpStatusCode.NotFound, "NotFound", "configmaps \"a\" not found");
    }

    [Fact]
    public void AnObjectIsNotRenamed()
    {
        _api.AddMap("a");

        _api.Merge(_api.At("configmaps/a"), """{"metadata":{"name":"b"}}""").ShouldRefuse(HttpStatusCode.BadRequest, "BadRequest", "the name of the object (b) does not match the name on the URL (a)");
        _api.Put(_api.At("configmaps/a"), """{"metadata":{"name":"b"}}""").ShouldRefuse(HttpStatusCode.BadRequest, "BadRequest", "the name of the object (b) does not match the name on the URL (a)");
    }

    [Fact]
    public void ALabelsValueHasABound() => _api.Post(_api.At("configmaps"), $$$$"""{"metadata":{"name":"a","labels":{"l":"{{{{new string('x', 64)}}}}"}}}""").ShouldRefuse(
        HttpStatusCode.UnprocessableEntity, "Invalid", $"ConfigMap \"a\" is invalid: metadata.labels: Invalid value: \"{new string('x', 64)}\": must be no more than 63 bytes");

    [Fact]
    public void AnImmutableConfigMapStaysAsItIs()
    {
        _api.Post(_api.At("configmaps"), """{"metadata":{"name":"a"},"data":{"k":"1"},"immutable":true}""");

        _api.Merge(_api.At("configmaps/a"), """{"data":{"k":"2"}}""")
            .ShouldRefuse(HttpStatusCode.UnprocessableEntity, "Invalid", "ConfigMap \"a\" is invalid: data: Forbidden: field is immutable when `immutable` is set");
    }

    [Fact]
    public void AnUnknownFieldIsDroppedAndSaidOrRefusedWhenThatIsWanted()
    {
        const string Body = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","foo":"x"},"dta":{"a":"b"}}""";

        _api.Post(_api.At("configmaps") + "?fieldValidation=Strict", Body).ShouldRefuse(
            HttpStatusCode.BadRequest, "BadRequest", "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown field \"metadata.foo\", unknown field \"dta\"");
        var made = _api.Post(_api.At("configmaps"), Body);
        made.Code.ShouldBe(HttpStatusCode.Created);
        made["dta"].ShouldBeNull();
        made.Warnings.ShouldContain(warning => warning.Contains("unknown field \\\"dta\\\"", StringComparison.Ordinal));
    }

    [Fact]
    public void AValueOfAWrongTypeIsRefused() => _api.Post(_api.At("jobs"), """{"metadata":{"name":"j"},"spec":{"backoffLimit":"6"}}""").ShouldRefuse(
        HttpStatusCode.BadRequest, "BadRequest", "Job in version \"v1\" cannot be handled as a Job: json: cannot unmarshal string into Go struct field JobSpec.spec.backoffLimit of type int32");

    [Fact]
    public void APatchOfNoKnownFormIsNotTaken()
    {
        _api.AddMap("a");

        _api.Patch(_api.At("configmaps/a"), "{}", "application/json").ShouldRefuse(HttpStatusCode.UnsupportedMediaType, "UnsupportedMediaType", "415: Unsupported Media Type");
    }

    [Fact]
    public void AnEventLivesWithWhatItIsAboutAndElseInDefault()
    {
        Event(_api.Namespace, _api.Namespace).Code.ShouldBe(HttpStatusCode.Created);
        var about = Event("default", "");
        about.Code.ShouldBe(HttpStatusCode.Created);
        _api.Delete($"/api/v1/namespaces/default/events/{about["metadata.name"]}");

        Event(_api.Namespace, "").Message!.ShouldEndWith("involvedObject.namespace: Invalid value: \"\": does not match event.namespace");
        Event(_api.Namespace, "default").Message!.ShouldEndWith("involvedObject.namespace: Invalid value: \"default\": does not match event.namespace");
        Event("default", _api.Namespace).Message!.ShouldEndWith($"involvedObject.namespace: Invalid value: \"{_api.Namespace}\": does not match event.namespace");
    }

    [Fact]
    public void TheStatusIsWrittenOnlyUnderItsOwnAddress()
    {
        _api.AddRunningPod("p", "web");

        _api.Merge(_api.At("pods/p"), """{"status":{"phase":"Failed"}}""")["status.phase"]!.ToString().ShouldBe("Running");
        _api.Merge(_api.At("pods/p/status"), """{"spec":{"nodeName":"other"}}""")["spec.nodeName"]!.ToString().ShouldBe("some-node");
    }

    [Fact]
    public void WhatIsNotThereIsNotFound()
    {
        _api.Merge(_api.At("jobs/nope"), "{}").ShouldRefuse(HttpStatusCode.NotFound, "NotFound", "jobs.batch \"nope\" not found");
        _api.Put(_api.At("configmaps/nope"), """{"metadata":{"name":"nope"}}""").ShouldRefuse(HttpStatusCode.NotFound, "NotFound", "configmaps \"nope\" not found");
        _api.Get(_api.At("configmaps/nope"))["details"]!.ToJsonString().ShouldBe("""{"name":"nope","kind":"configmaps"}""");
        _api.Delete(_api.At("jobs/nope"))["details"]!.ToJsonString().ShouldBe("""{"name":"nope","group":"batch","kind":"jobs"}""");
        _api.Get("/api/v1/namespaces/nowhere/configmaps/nope")["details.name"]!.ToString().ShouldBe("nope");
        _api.Get(_api.At("nonsense"))["details"]!.ToJsonString().ShouldBe("{}");
        _api.Get(_api.At("nonsense")).ShouldRefuse(HttpStatusCode.NotFound, "NotFound", "the server could not find the requested resource");
    }

    // As stepper makes them: about a node where there is no namespace.
    private Answer Event(string ns, string aboutNamespace) => _api.Post(
        $"/api/v1/namespaces/{ns}/events?fieldValidation=Strict",
        $$$"""
        {"apiVersion":"v1","kind":"Event","metadata":{"name":"{{{_api.Namespace}}}.{{{aboutNamespace.Length}}}","namespace":"{{{ns}}}"},
         "involvedObject":{"apiVersion":"v1","kind":"{{{(aboutNamespace.Length == 0 ? "Node" : "Pod")}}}","name":"x","uid":"x"{{{(aboutNamespace.Length == 0 ? "" : $",\"namespace\":\"{aboutNamespace}\"")}}}},
         "reason":"Drained","message":"{{{new string('x', 2000)}}}","type":"Normal","source":{"component":"stepper"},"firstTimestamp":"2026-11-22T12:00:00Z","lastTimestamp":"2026-11-22T12:00:00Z",
         "count":1,"reportingComponent":"stepper","reportingInstance":""}
        """);
}
