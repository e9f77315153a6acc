using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Stepper.StepRunner.Spawning;

/// <summary>
/// Makes a Job of the template: puts values in the place of <c>{{ name }}</c>, each written as JSON, which is YAML's flow form, so that no value can break out
/// of its place. Strict: a name that is not known, a value that has no place, or a result that is not the one Job that is meant, is an error.
/// </summary>
internal static partial class JobTemplate
{
    /// <exception cref="UsageException">The template can't be used; the message names the line.</exception>
    public static RenderedJob Render(string template, IReadOnlyDictionary<string, JsonNode?> values, string expectedName)
    {
        var yaml = Fill(template, values);
        var json = Parse(yaml) as JsonObject ?? throw Problem(1, "the template is no mapping");
        Expect(json, "apiVersion", "batch/v1");
        Expect(json, "kind", "Job");
        Expect(json["metadata"] as JsonObject, "name", expectedName);
        return new RenderedJob(yaml, json);
    }

    private static string Fill(string template, IReadOnlyDictionary<string, JsonNode?> values)
    {
        var unused = new HashSet<string>(values.Keys, StringComparer.Ordinal);
        var text = Placeholder().Replace(template, match =>
        {
            var name = match.Groups["name"].Value;
            unused.Remove(name);
            return values.TryGetValue(name, out var value)
                ? value?.ToJsonString() ?? "null"
                : throw Problem(LineOf(template, match.Index), $"there is no value named \"{name}\"; known are {string.Join(", ", values.Keys.Order(StringComparer.Ordinal))}");
        });

        // What still looks like a placeholder is one that was misspelt.
        if (text.IndexOf("{{", StringComparison.Ordinal) is >= 0 and var rest)
        {
            throw Problem(LineOf(text, rest), "\"{{\" begins a placeholder such as {{ job_name }}, and this is none");
        }

        return unused.Count == 0 ? text : throw Problem(LineOf(template, template.Length), $"there is no place for {string.Join(", ", unused.Order(StringComparer.Ordinal))}");
    }

    private static JsonNode? Parse(string yaml)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            return stream.Documents is [var only] ? YamlToJson.Convert(only.RootNode) : throw Problem(1, $"there are {stream.Documents.Count} documents in it; one Job is needed");
        }
        catch (YamlException e)
        {
            throw Problem(e.Start.Line, $"no YAML: {e.Message}");
        }
    }

    private static void Expect(JsonObject? where, string key, string wanted)
    {
        if (where?[key] is not JsonValue value || !value.TryGetValue<string>(out var text) || text != wanted)
        {
            throw Problem(1, $"{key} is {where?[key]?.ToJsonString() ?? "missing"}; \"{wanted}\" is needed");
        }
    }

    private static int LineOf(string text, int index) => text.AsSpan(0, index).Count('\n') + 1;

    private static UsageException Problem(long line, string what) => new($"job template, line {line}: {what}.");

    [GeneratedRegex(@"\{\{\s*(?<name>[a-z_]+)\s*\}\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();
}

/// <param name="Yaml">As a person would apply it.</param>
/// <param name="Json">As it is sent.</param>
internal sealed record RenderedJob(string Yaml, JsonObject Json);
