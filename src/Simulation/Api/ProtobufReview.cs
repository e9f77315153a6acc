using System.Text;
using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api;

/// <summary>
/// Reads a SelfSubjectAccessReview in Kubernetes' protobuf, which <c>kubectl auth can-i</c> sends and in no other form. Everything else is asked in JSON here.
/// </summary>
internal static class ProtobufReview
{
    private const int Raw = 2;
    private const int Spec = 2;

    // By their numbers in the API's protobuf definition.
    private static readonly string[] ResourceFields = ["", "namespace", "verb", "group", "version", "resource", "subresource", "name"];
    private static readonly string[] PathFields = ["", "path", "verb"];

    public static JsonObject Read(ReadOnlySpan<byte> body)
    {
        // Four bytes of magic, then an envelope with the object in it.
        var spec = Field(Field(body[4..], Raw), Spec);
        var attributes = new JsonObject();
        if (Field(spec, 1) is { Length: > 0 } resource)
        {
            attributes["resourceAttributes"] = Texts(resource, ResourceFields);
        }

        if (Field(spec, 2) is { Length: > 0 } path)
        {
            attributes["nonResourceAttributes"] = Texts(path, PathFields);
        }

        return new JsonObject { ["kind"] = "SelfSubjectAccessReview", ["apiVersion"] = "authorization.k8s.io/v1", ["spec"] = attributes };
    }

    private static JsonObject Texts(ReadOnlySpan<byte> message, string[] names)
    {
        var made = new JsonObject();
        for (var number = 1; number < names.Length; number++)
        {
            if (Field(message, number) is { Length: > 0 } text)
            {
                made[names[number]] = Encoding.UTF8.GetString(text);
            }
        }

        return made;
    }

    // The content of a length-delimited field; empty when it is not there.
    private static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> message, int wanted)
    {
        while (message.Length > 0)
        {
            var tag = Number(ref message);
            if ((tag & 7) == 0)
            {
                Number(ref message);
                continue;
            }

            var length = (int)Number(ref message);
            if (tag >> 3 == (ulong)wanted)
            {
                return message[..length];
            }

            message = message[length..];
        }

        return [];
    }

    private static ulong Number(ref ReadOnlySpan<byte> message)
    {
        ulong number = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = message[0];
            message = message[1..];
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return number;
            }
        }
    }
}
