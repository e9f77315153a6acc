using System.Net;
using System.Text;
using System.Text.Json;

namespace Stepper.Cluster.Kubernetes;

/// <summary>What the API server answered to one request, whole.</summary>
/// <param name="RetryAfter">How long it asks to be left alone; null where it does not say.</param>
internal sealed record KubeAnswer(HttpMethod Method, string Path, HttpStatusCode Code, TimeSpan? RetryAfter, byte[] Bytes)
{
    private KubeStatus? _status;

    public string Text => Encoding.UTF8.GetString(Bytes);

    public KubeStatus? Status => _status ??= ReadStatus();

    public string Says => $"{(int)Code} {Start(Status?.Message ?? Text)}";

    public static string Start(string text) => text.Length <= 300 ? text : text[..300] + "…";

    public bool IsWorthAnotherTry(bool isEviction) => Code switch
    {
        // An eviction's 429 is a budget's no, unless it has no cause: then it is flow control. Its 500 is a pod under two budgets, for ever.
        HttpStatusCode.TooManyRequests => !isEviction || !EvictionAnswer.IsBudgets(Status),
        HttpStatusCode.InternalServerError => !isEviction,
        HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => true,
        _ => false,
    };

    public void MustBeGood()
    {
        if ((int)Code is < 200 or >= 300)
        {
            throw Refused();
        }
    }

    public KubeRefusedException Refused() => new($"{Method} /{Path} answered {Says}", Code, Status);

    public SourceException IsNo(string kind, Exception? cause) => new($"{Method} /{Path} answered what is no {kind}: {Start(Text)}", cause);

    public JsonDocument Document()
    {
        try
        {
            return JsonDocument.Parse(Bytes);
        }
        catch (JsonException e)
        {
            throw IsNo("JSON", e);
        }
    }

    private KubeStatus? ReadStatus()
    {
        try
        {
            return JsonSerializer.Deserialize(Bytes, KubeJson.Default.KubeStatus);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
