using System.Net;
using System.Text.Json.Nodes;

namespace Stepper.Simulation.Tests.Api.Conformance;

/// <summary>
/// What a Job may say and may not, field by field: Jobs.txt has a change to a plain Job on one line, and on the next what kube-apiserver 1.36 said to it.
/// </summary>
public sealed class JobFieldFacts : IDisposable
{
    private readonly ApiUnderTest _api = new();

    public void Dispose() => _api.Dispose();

    [Fact]
    public void EachFieldIsTakenOrRefusedInTheSameWords()
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Api", "Conformance", "Jobs.txt"));
        List<string> differences = [];
        foreach (var pair in lines.Chunk(2))
        {
            var job = Changed(JsonNode.Parse(JobFacts.Job("j", "\"suspend\":true,")), JsonNode.Parse(pair[0]))!;
            var answer = _api.Post(_api.At("jobs?dryRun=All&fieldValidation=Strict"), job.ToJsonString());
            var said = answer.Code == HttpStatusCode.Created ? "made" : answer.Message;
            if (said != pair[1].Trim())
            {
                differences.Add($"{pair[0]}\n  should be: {pair[1].Trim()}\n  but was:   {said}");
            }
        }

        lines.Length.ShouldBeGreaterThan(200);
        differences.ShouldBeEmpty();
    }

    [Fact]
    public void AnnotationsHaveABound()
    {
        var job = JobFacts.Job("j", "").Replace("\"name\":\"j\"", $"\"name\":\"j\",\"annotations\":{{\"a\":\"{new string('x', 256 * 1024)}\"}}", StringComparison.Ordinal);

        _api.Post(_api.At("jobs?dryRun=All"), job).ShouldRefuse(
            HttpStatusCode.UnprocessableEntity, "Invalid", "Job.batch \"j\" is invalid: metadata.annotations: Too long: may not be more than 262144 bytes");
    }

    // A merge patch, as RFC 7386 has it.
    private static JsonNode? Changed(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject fields)
        {
            return patch?.DeepClone();
        }

        var made = target as JsonObject ?? [];
        foreach (var (name, value) in fields)
        {
            made[name] = Changed(made[name]?.DeepClone(), value);
        }

        return made;
    }
}
