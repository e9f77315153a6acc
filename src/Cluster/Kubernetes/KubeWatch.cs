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
internal sealed class KubeWatch<T>(HttpClient http, Wait wait, ResourceType<T> type) : IDisposable
    where T : class, IKubeObject
{
    // The server ends a watch after this long by itself; one on which nothing came for longer has lost its connection without a word.
    private const int ServerEndsAfterSeconds = 290;
    private static readonly TimeSpan SilentAtMost = TimeSpan.FromSeconds(ServerEndsAfterSeconds + 30);

    private HttpResponseMessage? _response;
    private StreamReader? _lines;

    /// <summary>The server has forgotten the resourceVersion that was asked for: list again.</summary>
    public bool IsExpired { get; private set; }

    /// <summary>False when the server is not there or does not want to; it is then listed again.</summary>
    public async Task<bool> OpenAsync(string? ns, KubeQuery query, string from, CancellationToken ct)
    {
        string[] parameters =
            [.. query.Parameters(), "watch=true", "allowWatchBookmarks=true", $"timeoutSeconds={ServerEndsAfterSeconds}", "resourceVersion=" + Uri.EscapeDataString(from)];
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(type.Path(ns) + "?" + string.Join('&', parameters), UriKind.Relative));
        try
        {
            using var limit = new CancellationTokenSource(Patience.OneAttempt, wait.Time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
            _response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
            IsExpired = _response.StatusCode == HttpStatusCode.Gone;
            if (!_response.IsSuccessStatusCode)
            {
                return false;
            }

            _lines = new StreamReader(await _response.Content.ReadAsStreamAsync(both.Token));
            return true;
        }
        catch (Exception e) when (KubeApi.IsAway(e, ct))
        {
            return false;
        }
    }

    /// <summary>The next change; null when the connection has ended, for whatever reason.</summary>
    public async Task<WatchChange<T>?> NextAsync(CancellationToken ct)
    {
        try
        {
            using var limit = new CancellationTokenSource(SilentAtMost, wait.Time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
            return await _lines!.ReadLineAsync(both.Token) is { Length: > 0 } line ? Read(line) : null;
        }
        catch (Exception e) when (KubeApi.IsAway(e, ct))
        {
            return null;
        }
    }

    public void Dispose()
    {
        _lines?.Dispose();
        _response?.Dispose();
    }

    private WatchChange<T>? Read(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var kind = document.RootElement.GetProperty("type").GetString() ?? "";
            var body = document.RootElement.GetProperty("object");
            if (kind == "ERROR")
            {
                IsExpired = true;
                return null;
            }

            var version = body.GetProperty("metadata").GetProperty("resourceVersion").GetString() ?? "";
            return new WatchChange<T>(kind, kind == "BOOKMARK" ? null : body.Deserialize(type.Json), version);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException)
        {
            // Cut in the middle of a line: the connection is at its end.
            return null;
        }
    }
}
