using System.Text.Json.Nodes;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.Cluster.Tests.Kubernetes;

/// <summary>A write whose answer is lost is asked for again, and the second answer is understood.</summary>
public sealed class WriteTests
{
    private const string Done = """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","code":200}""";

    private readonly ScriptedApi _api = new();
    private readonly Pod _pod = new() { Metadata = new ObjectMeta { Name = "a", Namespace = "ns", Uid = "u" } };

    [Fact]
    public void WhatAnUnansweredAttemptMadeIsThereAlready()
    {
        _api.NeverAnswers().Answers(409, ScriptedApi.Refusal(409, "AlreadyExists"));

        _api.Run(api => api.CreateAsync(Resources.ConfigMaps, "ns", [], default)).ShouldBeNull();
    }

    [Fact]
    public void AChangeWhoseAnswerWasLostIsOurOwn()
    {
        _api.NeverAnswers().Answers(409, ScriptedApi.Refusal(409, "Conflict")).Answers(200, ScriptedApi.Map("8", """{"mine":"1","other":"2"}"""));

        Merge("""{"metadata":{"resourceVersion":"7"},"data":{"mine":"1","gone":null}}""").ShouldNotBeNull().Metadata.ResourceVersion.ShouldBe("8");

        _api.Asked.Select(line => line.Split(' ')[1]).ShouldBe(["PATCH", "PATCH", "GET"]);
    }

    [Theory]
    [InlineData("""{"mine":"2"}""")]
    [InlineData("""{"mine":"1","gone":"still"}""")]
    [InlineData("{}")]
    public void AChangeThatAnotherMadeIsNot(string data)
    {
        _api.NeverAnswers().Answers(409, ScriptedApi.Refusal(409, "Conflict")).Answers(200, ScriptedApi.Map("8", data));

        Should.Throw<KubeRefusedException>(() => Merge("""{"metadata":{"resourceVersion":"7"},"data":{"mine":"1","gone":null}}""")).IsConflict.ShouldBeTrue();
    }

    [Fact]
    public void AConflictAtTheFirstAttemptIsNeverOurs()
    {
        _api.Answers(409, ScriptedApi.Refusal(409, "Conflict")).Answers(200, ScriptedApi.Map("8", """{"mine":"1"}"""));

        Should.Throw<KubeRefusedException>(() => Merge("""{"metadata":{"resourceVersion":"7"},"data":{"mine":"1"}}""")).IsConflict.ShouldBeTrue();
        _api.Asked.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(404, "NotFound")]
    [InlineData(409, "Conflict")]
    public void WhatIsGoneOrAnotherIsNotDeleted(int code, string reason)
    {
        _api.NeverAnswers().Answers(code, ScriptedApi.Refusal(code, reason));

        Delete().ShouldBeFalse();
    }

    [Fact]
    public void APageOfALoadBalancerIsNoYes()
    {
        _api.Answers(200, "<html>hello</html>").Answers(200, Done);
        Delete().ShouldBeTrue();
        _api.Asked.Count.ShouldBe(2);

        var evicting = new ScriptedApi().Answers(200, "<html>hello</html>").Answers(201, Done);
        evicting.Run(api => api.EvictAsync(_pod, 30, dryRun: false, default)).Outcome.ShouldBe(EvictionOutcome.Granted);
        evicting.Asked.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(404, "NotFound", EvictionOutcome.Gone)]
    [InlineData(409, "Conflict", EvictionOutcome.Gone)]
    [InlineData(500, "", EvictionOutcome.Impossible)]
    public void ANoToAnEvictionIsAnAnswer(int code, string reason, EvictionOutcome outcome)
    {
        _api.Answers(code, ScriptedApi.Refusal(code, reason));

        _api.Run(api => api.EvictAsync(_pod, 30, dryRun: false, default)).Outcome.ShouldBe(outcome);
        _api.Asked.Count.ShouldBe(1);
    }

    [Fact]
    public void ABudgetsNoIsToldFromAServerThatIsBusy()
    {
        _api.Answers(429, ScriptedApi.Busy)
            .Answers(500, "upstream connect error")
            .Answers(429, """{"kind":"Status","message":"Cannot evict pod","reason":"TooManyRequests","details":{"causes":[{"reason":"DisruptionBudget","message":"b"}],"retryAfterSeconds":10},"code":429}""");

        _api.Run(api => api.EvictAsync(_pod, 30, dryRun: false, default)).ShouldBe(new EvictionAnswer(EvictionOutcome.BlockedByBudget, "Cannot evict pod"));
        _api.Asked.Count.ShouldBe(3);
    }

    private ConfigMap Merge(string patch) => _api.Run(api => api.MergeAsync(Resources.ConfigMaps, "ns", "a", JsonNode.Parse(patch)!.AsObject(), default));

    private bool Delete() => _api.Run(api => api.DeleteAsync(Resources.ConfigMaps, "ns", "a", "u", null, default));
}
