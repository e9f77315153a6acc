using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.Cluster.Kubernetes;

/// <summary>
/// The few verbs that stepper needs of the Kubernetes API, over plain HTTP. Knows about status codes so that nobody else has to.
/// An API server that is away is asked again for <see cref="Patience.AtMost"/>, and that is said; then the call ends in a <see cref="SourceException"/>.
/// Each write is safe to ask twice: names are deterministic, patches set values, deletions and evictions name the uid.
/// </summary>
/// <param name="http">Its base address is the API server's; its handler authenticates.</param>
/// <param name="wait">The clock of all time limits.</param>
/// <param name="say">Gets a line for a person when the server does not answer, and when it does again.</param>
public sealed class KubeApi(HttpClient http, Wait wait, Action<string> say)
{
    // What kubectl asks for at a time.
    private const int PageSize = 500;

    /// <summary>Reads an object; null when there is none.</summary>
    public async Task<T?> FindAsync<T>(ResourceType<T> type, string? ns, string name, CancellationToken ct)
        where T : class
    {
        var answer = await SendAsync(HttpMethod.Get, type.Path(ns, name), null, ct);
        return answer.Code == HttpStatusCode.NotFound ? null : Read(answer, type.Json);
    }

    /// <summary>Reads an object that must be there.</summary>
    public async Task<T> GetAsync<T>(ResourceType<T> type, string? ns, string name, CancellationToken ct)
        where T : class
    {
        var answer = await SendAsync(HttpMethod.Get, type.Path(ns, name), null, ct);
        return Read(answer, type.Json);
    }

    /// <summary>Reads a whole list, page by page.</summary>
    public async Task<KubeList<T>> ListAsync<T>(ResourceType<T> type, string? ns, KubeQuery query, CancellationToken ct)
    {
        List<T> items = [];
        string? next = null;
        while (true)
        {
            IEnumerable<string> parameters =
                [.. query.Parameters(), "limit=" + PageSize.ToString(CultureInfo.InvariantCulture), .. next is null ? [] : new[] { "continue=" + Uri.EscapeDataString(next) }];
            var answer = await SendAsync(HttpMethod.Get, type.Path(ns) + "?" + string.Join('&', parameters), null, ct);
            if (answer.Code == HttpStatusCode.Gone && next is not null)
            {
                // The list changed so long ago that its next page is lost: from the start.
                items.Clear();
                next = null;
                continue;
            }

            answer.MustBeGood();
            using var page = answer.Document();
            var root = page.RootElement;
            items.AddRange(root.GetProperty("items").EnumerateArray().Select(item => item.Deserialize(type.Json)!));
            var metadata = root.GetProperty("metadata");
            next = metadata.TryGetProperty("continue", out var more) ? more.GetString() : null;
            if (string.IsNullOrEmpty(next))
            {
                return new KubeList<T>(items, metadata.GetProperty("resourceVersion").GetString() ?? "");
            }
        }
    }

    /// <summary>Creates an object. Null when one of that name is there already: read it, it may be the one that an unanswered attempt made.</summary>
    public async Task<T?> CreateAsync<T>(ResourceType<T> type, string? ns, JsonObject body, CancellationToken ct)
        where T : class
    {
        // Strict: a field that the server does not know is refused, as kubectl has it, and not dropped.
        var answer = await SendAsync(HttpMethod.Post, type.Path(ns) + "?fieldValidation=Strict", Body(body, "application/json"), ct);
        return answer.Code == HttpStatusCode.Conflict && answer.Status?.Reason is "AlreadyExists" ? null : Read(answer, type.Json);
    }

    /// <summary>
    /// Sets some fields of an object (RFC 7386: null takes a field away). With <c>metadata.resourceVersion</c> in the patch it is compare-and-swap.
    /// </summary>
    /// <exception cref="KubeRefusedException">With <see cref="KubeRefusedException.IsConflict"/> when the object has changed meanwhile.</exception>
    public async Task<T> MergeAsync<T>(ResourceType<T> type, string? ns, string name, JsonObject patch, CancellationToken ct)
    {
        var answer = await SendAsync(HttpMethod.Patch, type.Path(ns, name), Body(patch, "application/merge-patch+json"), ct);
        return Read(answer, type.Json);
    }

    /// <summary>Deletes an object, if it still is the one meant. False when it is not there or another one has its name.</summary>
    /// <param name="uid">The one meant.</param>
    /// <param name="graceSeconds">Null: the object's own.</param>
    public async Task<bool> DeleteAsync<T>(ResourceType<T> type, string? ns, string name, string uid, int? graceSeconds, CancellationToken ct)
    {
        var options = new JsonObject
        {
            ["kind"] = "DeleteOptions",
            ["apiVersion"] = "v1",
            ["preconditions"] = new JsonObject { ["uid"] = uid },
            // A Job deleted without it by its own API version would leave its pods behind, orphaned.
            ["propagationPolicy"] = "Background",
        };
        if (graceSeconds is { } seconds)
        {
            options["gracePeriodSeconds"] = seconds;
        }

        var answer = await SendAsync(HttpMethod.Delete, type.Path(ns, name), Body(options, "application/json"), ct);
        if (answer.Code is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            return false;
        }

        answer.MustBeGood();
        return true;
    }

    /// <summary>Asks the <c>policy/v1</c> Eviction API to let a pod go. A refusal is an answer here, not an exception, and a 500 is not asked again.</summary>
    /// <param name="graceSeconds">How long the pod may take to end.</param>
    /// <param name="dryRun">Asks only whether it would be granted.</param>
    public async Task<EvictionAnswer> EvictAsync(Pod pod, long graceSeconds, bool dryRun, CancellationToken ct)
    {
        var eviction = new JsonObject
        {
            ["apiVersion"] = "policy/v1",
            ["kind"] = "Eviction",
            ["metadata"] = new JsonObject { ["name"] = pod.Metadata.Name, ["namespace"] = pod.Metadata.Namespace },
            ["deleteOptions"] = new JsonObject
            {
                ["gracePeriodSeconds"] = graceSeconds,
                ["preconditions"] = new JsonObject { ["uid"] = pod.Metadata.Uid },
            },
        };
        if (dryRun)
        {
            eviction["deleteOptions"]!["dryRun"] = new JsonArray("All");
        }

        var path = Resources.Pods.Path(pod.Metadata.Namespace, pod.Metadata.Name) + "/eviction";
        var answer = await SendAsync(HttpMethod.Post, path, Body(eviction, "application/json"), ct, isEviction: true);
        return EvictionAnswer.From(answer.Code, answer.Status) ?? throw answer.Refused();
    }

    /// <summary>A container's log, whole.</summary>
    /// <param name="container">Null: the only one.</param>
    public async Task<string> LogAsync(string ns, string pod, string? container, CancellationToken ct)
    {
        var path = Resources.Pods.Path(ns, pod) + "/log" + (container is null ? "" : "?container=" + Uri.EscapeDataString(container));
        var answer = await SendAsync(HttpMethod.Get, path, null, ct);
        answer.MustBeGood();
        return answer.Text;
    }

    /// <summary>Asks a health endpoint such as <c>readyz</c> once. Null when it says ok, else what it says.</summary>
    public async Task<string?> ProbeAsync(string endpoint, CancellationToken ct)
    {
        try
        {
            using var limit = new CancellationTokenSource(Patience.OneAttempt, wait.Time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
            using var answer = await http.GetAsync(new Uri(endpoint, UriKind.Relative), both.Token);
            var text = await answer.Content.ReadAsStringAsync(both.Token);
            return answer.IsSuccessStatusCode ? null : $"/{endpoint} answered {(int)answer.StatusCode}: {KubeAnswer.Start(text)}";
        }
        catch (Exception e) when (IsAway(e, ct))
        {
            return $"/{endpoint} did not answer: {e.Message}";
        }
    }

    /// <summary>
    /// The list as it is now and then again after each change, by a watch: for as long as the caller goes on reading. Survives closed connections and
    /// watches that are too old; what went away in between is gone from the next list, so no deletion is missed.
    /// </summary>
    /// <returns>One dictionary by uid, the same object each time, brought up to date.</returns>
    public async IAsyncEnumerable<IReadOnlyDictionary<string, T>> ObserveAsync<T>(
        ResourceType<T> type, string? ns, KubeQuery query, [EnumeratorCancellation] CancellationToken ct)
        where T : class, IKubeObject
    {
        while (true)
        {
            var list = await ListAsync(type, ns, query, ct);
            var known = list.Items.ToDictionary(item => item.Metadata.Uid, StringComparer.Ordinal);
            yield return known;

            await foreach (var change in WatchAsync(type, ns, query, list.ResourceVersion, ct))
            {
                if (change.IsDeletion)
                {
                    known.Remove(change.Object!.Metadata.Uid);
                }
                else
                {
                    known[change.Object!.Metadata.Uid] = change.Object;
                }

                yield return known;
            }
        }
    }

    /// <summary>Watches until <paramref name="found"/> finds what is waited for in the list; null when the time is over before.</summary>
    public async Task<TResult?> ObserveUntilAsync<T, TResult>(
        ResourceType<T> type, string? ns, KubeQuery query, TimeSpan atMost, Func<IReadOnlyDictionary<string, T>, TResult?> found, CancellationToken ct)
        where T : class, IKubeObject
        where TResult : class
    {
        using var limit = new CancellationTokenSource(atMost, wait.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            await foreach (var state in ObserveAsync(type, ns, query, both.Token))
            {
                if (found(state) is { } result)
                {
                    return result;
                }
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            // The time is over, which is an answer.
        }

        return null;
    }

    // Changes since a resourceVersion; ends when the server has forgotten that one.
    private async IAsyncEnumerable<WatchChange<T>> WatchAsync<T>(
        ResourceType<T> type, string? ns, KubeQuery query, string from, [EnumeratorCancellation] CancellationToken ct)
        where T : class, IKubeObject
    {
        while (true)
        {
            using var watch = new KubeWatch<T>(http, wait, type);
            if (!await watch.OpenAsync(ns, query, from, ct))
            {
                // That the server is away is found, said and bounded by the list that follows.
                yield break;
            }

            while (await watch.NextAsync(ct) is { } change)
            {
                from = change.ResourceVersion;
                if (change.Object is not null)
                {
                    yield return change;
                }
            }

            if (watch.IsExpired)
            {
                yield break;
            }

            // Ended by the server or cut: it goes on from where it was, and not in a busy loop.
            await wait.ForAsync(Patience.Before(1), ct);
        }
    }

    private async Task<KubeAnswer> SendAsync(HttpMethod method, string path, Func<HttpContent>? body, CancellationToken ct, bool isEviction = false)
    {
        var since = wait.Now;
        DateTimeOffset? said = null;
        for (var attempt = 1; ; attempt++)
        {
            string problem;
            TimeSpan? after = null;
            Exception? cause = null;
            try
            {
                var answer = await SendOnceAsync(method, path, body, ct);
                if (!answer.IsWorthAnotherTry(isEviction))
                {
                    if (said is not null)
                    {
                        say($"the API server answers again after {(wait.Now - since).TotalSeconds:0} s");
                    }

                    return answer;
                }

                problem = answer.Says;
                after = answer.RetryAfter;
            }
            catch (Exception e) when (IsAway(e, ct))
            {
                problem = e is OperationCanceledException ? $"no answer within {Patience.OneAttempt.TotalSeconds:0} s" : Innermost(e).Message;
                cause = e;
            }

            var away = wait.Now - since;
            if (away >= Patience.AtMost)
            {
                throw new SourceException($"{method} /{path}: the API server has not answered for {away.TotalMinutes:0} min: {problem}", cause);
            }

            if (said is { } last ? wait.Now - last >= Patience.SaidEvery : away >= Patience.SaidAfter)
            {
                said = wait.Now;
                say($"the API server has not answered {method} /{path} for {away.TotalSeconds:0} s ({problem}); asked again for up to {Patience.AtMost.TotalMinutes:0} min");
            }

            await wait.ForAsync(after ?? Patience.Before(attempt), ct);
        }
    }

    private async Task<KubeAnswer> SendOnceAsync(HttpMethod method, string path, Func<HttpContent>? body, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(Patience.OneAttempt, wait.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = body?.Invoke() };
        using var response = await http.SendAsync(request, both.Token);
        return new KubeAnswer(method, path, response.StatusCode, response.Headers.RetryAfter?.Delta, await response.Content.ReadAsByteArrayAsync(both.Token));
    }

    // Not answered, as against told to stop.
    internal static bool IsAway(Exception e, CancellationToken ct) =>
        !ct.IsCancellationRequested && e is HttpRequestException or IOException or OperationCanceledException;

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;

    private static Func<HttpContent> Body(JsonObject body, string mediaType)
    {
        var text = body.ToJsonString();
        return () => new StringContent(text, Encoding.UTF8, new MediaTypeHeaderValue(mediaType));
    }

    private static T Read<T>(KubeAnswer answer, JsonTypeInfo<T> type)
    {
        answer.MustBeGood();
        try
        {
            return JsonSerializer.Deserialize(answer.Bytes, type) ?? throw answer.IsNo(typeof(T).Name, null);
        }
        catch (JsonException e)
        {
            throw answer.IsNo(typeof(T).Name, e);
        }
    }
}
