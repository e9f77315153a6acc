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
        try
        {
            var root = Only(yaml);
            Expect(root, "apiVersion", "batch/v1");
            Expect(root, "kind", "Job");
            Expect(Child(root, "metadata"), "name", expectedName);
            return new RenderedJob(yaml, YamlToJson.Convert(root)!.AsObject());
        }
        catch (YamlException e)
        {
            // It starts where what is broken began, which may be the beginning of it all.
            throw Problem(Math.Max(e.Start.Line, e.End.Line), $"no YAML: {e.Message.TrimEnd('.')}");
        }
    }

    private static string Fill(string template, IReadOnlyDictionary<string, JsonNode?> values)
    {
        var unused = new HashSet<string>(values.Keys, StringComparer.Ordinal);
        var text = Placeholder().Replace(template, match =>
        {
            // Only in the template: a value may have braces in it.
            if (match.Groups["name"] is not { Success: true, Value: var name })
            {
                throw Problem(LineOf(template, match.Index), "\"{{\" begins a placeholder such as {{ job_name }}, and this is none");
            }

            unused.Remove(name);
            return values.TryGetValue(name, out var value)
                ? value?.ToJsonString() ?? "null"
                : throw Problem(LineOf(template, match.Index), $"there is no value named \"{name}\"; known are {string.Join(", ", values.Keys.Order(StringComparer.Ordinal))}");
        });
        return unused.Count == 0
            ? text
            : throw Problem(LineOf(template, template.TrimEnd().Length), $"it ends without a place for {string.Join(", ", unused.Order(StringComparer.Ordinal))}");
    }

    private static YamlMappingNode Only(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return stream.Documents switch
        {
            [{ RootNode: YamlMappingNode root }] => root,
            [var other] => throw Problem(other.RootNode.Start.Line, "this is no mapping; one Job is needed"),
            [] => throw Problem(1, "there is nothing in it; one Job is needed"),
            [_, var second, ..] => throw Problem(second.RootNode.Start.Line, "a second document begins here; one Job is needed"),
        };
    }

    private static void Expect(YamlNode where, string key, string wanted)
    {
        var found = Child(where, key);
        if (found is not YamlScalarNode { Value: var value } || value != wanted)
        {
            throw Problem(found.Start.Line, $"{key} is {(found is YamlScalarNode scalar ? $"\"{scalar.Value}\"" : "no text")}; \"{wanted}\" is needed");
        }
    }

    private static YamlNode Child(YamlNode where, string key) =>
        where is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(key), out var child)
            ? child
            : throw Problem(where.Start.Line, $"{key} is missing in what begins here");

    private static int LineOf(string text, int index) => text.AsSpan(0, index).Count('\n') + 1;

    private static UsageException Problem(long line, string what) => new($"job template, line {line}: {what}.");

    // A placeholder, on one line, so that the lines of the result are those of the template; or what only begins like one.
    [GeneratedRegex(@"\{\{([ \t]*(?<name>[a-z_]+)[ \t]*\}\})?", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();
}

/// <param name="Yaml">As a person would apply it.</param>
/// <param name="Json">As it is sent.</param>
internal sealed record RenderedJob(string Yaml, JsonObject Json);
