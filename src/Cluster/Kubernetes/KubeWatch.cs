using System.Net;
using System.Text.Json;
using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.Cluster.Kubernetes;

/// <summary>One change that a watch tells of.</summary>
/// <param name="Object">Null for a bookmark, which has only a resourceVersion: the rest of its object is no object of the kind (no time of creation, for one).</param>
internal sealed record WatchChange<T>(string Type, T? Object, string ResourceVersion)
    where T : class, IKubeObject
{
    public bool IsDeletion => Type == "DELETED";
}

/// <summary>One connection on which the API server tells of changes, a line of JSON each.</summary>
internal sealed class KubeWatch<T>(KubeSender sender, Wait wait, ResourceType<T> type) : IDisposable
    where T : class, IKubeObject
{
    // The server ends a watch after this long by itself; one that still stands somewhat later has lost its server without a word.
    private const int ServerEndsAfterSeconds = 290;
    private static readonly TimeSpan EndsAfter = TimeSpan.FromSeconds(ServerEndsAfterSeconds + 30);

    private HttpResponseMessage? _response;
    private CancellationTokenSource? _end;
    private LineReader? _lines;

    /// <summary>The server has forgotten the resourceVersion that was asked for: list again.</summary>
    public bool IsExpired { get; private set; }

    /// <summary>Opens it, with the patience of any other request.</summary>
    /// <param name="from">A resourceVersion, from which on changes are told; null: all that is there first, as if it were made just then.</param>
    /// <exception cref="KubeRefusedException">The server does not want to.</exception>
    public async Task OpenAsync(string? ns, KubeQuery query, string? from, CancellationToken ct)
    {
        string[] parameters =
        [
            .. query.Parameters(), "watch=true", "allowWatchBookmarks=true", $"timeoutSeconds={ServerEndsAfterSeconds}",
            .. from is null ? Array.Empty<string>() : ["resourceVersion=" + Uri.EscapeDataString(from)],
        ];
        try
        {
            _response = await sender.OpenAsync(KubeRequest.Get(type.Path(ns) + "?" + string.Join('&', parameters)), ct);
            _end = new CancellationTokenSource(EndsAfter, wait.Time);
            _lines = new LineReader(await _response.Content.ReadAsStreamAsync(ct));
        }
        catch (KubeRefusedException e) when (e.Code == HttpStatusCode.Gone)
        {
            IsExpired = true;
        }
    }

    /// <summary>The next change; null when the connection has ended, for whatever reason.</summary>
    /// <exception cref="SourceException">What comes is no watch.</exception>
    public async Task<WatchChange<T>?> NextAsync(CancellationToken ct)
    {
        if (_lines is null)
        {
            return null;
        }

        try
        {
            using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, _end!.Token);
            return await _lines.NextAsync(both.Token) is { Length: > 0 } line ? Read(line) : null;
        }
        catch (Exception e) when (NotAnsweredException.From(e, ct) is not null)
        {
            return null;
        }
    }

    public void Dispose()
    {
        _response?.Dispose();
        _end?.Dispose();
    }

    private WatchChange<T>? Read(ReadOnlyMemory<byte> line)
    {
        using var document = Parsed(line);
        if (document is null)
        {
            // Cut in the middle of a line: the connection is at its end.
            return null;
        }

        try
        {
            var kind = document.RootElement.GetProperty("type").GetString() ?? "";
            if (kind == "ERROR")
            {
                IsExpired = true;
                return null;
            }

            var body = document.RootElement.GetProperty("object");
            var version = body.GetProperty("metadata").GetProperty("resourceVersion").GetString() ?? "";
            return new WatchChange<T>(kind, kind == "BOOKMARK" ? null : body.Deserialize(type.Json), version);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new SourceException($"the watch of {type.Plural} told what is no {type.Kind}: {KubeAnswer.Start(document.RootElement.GetRawText())}", e);
        }
    }

    private static JsonDocument? Parsed(ReadOnlyMemory<byte> line)
    {
        try
        {
            return JsonDocument.Parse(line);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
