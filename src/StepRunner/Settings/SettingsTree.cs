using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Stepper.StepRunner.Settings;

/// <summary>A piece of a file that an operator writes, and the line (from 1) on which it begins.</summary>
internal abstract record SettingsNode(int Line)
{
    /// <summary>What it is, as the end of the sentence "soak is …".</summary>
    public abstract string Says { get; }
}

/// <param name="Text">Null where nothing stands, or YAML's null.</param>
internal sealed record TextNode(int Line, string? Text) : SettingsNode(Line)
{
    public override string Says => Text is null ? "empty" : $"\"{Text}\"";
}

internal sealed record ListNode(int Line, IReadOnlyList<SettingsNode> Items) : SettingsNode(Line)
{
    public override string Says => "a list";
}

internal sealed record MapNode(int Line, IReadOnlyList<KeyValuePair<TextNode, SettingsNode>> Entries) : SettingsNode(Line)
{
    public override string Says => "a map";
}

/// <summary>
/// Reads YAML into a tree that keeps lines and duplicate keys. From the parser's events: YamlDotNet's own tree stops at the first duplicate key, and
/// all problems of a file are to be said at once.
/// </summary>
internal static class SettingsTree
{
    /// <returns>Null when the text holds nothing but comments.</returns>
    /// <exception cref="YamlException">The text is no YAML, or more of YAML than such files need: an alias, a second document, a key that is no text.</exception>
    public static SettingsNode? Read(string yaml)
    {
        var parser = new Parser(new StringReader(yaml));
        try
        {
            return Document(parser);
        }
        catch (InvalidOperationException e)
        {
            // How YamlDotNet 16.3 ends where a flow map is not closed before the next key.
            var last = parser.Current;
            throw new YamlException(last?.Start ?? Mark.Empty, last?.End ?? Mark.Empty, "a { or [ is not closed", e);
        }
    }

    /// <summary>Reads a file that is one map of keys.</summary>
    /// <param name="what">What the file holds, at the start of a problem's sentence: <c>settings are</c>.</param>
    /// <returns>Null where it holds nothing, or no map: then that is one of the problems.</returns>
    public static MapNode? ReadMap(string yaml, string what, ICollection<SettingsProblem> problems)
    {
        try
        {
            var root = Read(yaml);
            if (root is not (null or MapNode or TextNode { Text: null }))
            {
                problems.Add(new SettingsProblem(root.Line, $"{what} {root.Says}; a map of keys is needed"));
            }

            return root as MapNode;
        }
        catch (YamlException e)
        {
            problems.Add(new SettingsProblem((int)e.Start.Line, $"this is no YAML that can be read: {e.Message}"));
            return null;
        }
    }

    private static SettingsNode? Document(Parser parser)
    {
        parser.Consume<StreamStart>();
        if (!parser.TryConsume<DocumentStart>(out _))
        {
            return null;
        }

        var root = Node(parser);
        parser.Consume<DocumentEnd>();
        return parser.Current is DocumentStart second
            ? throw new YamlException(second.Start, second.End, "one document is wanted; a second one begins here")
            : root;
    }

    private static SettingsNode Node(Parser parser)
    {
        if (parser.TryConsume<Scalar>(out var scalar))
        {
            var isNull = scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null";
            return new TextNode(LineOf(scalar), isNull ? null : scalar.Value);
        }

        if (parser.TryConsume<SequenceStart>(out var list))
        {
            List<SettingsNode> items = [];
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                items.Add(Node(parser));
            }

            return new ListNode(LineOf(list), items);
        }

        if (parser.TryConsume<MappingStart>(out var map))
        {
            List<KeyValuePair<TextNode, SettingsNode>> entries = [];
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var key = parser.Consume<Scalar>();
                entries.Add(new(new TextNode(LineOf(key), key.Value), Node(parser)));
            }

            return new MapNode(LineOf(map), entries);
        }

        var other = parser.Current!;
        throw new YamlException(other.Start, other.End, "aliases (*name) have no place here");
    }

    private static int LineOf(ParsingEvent piece) => (int)piece.Start.Line;
}
