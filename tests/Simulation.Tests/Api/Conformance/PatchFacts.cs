using System.Net;

namespace Stepper.Simulation.Tests.Api.Conformance;

public sealed class PatchFacts : IDisposable
{
    private readonly ApiUnderTest _api = new();
    private readonly string _node;

    public PatchFacts()
    {
        _node = "/api/v1/nodes/" + _api.Namespace;
        _api.Post("/api/v1/nodes", $$$$"""{"metadata":{"name":"{{{{_api.Namespace}}}}","labels":{"a":"1"}}}""");
        _api.Strategic(_node + "/status", """{"status":{"conditions":[{"type":"Ready","status":"True"}]}}""");
    }

    public void Dispose()
    {
        _api.Delete(_node);
        _api.Dispose();
    }

    [Fact]
    public void ConditionsAreMergedByTheirTypeAndANewOneComesFirst()
    {
        var patched = _api.Strategic(_node + "/status", """{"status":{"conditions":[{"type":"DiskPressure","status":"False"}]}}""");

        patched["status.conditions.0.type"]!.ToString().ShouldBe("DiskPressure");
        patched["status.conditions.1.type"]!.ToString().ShouldBe("Ready");
    }

    [Fact]
    public void OneConditionCanBeTakenOut() =>
        _api.Strategic(_node + "/status", """{"status":{"conditions":[{"type":"Ready","$patch":"delete"}]}}""")["status.conditions"].ShouldBeNull();

    [Fact]
    public void AnItemWithoutItsKeyIsNotUnderstood() =>
        _api.Strategic(_node + "/status", """{"status":{"conditions":[{"status":"True"}]}}""").Code.ShouldBe(HttpStatusCode.InternalServerError);

    [Fact]
    public void TaintsHaveNoKeyAndAreReplaced()
    {
        _api.Strategic(_node, """{"spec":{"taints":[{"key":"a","effect":"NoSchedule"}]}}""");

        _api.Strategic(_node, """{"spec":{"taints":[{"key":"b","effect":"NoExecute"}]}}""")["spec.taints"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public void ATaintIsThereOnce() => _api.Strategic(_node, """{"spec":{"taints":[{"key":"b","effect":"NoExecute"},{"key":"b","effect":"NoExecute"}]}}""").ShouldRefuse(
        HttpStatusCode.UnprocessableEntity,
        "Invalid",
        $"Node \"{_api.Namespace}\" is invalid: metadata.taints[1]: Duplicate value: {{\"Key\":\"b\",\"Value\":\"\",\"Effect\":\"NoExecute\",\"TimeAdded\":null}}: taints must be unique by key and effect pair");

    [Fact]
    public void AMapCanBeReplacedAsAWhole() =>
        _api.Strategic(_node, """{"metadata":{"labels":{"$patch":"replace","only":"me"}}}""")["metadata.labels"]!.ToJsonString().ShouldBe("""{"only":"me"}""");

    [Fact]
    public void AMergePatchReplacesLists() =>
        _api.Merge(_node + "/status", """{"status":{"conditions":[{"type":"Only","status":"True"}]}}""")["status.conditions"]!.AsArray().Count.ShouldBe(1);

    [Fact]
    public void ANodeIsCordonedByItsSpec()
    {
        ((bool)_api.Strategic(_node, """{"spec":{"unschedulable":true}}""")["spec.unschedulable"]!).ShouldBeTrue();
        _api.Strategic(_node, """{"spec":{"unschedulable":null}}""")["spec.unschedulable"].ShouldBeNull();
    }

    [Fact]
    public void AJsonPatchDoesItsOperationsInTurn() => _api
        .JsonPatch(_node, """[{"op":"test","path":"/metadata/labels/a","value":"1"},{"op":"add","path":"/metadata/labels/x~1y","value":"2"},{"op":"remove","path":"/metadata/labels/a"}]""")
        ["metadata.labels"]!.AsObject().ContainsKey("x/y").ShouldBeTrue();

    [Theory]
    [InlineData("""[{"op":"test","path":"/metadata/labels/a","value":"9"}]""")]
    [InlineData("""[{"op":"remove","path":"/metadata/labels/nope"}]""")]
    [InlineData("""[{"op":"add","path":"/metadata/nope/x","value":"y"}]""")]
    [InlineData("""[{"op":"nonsense","path":"/metadata/labels/a"}]""")]
    public void AJsonPatchThatCanNotBeDoneIsRefused(string patch) =>
        _api.JsonPatch(_node, patch).ShouldRefuse(HttpStatusCode.UnprocessableEntity, "Invalid", "the server rejected our request due to an error in our request");

    [Fact]
    public void APatchSaysOfWhatFormItIs() =>
        _api.Merge(_node, "[]").ShouldRefuse(HttpStatusCode.BadRequest, "BadRequest", "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}");
}
