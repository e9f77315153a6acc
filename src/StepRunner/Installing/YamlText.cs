using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Stepper.StepRunner.Settings;
using Stepper.StepRunner.Spawning;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Stepper.StepRunner.Installing;

/// <summary>Writes YAML as a person would: in blocks, a text of several lines as it stands, and in quotes only what would mean something else without.</summary>
internal static class YamlText
{
    // Lines are never folded: a long one is easier to find than one that begins in the middle of its text.
    private static readonly EmitterSettings Blocks = EmitterSettings.Default.WithBestWidth(int.MaxValue).WithIndentedSequences();

    /// <summary>One document, without a line of <c>---</c>.</summary>
    public static string Of(JsonNode document) => Write(emitter => Emit(emitter, document));

    /// <summary>A settings file that is read as this tree.</summary>
    public static string Of(SettingsNode settings) => Write(emitter => Emit(emitter, settings));

    private static string Write(Action<Emitter> emit)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var emitter = new Emitter(text, Blocks);
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        emit(emitter);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Emit(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                Map(emitter, map, pair => pair.Key, pair => Emit(emitter, pair.Value));
                break;
            case JsonArray list:
                List(emitter, list, item => Emit(emitter, item));
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                Text(emitter, value.GetValue<string>(), IsTextToKubectl);
                break;
            default:
                emitter.Emit(new Scalar(null, null, node?.ToJsonString() ?? "null", ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: false));
                break;
        }
    }

    private static void Emit(Emitter emitter, SettingsNode node)
    {
        switch (node)
        {
            case MapNode map:
                Map(emitter, map.Entries, entry => entry.Key.Text!, entry => Emit(emitter, entry.Value));
                break;
            case ListNode list:
                List(emitter, list.Items, item => Emit(emitter, item));
                break;
            case TextNode { Text: { } text }:
                Text(emitter, text, _ => true);
                break;
            default:
                emitter.Emit(new Scalar(null, null, "null", ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: false));
                break;
        }
    }

    private static void Map<T>(Emitter emitter, IEnumerable<T> entries, Func<T, string> key, Action<T> emitValue)
    {
        emitter.Emit(new MappingStart(null, null, isImplicit: true, !entries.Any() ? MappingStyle.Flow : MappingStyle.Block));
        foreach (var entry in entries)
        {
            Text(emitter, key(entry), IsTextToKubectl);
            emitValue(entry);
        }

        emitter.Emit(new MappingEnd());
    }

    private static void List<T>(Emitter emitter, IEnumerable<T> items, Action<T> emitItem)
    {
        emitter.Emit(new SequenceStart(null, null, isImplicit: true, !items.Any() ? SequenceStyle.Flow : SequenceStyle.Block));
        foreach (var item in items)
        {
            emitItem(item);
        }

        emitter.Emit(new SequenceEnd());
    }

    // Where a style can't hold the text, the emitter takes double quotes by itself.
    private static void Text(Emitter emitter, string text, Func<string, bool> isTextPlain)
    {
        var style = text.Contains('\n', StringComparison.Ordinal) ? ScalarStyle.Literal
            : text is "" or "~" or "null" || !isTextPlain(text) ? ScalarStyle.DoubleQuoted
            : ScalarStyle.Plain;
        emitter.Emit(new Scalar(null, null, text, style, isPlainImplicit: true, isQuotedImplicit: true));
    }

    private static bool IsTextToKubectl(string text)
    {
        try
        {
            return YamlToJson.Convert(new YamlScalarNode(text)) is JsonValue value && value.GetValueKind() == JsonValueKind.String;
        }
        catch (YamlException)
        {
            // A number without an end: text all the same once it is in quotes.
            return false;
        }
    }
}
