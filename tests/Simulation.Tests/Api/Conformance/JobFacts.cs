using System.Net;

namespace Stepper.Simulation.Tests.Api.Conformance;

public sealed class JobFacts : IDisposable
{
    private readonly ApiUnderTest _api = new();

    public void Dispose() => _api.Dispose();

    [Fact]
    public void ANewJobGetsItsDefaultsAndItsSelector()
    {
        var job = _api.Post(_api.At("jobs"), Job("j", "\"suspend\":true,"));

        var uid = (string)job["metadata.uid"]!;
        job["spec.selector"]!.ToJsonString().ShouldBe($$$"""{"matchLabels":{"batch.kubernetes.io/controller-uid":"{{{uid}}}"}}""");
        ((int)job["spec.backoffLimit"]!).ShouldBe(6);
        job["spec.podReplacementPolicy"]!.ToString().ShouldBe("TerminatingOrFailed");
        ((int)job["metadata.generation"]!).ShouldBe(1);
        var labels = job["spec.template.metadata.labels"]!.AsObject().Select(pair => $"{pair.Key}={pair.Value}").Order(StringComparer.Ordinal);
        labels.ShouldBe([$"batch.kubernetes.io/controller-uid={uid}", "batch.kubernetes.io/job-name=j", $"controller-uid={uid}", "job-name=j"]);
    }

    [Theory]
    [InlineData("\"parallelism\":-1,", "Never", "spec.parallelism: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("", "Always", "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"")]
    [InlineData(
        """ "podFailurePolicy":{"rules":[{"action":"FailJob","onExitCodes":{"operator":"In","values":[2]}}]},""",
        "OnFailure",
        "spec.template.spec.restartPolicy: Invalid value: \"OnFailure\": only \"Never\" is supported when podFailurePolicy is specified")]
    [InlineData(
        """ "podFailurePolicy":{"rules":[{"action":"FailJob","onExitCodes":{"operator":"In","values":[0]}}]},""",
        "Never",
        "spec.podFailurePolicy.rules[0].onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator")]
    public void ABadJobIsRefused(string spec, string restarts, string problem) =>
        _api.Post(_api.At("jobs"), Job("j", spec, restarts)).ShouldRefuse(HttpStatusCode.UnprocessableEntity, "Invalid", $"Job.batch \"j\" is invalid: {problem}");

    [Fact]
    public void AJobsNameFitsIntoALabel()
    {
        _api.Post(_api.At("jobs"), Job(new string('a', 63), "\"suspend\":true,")).Code.ShouldBe(HttpStatusCode.Created);

        var name = new string('a', 64);
        _api.Post(_api.At("jobs"), Job(name, "")).ShouldRefuse(
            HttpStatusCode.UnprocessableEntity, "Invalid", $"Job.batch \"{name}\" is invalid: spec.template.labels: Invalid value: \"{name}\": must be no more than 63 bytes");
    }

    [Fact]
    public void WhatRunsDoesNotChangeItsTemplate()
    {
        _api.Post(_api.At("jobs"), Job("j", ""));

        var refused = _api.Strategic(_api.At("jobs/j"), """{"spec":{"template":{"spec":{"containers":[{"name":"c","image":"i:2"}]}}}}""");

        refused.Code.ShouldBe(HttpStatusCode.UnprocessableEntity);
        refused["details.causes.0.field"]!.ToString().ShouldBe("spec.template");
        refused.Message!.ShouldEndWith(": field is immutable");
    }

    [Fact]
    public void SomeOfASpecMayChangeAndIsCounted()
    {
        _api.Post(_api.At("jobs"), Job("j", "\"suspend\":true,"));

        ((int)_api.Merge(_api.At("jobs/j"), """{"spec":{"backoffLimit":3,"activeDeadlineSeconds":900}}""")["metadata.generation"]!).ShouldBe(2);
        ((int)_api.Merge(_api.At("jobs/j"), """{"metadata":{"labels":{"a":"b"}}}""")["metadata.generation"]!).ShouldBe(2);
        _api.Merge(_api.At("jobs/j"), """{"spec":{"completions":5}}""")
            .ShouldRefuse(HttpStatusCode.UnprocessableEntity, "Invalid", "Job.batch \"j\" is invalid: spec.completions: Invalid value: 5: field is immutable");
    }

    /// <param name="spec">Fields of the spec, each with its comma.</param>
    internal static string Job(string name, string spec, string restarts = "Never") =>
        $$$$$"""{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"{{{{{name}}}}}"},"spec":{{{{{{spec}}}}}"template":{"spec":{"restartPolicy":"{{{{{restarts}}}}}","containers":[{"name":"c","image":"i:1"}]}}}}""";
}
