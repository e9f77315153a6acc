using System.Text.Json.Nodes;
using Stepper.StepRunner.Spawning;

namespace Stepper.StepRunner.Tests.Spawning;

public sealed class JobTemplateTests
{
    private const string Good =
        """
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: {{ job_name }}
        spec:
          image: {{image}}
        """;

    [Fact]
    public void ValuesComeIntoTheirPlacesAsJson() =>
        Render(Good).Yaml.ShouldBe("apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: \"the-job\"\nspec:\n  image: {\"a\":[1,null]}");

    [Fact]
    public void AValueMayHaveAPlaceMoreThanOnce() => Render(Good + "\n  again: {{ image }}").Json["spec"]!["again"]!.ToJsonString().ShouldBe("""{"a":[1,null]}""");

    [Theory]
    [InlineData("{{image}}", "{{ imgae }}", "job template, line 6: there is no value named \"imgae\"; known are image, job_name.")]
    [InlineData("{{image}}", "busybox", "job template, line 6: it ends without a place for image.")]
    [InlineData("{{image}}", "{{ image", "job template, line 6: \"{{\" begins a placeholder such as {{ job_name }}, and this is none.")]
    [InlineData("{{image}}", "{{ image | upper }}", "job template, line 6: \"{{\" begins a placeholder such as {{ job_name }}, and this is none.")]
    [InlineData("{{image}}", "{{\n image }}", "job template, line 6: \"{{\" begins a placeholder such as {{ job_name }}, and this is none.")]
    [InlineData("{{ job_name }}", "{{ image }}", "job template, line 5: it ends without a place for job_name.", "  image: {{image}}")]
    [InlineData("batch/v1", "batch/v2", "job template, line 1: apiVersion is \"batch/v2\"; \"batch/v1\" is needed.")]
    [InlineData("kind: Job", "kind: CronJob", "job template, line 2: kind is \"CronJob\"; \"Job\" is needed.")]
    [InlineData("kind: Job", "kind: [Job]", "job template, line 2: kind is no text; \"Job\" is needed.")]
    [InlineData("kind: Job\n", "", "job template, line 1: kind is missing in what begins here.")]
    [InlineData("name: {{ job_name }}", "name: x-{{ job_name }}", "job template, line 4: name is \"x-\"the-job\"\"; \"the-job\" is needed.")]
    [InlineData("  name: {{ job_name }}", "  labels: {name: {{ job_name }}}", "job template, line 4: name is missing in what begins here.")]
    [InlineData("spec:", "---\nspec:", "job template, line 6: a second document begins here; one Job is needed.")]
    public void WhatIsWrongIsNamedWithItsLine(string good, string bad, string problem, string without = "\0") =>
        Should.Throw<UsageException>(() => Render(Good.Replace(good, bad, StringComparison.Ordinal).Replace(without, "", StringComparison.Ordinal))).Problems.ShouldBe([problem]);

    [Theory]
    [InlineData("spec:", "spec: [", 7)]
    [InlineData("{{image}}", "\"{{ image }}\"", 6)]
    [InlineData("spec:", "spec:\n  kind: Job\n  kind: Job", 7)]
    [InlineData("spec:", "spec:\n  ? [a, b]\n  : c", 6)]
    [InlineData("spec:", "spec:\n  most: .inf", 6)]
    public void WhatIsNoYamlIsNamedWithItsLine(string good, string bad, int line) =>
        Should.Throw<UsageException>(() => Render(Good.Replace(good, bad, StringComparison.Ordinal))).Message.ShouldStartWith($"job template, line {line}: no YAML: ");

    [Theory]
    [InlineData("")]
    [InlineData("# nothing")]
    [InlineData("- {{ image }}\n- {{ job_name }}")]
    public void WhatIsNoMappingIsNoJob(string template) => Should.Throw<UsageException>(() => Render(template)).Message.ShouldStartWith("job template, line 1: ");

    private static RenderedJob Render(string template) => JobTemplate.Render(
        template,
        new Dictionary<string, JsonNode?>(StringComparer.Ordinal) { ["job_name"] = "the-job", ["image"] = new JsonObject { ["a"] = new JsonArray(1, null) } },
        "the-job");
}
