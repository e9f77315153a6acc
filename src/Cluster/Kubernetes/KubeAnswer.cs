using System.Net;
using System.Text;
using System.Text.Json;

namespace Stepper.Cluster.Kubernetes;

/// <summary>What came back for one request, whole. Whether it is the API server's is looked at before anything is believed of it.</summary>
/// <param name="RetryAfter">How long it asks to be left alone, by its header; null where that does not say.</param>
/// <param name="IsRepeat">An earlier attempt got no answer, and may have been carried out.</param>
internal sealed record KubeAnswer(KubeRequest Request, HttpStatusCode Code, TimeSpan? RetryAfter, ReadOnlyMemory<byte> Bytes, bool IsRepeat)
{
    private KubeStatus? _status;

    /// <summary>The server's clock, in whole seconds; null where it does not say.</summary>
    public DateTimeOffset? Date { get; init; }

    public string Text => Encoding.UTF8.GetString(Bytes.Span);

    /// <summary>Null where the body is none: the answer is not the API server's own.</summary>
    public KubeStatus? Status => _status ??= ReadStatus();

    public string Says => $"{(int)Code} {Start(Status?.Message ?? Text)}";

    public bool IsConflict => Code == HttpStatusCode.Conflict && Status?.Reason is "Conflict";

    public bool IsTaken => Code == HttpStatusCode.Conflict && Status?.Reason is "AlreadyExists";

    public static string Start(string text) => text.Length <= 300 ? text : text[..300] + "…";

    /// <summary>The server itself says that there is no such object. A proxy's 404, or that of a kind that the server does not know, says nothing about objects.</summary>
    /// <param name="plural">The kind, as in an address.</param>
    public bool HasNo(string plural) =>
        Code == HttpStatusCode.NotFound && Status is { Reason: "NotFound", Details: { Name.Length: > 0, Kind: { } missing } } && missing == plural;

    /// <param name="isJustBack">The server was away a moment ago.</param>
    /// <exception cref="NotAnsweredException">It is to be asked again.</exception>
    public void MustCount(bool isJustBack)
    {
        var isSettling = isJustBack && Code is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;
        if (isSettling || IsOutage)
        {
            var after = RetryAfter ?? (Status?.Details?.RetryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
            throw new NotAnsweredException(Says, after) { IsOutage = !isSettling };
        }
    }

    public void MustBeGood()
    {
        if ((int)Code is < 200 or >= 300)
        {
            throw Refused();
        }
    }

    public KubeRefusedException Refused() => new($"{Request} answered {Says}", Code, Status);

    /// <summary>That it was done, by an object or a <c>Status</c> of the API: a load balancer's page is no yes.</summary>
    public void MustBeDone()
    {
        MustBeGood();
        Parsed("answer of the API", () => Kind() ?? throw new JsonException("it has no kind"));
    }

    /// <summary>The object that was answered.</summary>
    /// <exception cref="KubeRefusedException">There is none.</exception>
    public T Object<T>(ResourceType<T> type)
    {
        MustBeGood();
        return Parsed(type.Kind, () =>
        {
            MustBe(type.Kind);
            return JsonSerializer.Deserialize(Bytes.Span, type.Json) ?? throw new JsonException("it is null");
        });
    }

    /// <summary>A page of a list that goes on; null when the server has lost it.</summary>
    public KubePage<T>? NextPage<T>(ResourceType<T> type) => Code == HttpStatusCode.Gone ? null : Page(type);

    /// <summary>A page of a list.</summary>
    public KubePage<T> Page<T>(ResourceType<T> type)
    {
        MustBeGood();
        return Parsed(type.Kind + "List", () =>
        {
            MustBe(type.Kind + "List");
            return JsonSerializer.Deserialize(Bytes.Span, type.PageJson) ?? throw new JsonException("it is null");
        });
    }

    // An eviction's 429 may be a no to it, and else is flow control's. Its 500 is a pod under two budgets, for ever.
    private bool IsOutage => Code switch
    {
        HttpStatusCode.TooManyRequests => !Request.IsEviction || !EvictionAnswer.IsNo(Status),
        HttpStatusCode.InternalServerError => !Request.IsEviction || Status is null,
        HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => true,
        // A load balancer that has nobody behind it.
        HttpStatusCode.NotFound => Status is null,
        _ => false,
    };

    private void MustBe(string kind)
    {
        if (Kind() is var found && found != kind)
        {
            throw new JsonException($"its kind is {found ?? "missing"}");
        }
    }

    // The server writes it first, so that nothing of a long list is read twice.
    private string? Kind()
    {
        var reader = new Utf8JsonReader(Bytes.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isKind = reader.ValueTextEquals("kind");
            reader.Read();
            if (isKind)
            {
                return reader.GetString();
            }

            reader.Skip();
        }

        return null;
    }

    // What is cut short, or a load balancer's page, is no answer at all; JSON that is something else is one that asking again does not change.
    private T Parsed<T>(string wanted, Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            var what = $"{(int)Code} with what is no {wanted}: {Start(Text)}";
            throw IsJson() ? new SourceException($"{Request} answered {what}", e) : new NotAnsweredException(what, RetryAfter, e);
        }
    }

    private bool IsJson()
    {
        try
        {
            using var whole = JsonDocument.Parse(Bytes);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private KubeStatus? ReadStatus()
    {
        try
        {
            return (int)Code is < 200 or >= 300 && Kind() is "Status" ? JsonSerializer.Deserialize(Bytes.Span, KubeJson.Default.KubeStatus) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
