using System.Net;
using System.Text.Json.Nodes;

namespace Stepper.Simulation.Tests.Api.Conformance;

public sealed class WatchFacts : IDisposable
{
    private readonly ApiUnderTest _api = new();

    public void Dispose() => _api.Dispose();

    [Fact]
    public void ChangesSinceAVersionAreToldInTheirOrder()
    {
        var version = _api.AddMap("a", """{"k":"1"}""").Version;
        _api.Merge(_api.At("configmaps/a"), """{"data":{"k":"2"}}""");
        _api.Delete(_api.At("configmaps/a"));

        var events = _api.Watch(_api.At($"configmaps?watch=true&fieldSelector=metadata.name%3Da&resourceVersion={version}"), 2);

        events.Select(Type).ShouldBe(["MODIFIED", "DELETED"]);
        events[1]["object"]!["data"]!["k"]!.ToString().ShouldBe("2");
    }

    [Fact]
    public void WithoutAVersionAllThatIsThereIsAddedFirst()
    {
        _api.AddMap("a");

        _api.Watch(_api.At("configmaps?watch=true&fieldSelector=metadata.name%3Da"), 1).Select(Type).ShouldBe(["ADDED"]);
    }

    [Fact]
    public void WhatComesIntoASelectionIsAddedAndWhatLeavesItIsDeletedAsItWas()
    {
        var version = _api.AddMap("a").Version;
        foreach (var label in (string[])["yes", "no", "yes"])
        {
            _api.Merge(_api.At("configmaps/a"), $$$$"""{"metadata":{"labels":{"sel":"{{{{label}}}}"}}}""");
        }

        _api.Delete(_api.At("configmaps/a"));
        var events = _api.Watch(_api.At($"configmaps?watch=true&labelSelector=sel%3Dyes&resourceVersion={version}"), 4);

        events.Select(Type).ShouldBe(["ADDED", "DELETED", "ADDED", "DELETED"]);
        events[1]["object"]!["metadata"]!["labels"]!["sel"]!.ToString().ShouldBe("yes");
    }

    [Fact]
    public void AWatchEndsAfterItsTime()
    {
        var version = _api.AddMap("a").Version;

        _api.Watch(_api.At($"configmaps?watch=true&fieldSelector=metadata.name%3Dnope&timeoutSeconds=1&resourceVersion={version}"), 1).ShouldBeEmpty();
    }

    [Fact]
    public void AVersionThatIsNoneIsAnError() =>
        _api.Get(_api.At("configmaps?watch=true&resourceVersion=abc")).Code.ShouldBe(HttpStatusCode.InternalServerError);

    private static string Type(JsonNode told) => told["type"]!.ToString();
}
