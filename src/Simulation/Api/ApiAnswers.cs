using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api;

/// <summary>Answers of the simulated API server as they go over the wire.</summary>
internal static class ApiAnswers
{
    private static readonly MediaTypeHeaderValue JsonType = new("application/json");
    private static readonly JsonWriterOptions Written = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Bytes(JsonNode body, bool newLine = false)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(buffer, Written);
        body.WriteTo(writer);
        writer.Flush();
        if (newLine)
        {
            buffer.Write("\n"u8);
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static HttpResponseMessage Json(HttpStatusCode code, JsonNode body) => Json(code, Bytes(body));

    public static HttpResponseMessage Json(HttpStatusCode code, ReadOnlyMemory<byte> body)
    {
        var answer = new HttpResponseMessage(code) { Content = new ReadOnlyMemoryContent(body) };
        answer.Content.Headers.ContentType = JsonType;
        return answer;
    }

    public static HttpResponseMessage Text(HttpStatusCode code, string text) => new(code) { Content = new StringContent(text, Encoding.UTF8, "text/plain") };

    /// <summary>Says something to a person beside the answer.</summary>
    public static void Warn(HttpResponseMessage answer, IEnumerable<string> warnings)
    {
        foreach (var warning in warnings)
        {
            var text = warning.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
            answer.Headers.TryAddWithoutValidation("Warning", $"299 - \"{text}\"");
        }
    }

    public static HttpResponseMessage Watch(WatchStream stream)
    {
        var answer = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(stream) };
        answer.Content.Headers.ContentType = JsonType;
        return answer;
    }

    public static HttpResponseMessage Refusal(ApiRefusal refusal)
    {
        var answer = Json(refusal.Code, ApiStatus.Of(refusal));
        if (refusal.Details?.RetryAfterSeconds is > 0 and var seconds)
        {
            answer.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(seconds));
        }

        return answer;
    }

    public static ReadOnlyMemory<byte> List(ResourceKind kind, ListPage page)
    {
        var buffer = new ArrayBufferWriter<byte>(256 + page.Items.Sum(item => item.Fields.Length + 2));
        buffer.Write(Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"kind\":\"{kind.Kind}List\",\"apiVersion\":\"{kind.ApiVersion}\",\"metadata\":{{\"resourceVersion\":\"{page.ResourceVersion}\"{Next(page)}}},\"items\":[")));
        var first = true;
        foreach (var item in page.Items)
        {
            buffer.Write(first ? "{"u8 : ",{"u8);
            buffer.Write(item.Fields.Span);
            first = false;
        }

        buffer.Write("]}"u8);
        return buffer.WrittenMemory;
    }

    public static byte[] Event(string type, StoredObject stored) =>
        [.. "{\"type\":\""u8, .. Encoding.UTF8.GetBytes(type), .. "\",\"object\":"u8, .. stored.Json.Span, .. "}\n"u8];

    private static string Next(ListPage page) =>
        page.Continue is null ? ""
        : page.Remaining == 0 ? $",\"continue\":\"{page.Continue}\""
        : string.Create(CultureInfo.InvariantCulture, $",\"continue\":\"{page.Continue}\",\"remainingItemCount\":{page.Remaining}");
}
