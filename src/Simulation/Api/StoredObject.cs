using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api;

/// <summary>An object in the store at one resourceVersion. It never changes, so that its JSON is written once and sent many times.</summary>
public sealed class StoredObject
{
    private static readonly JsonWriterOptions Written = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly byte[] _json;
    private readonly int _start;
    private JsonObject? _body;
    private IReadOnlyDictionary<string, string>? _labels;

    /// <param name="body">Is not kept: the object is read again from its JSON, so that each number in it can be read as an int or a long.</param>
    public StoredObject(ResourceKind kind, JsonObject body, long resourceVersion)
    {
        Kind = kind;
        ResourceVersion = resourceVersion;
        var head = Head(kind);
        _start = head.Length;
        _json = Write(head, body);
        var meta = Body["metadata"]!;
        Namespace = (string?)meta["namespace"] ?? "";
        Name = (string)meta["name"]!;
    }

    public ResourceKind Kind { get; }

    public JsonObject Body => _body ??= Copy();

    public long ResourceVersion { get; }

    /// <summary>Empty for a kind that has none.</summary>
    public string Namespace { get; }

    public string Name { get; }

    public IReadOnlyDictionary<string, string> Labels => _labels ??= ReadLabels(Body);

    /// <summary>The object's JSON.</summary>
    public ReadOnlyMemory<byte> Json => _json;

    /// <summary>The object's JSON without its opening brace, its kind and its apiVersion, which the items of a list do not have.</summary>
    public ReadOnlyMemory<byte> Fields => _json.AsMemory(_start);

    /// <summary>Another one has its place: what a watch may still ask for is read from its JSON again, which takes a tenth of the memory.</summary>
    public void GrowOld() => _body = null;

    /// <summary>The object again, to be changed. Read from the JSON, of which only what is looked at is taken apart.</summary>
    public JsonObject Copy() => JsonNode.Parse(_json)!.AsObject();

    internal static IReadOnlyDictionary<string, string> ReadLabels(JsonObject body)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        if (body["metadata"]?["labels"] is JsonObject given)
        {
            foreach (var (key, value) in given)
            {
                labels[key] = (string?)value ?? "";
            }
        }

        return labels;
    }

    private static byte[] Head(ResourceKind kind) => Encoding.UTF8.GetBytes($"{{\"kind\":\"{kind.Kind}\",\"apiVersion\":\"{kind.ApiVersion}\",");

    private static byte[] Write(byte[] head, JsonObject body)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        buffer.Write(head.AsSpan(0, head.Length - 1));
        using var writer = new Utf8JsonWriter(buffer, Written);
        writer.WriteStartObject();
        foreach (var (key, value) in body)
        {
            if (key is not "apiVersion" and not "kind" && value is not null)
            {
                writer.WritePropertyName(key);
                value.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
        writer.Flush();
        var json = buffer.WrittenSpan.ToArray();
        // The brace that opened the fields becomes the comma after the head.
        json[head.Length - 1] = (byte)',';
        return json;
    }
}
