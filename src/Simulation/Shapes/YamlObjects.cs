using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Stepper.Simulation.Shapes;

/// <summary>Reads objects of the API from YAML, as <c>kubectl apply</c> does.</summary>
public static class YamlObjects
{
    /// <summary>The objects of all documents; a <c>List</c> is taken apart.</summary>
    /// <exception cref="FormatException">A document is no object.</exception>
    public static IEnumerable<JsonObject> Read(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        foreach (var document in stream.Documents)
        {
            if (document.RootNode is YamlScalarNode { Value: null or "" })
            {
                continue;
            }

            var body = Json(document.RootNode) as JsonObject ?? throw new FormatException($"line {document.RootNode.Start.Line}: this is no object");
            foreach (var each in body["items"] is JsonArray items ? items.OfType<JsonObject>() : [body])
            {
                yield return each.DeepClone().AsObject();
            }
        }
    }

    private static JsonNode? Json(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Select(pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, Json(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Select(Json)]),
        YamlScalarNode { Style: ScalarStyle.Plain } plain => Plain(plain.Value ?? ""),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value ?? ""),
        _ => throw new FormatException($"line {node.Start.Line}: aliases are not read"),
    };

    private static JsonNode? Plain(string text) => text switch
    {
        "" or "~" or "null" => null,
        "true" => JsonValue.Create(true),
        "false" => JsonValue.Create(false),
        _ when long.TryParse(text, out var number) => JsonValue.Create(number),
        _ when char.IsAsciiDigit(text[0]) && double.TryParse(text, out var number) => JsonValue.Create(number),
        _ => JsonValue.Create(text),
    };
}
