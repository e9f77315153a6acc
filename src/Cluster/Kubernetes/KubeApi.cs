using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Cluster.Monitoring;

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

    // A list that can't be read to its end before the server has forgotten where it began.
    private const int ListedAtMost = 5;

    private readonly KubeSender _sender = new(http, wait, say);

    /// <summary>Reads an object; null when the server says that there is none.</summary>
    public Task<T?> FindAsync<T>(ResourceType<T> type, string? ns, string name, CancellationToken ct)
        where T : class =>
        _sender.SendAsync(KubeRequest.Get(type.Path(ns, name)), answer => answer.HasNo(type.Plural) ? null : answer.Object(type), ct);

    /// <summary>Reads an object that must be there.</summary>
    public Task<T> GetAsync<T>(ResourceType<T> type, string? ns, string name, CancellationToken ct)
        where T : class =>
        _sender.SendAsync(KubeRequest.Get(type.Path(ns, name)), answer => answer.Object(type), ct);

    /// <summary>Reads a whole list, page by page, as it was at one moment.</summary>
    public async Task<KubeList<T>> ListAsync<T>(ResourceType<T> type, string? ns, KubeQuery query, CancellationToken ct)
    {
        var (items, version) = await GatherAsync(type, ns, query, () => new List<T>(), (all, item) => all.Add(item), ct);
        return new KubeList<T>(items, version);
    }

    /// <summary>Reads a whole list as it was at one moment, of which no more than a page is held at a time.</summary>
    /// <param name="begin">Makes that into which it is gathered: once more when the list has to be read from its start again.</param>
    /// <param name="add">Takes of an object what is to be kept.</param>
    /// <returns>What was gathered, and the resourceVersion of the list.</returns>
    public async Task<(TAll All, string ResourceVersion)> GatherAsync<T, TAll>(
        ResourceType<T> type, string? ns, KubeQuery query, Func<TAll> begin, Action<TAll, T> add, CancellationToken ct)
    {
        var all = begin();
        string? next = null;
        for (var lists = 1; ;)
        {
            var request = KubeRequest.Get(type.Path(ns) + "?" + string.Join('&', [.. query.Parameters(), .. PageAt(next)]));
            if (await _sender.SendAsync(request, answer => next is null || lists == ListedAtMost ? answer.Page(type) : answer.NextPage(type), ct) is not { } page)
            {
                // It changed so much since that its next page is lost: from the start, since half of it would be of another moment.
                all = begin();
                next = null;
                lists++;
                continue;
            }

            foreach (var item in page.Items)
            {
                add(all, item);
            }

            next = page.Metadata.Continue;
            if (string.IsNullOrEmpty(next))
            {
                return (all, page.Metadata.ResourceVersion);
            }
        }
    }

    /// <summary>Creates an object. Null when one of that name is there already: read it, it may be the one that an unanswered attempt made.</summary>
    public Task<T?> CreateAsync<T>(ResourceType<T> type, string? ns, JsonObject body, CancellationToken ct)
        where T : class
    {
        // Strict: a field that the server does not know is refused, as kubectl has it, and not dropped.
        var request = new KubeRequest(HttpMethod.Post, type.Path(ns) + "?fieldValidation=Strict", body);
        return _sender.SendAsync(request, answer => answer.IsTaken ? null : answer.Object(type), ct);
    }

    /// <summary>
    /// Sets some fields of an object (RFC 7386: null takes a field away). With <c>metadata.resourceVersion</c> in the patch it is compare-and-swap.
    /// </summary>
    /// <exception cref="KubeRefusedException">With <see cref="KubeRefusedException.IsConflict"/> when the object has changed meanwhile.</exception>
    public async Task<T> MergeAsync<T>(ResourceType<T> type, string? ns, string name, JsonObject patch, CancellationToken ct)
        where T : class
    {
        KubeRefusedException? conflict = null;
        var request = new KubeRequest(HttpMethod.Patch, type.Path(ns, name), patch, "application/merge-patch+json");
        var merged = await _sender.SendAsync(request, answer => (conflict = answer is { IsConflict: true, IsRepeat: true } ? answer.Refused() : null) is null ? answer.Object(type) : null, ct);
        if (merged is not null)
        {
            return merged;
        }

        // It was asked twice, and who changed the object in between may have been the first of the two: then it is as the patch wants it.
        var now = await GetAsync(type.AsJson(), ns, name, ct);
        return MergePatch.IsDone(patch, now) ? now.Deserialize(type.Json)! : throw conflict!;
    }

    /// <summary>Deletes an object, if it still is the one meant. False when it is not there or another one has its name.</summary>
    /// <param name="uid">The one meant.</param>
    /// <param name="graceSeconds">Null: the object's own.</param>
    public Task<bool> DeleteAsync<T>(ResourceType<T> type, string? ns, string name, string uid, int? graceSeconds, CancellationToken ct)
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

        return _sender.SendAsync(
            new KubeRequest(HttpMethod.Delete, type.Path(ns, name), options),
            answer =>
            {
                if (answer.HasNo(type.Plural) || answer.IsConflict)
                {
                    return false;
                }

                answer.MustBeDone();
                return true;
            },
            ct);
    }

    /// <summary>Asks the <c>policy/v1</c> Eviction API to let a pod go. A refusal is an answer here, not an exception, and a 500 is not asked again.</summary>
    /// <param name="graceSeconds">How long the pod may take to end.</param>
    /// <param name="dryRun">Asks only whether it would be granted.</param>
    public Task<EvictionAnswer> EvictAsync(Pod pod, long graceSeconds, bool dryRun, CancellationToken ct)
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
        return _sender.SendAsync(new KubeRequest(HttpMethod.Post, path, eviction, IsEviction: true), EvictionAnswer.From, ct);
    }

    /// <summary>Asks whether this client may do something. Nothing is kept of it, so it may be asked twice.</summary>
    public Task<AccessReview> ReviewAsync(ApiAccess access, CancellationToken ct) =>
        _sender.SendAsync(new KubeRequest(HttpMethod.Post, Resources.AccessReviews.Path(null), access.ToReview()), answer => answer.Object(Resources.AccessReviews), ct);

    /// <summary>A container's log, whole.</summary>
    /// <param name="container">Null: the only one.</param>
    public Task<string> LogAsync(string ns, string pod, string? container, CancellationToken ct)
    {
        var path = Resources.Pods.Path(ns, pod) + "/log" + (container is null ? "" : "?container=" + Uri.EscapeDataString(container));
        return _sender.SendAsync(
            KubeRequest.Get(path),
            answer =>
            {
                answer.MustBeGood();
                return answer.Text;
            },
            ct);
    }

    /// <summary>The samples of some metrics, by the API server that answers: where there are several, each counts for itself.</summary>
    public Task<IReadOnlyList<MetricSample>> MetricsAsync(IReadOnlyCollection<string> names, CancellationToken ct) => _sender.SendAsync(
        KubeRequest.Get("metrics"),
        answer =>
        {
            answer.MustBeGood();
            return MetricSample.Read(answer.Bytes.Span, names);
        },
        ct);

    /// <summary>What time it is by the API server's clock, in whole seconds. Null where it does not say, as behind a proxy that takes it away.</summary>
    public Task<DateTimeOffset?> TimeAsync(CancellationToken ct) => _sender.SendAsync(KubeRequest.Get("livez"), answer => answer.Date, ct);

    /// <summary>Asks a health endpoint such as <c>readyz</c> once. Null when it says ok, else what it says.</summary>
    public async Task<string?> ProbeAsync(string endpoint, CancellationToken ct)
    {
        try
        {
            using var limit = new CancellationTokenSource(Patience.OneAttempt, wait.Time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
            using var answer = await http.GetAsync(new Uri(endpoint, UriKind.Relative), both.Token);
            var text = await answer.Content.ReadAsStringAsync(both.Token);
            return answer.StatusCode == HttpStatusCode.OK && text.Trim() == "ok" ? null : $"/{endpoint} answered {(int)answer.StatusCode}: {KubeAnswer.Start(text)}";
        }
        catch (Exception e) when (NotAnsweredException.From(e, ct) is { } away)
        {
            return $"/{endpoint} did not answer: {away.Message}";
        }
        catch (HttpRequestException e) when (e.GetBaseException() is ServerCertificateException other)
        {
            return $"/{endpoint}: {other.Message}";
        }
    }

    /// <summary>
    /// The list as it is now and then again after each change, by a watch: for as long as the caller goes on reading. Survives closed connections and
    /// watches that are too old; what went away in between is gone from the next list, so no deletion is missed.
    /// </summary>
    /// <returns>One dictionary by uid, brought up to date: another one after each new list.</returns>
    public IAsyncEnumerable<IReadOnlyDictionary<string, T>> ObserveAsync<T>(ResourceType<T> type, string? ns, KubeQuery query, CancellationToken ct)
        where T : class, IKubeObject =>
        new KubeObservation<T>(this, _sender, wait, type, ns, query).RunAsync(ct);

    /// <summary>Watches until <paramref name="found"/> finds what is waited for in the list; null when the time is over before.</summary>
    public Task<TResult?> ObserveUntilAsync<T, TResult>(
        ResourceType<T> type, string? ns, KubeQuery query, TimeSpan atMost, Func<IReadOnlyDictionary<string, T>, TResult?> found, CancellationToken ct)
        where T : class, IKubeObject
        where TResult : class =>
        UntilAsync(token => ObserveAsync(type, ns, query, token), atMost, found, ct);

    /// <summary>
    /// The same without the list at its beginning, which is a request less: the watch itself first tells what is there, one after the other. For what an object
    /// tells by itself and for good, since nothing says when all of them are told, and the server may begin with what it remembers.
    /// </summary>
    public Task<TResult?> WatchUntilAsync<T, TResult>(
        ResourceType<T> type, string? ns, KubeQuery query, TimeSpan atMost, Func<IReadOnlyDictionary<string, T>, TResult?> found, CancellationToken ct)
        where T : class, IKubeObject
        where TResult : class =>
        UntilAsync(new KubeObservation<T>(this, _sender, wait, type, ns, query).RunWithoutListAsync, atMost, found, ct);

    private async Task<TResult?> UntilAsync<T, TResult>(
        Func<CancellationToken, IAsyncEnumerable<IReadOnlyDictionary<string, T>>> observe, TimeSpan atMost, Func<IReadOnlyDictionary<string, T>, TResult?> found, CancellationToken ct)
        where TResult : class
    {
        using var limit = new CancellationTokenSource(atMost, wait.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            await foreach (var state in observe(both.Token))
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

    private static IEnumerable<string> PageAt(string? next)
    {
        yield return "limit=" + PageSize.ToString(CultureInfo.InvariantCulture);
        if (next is not null)
        {
            yield return "continue=" + Uri.EscapeDataString(next);
        }
    }
}
