using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Monitoring;
using Stepper.Cluster.Versions;

namespace Stepper.StepRunner.Gates.Compatibility;

/// <summary>
/// Which API versions that are gone at the target are still asked for: by Prometheus within 7 days, since an API server says of an API that was asked for once
/// that it was until it starts again. Where Prometheus does not have it, by the API server itself, for as long as that runs.
/// </summary>
internal sealed class RequestedApis(Prometheus prometheus, KubeApi api)
{
    private const string Deprecated = "apiserver_requested_deprecated_apis";
    private const string Requests = "apiserver_request_total";

    // Every kubelet asks for one all the time. What else counts requests by this name, such as an extension API server, has none.
    private const string Leases = $"count({Requests}{{resource=\"leases\"}})";

    private const string Started = "process_start_time_seconds";
    private const string What = "removed APIs";
    private const string AskByHand = $"kubectl get --raw /metrics | grep {Deprecated}";

    /// <summary>What an API server says of itself, 1 where it does now, 0 where it did within 7 days: by starting again it forgets.</summary>
    internal const string Seen = $"max by (group, version, resource, removed_release) ({Deprecated} or 0 * max_over_time({Deprecated}[7d]))";

    /// <param name="step">From the oldest API server.</param>
    /// <param name="servers">How many API servers there are.</param>
    /// <exception cref="SourceException">It could not be asked.</exception>
    public async Task<CompatibilityAnswer> AskAsync(IReadOnlyList<RemovedApi> removed, MinorStep step, int servers, CancellationToken ct) =>
        // Where nothing deprecated is asked for there is no series of that.
        await prometheus.QueryAsync(Leases, ct) is > 0
            ? await ByPrometheusAsync(Gone(removed, await prometheus.QuerySeriesAsync(Seen, ct), step), ct)
            : await ByServerAsync(removed, step, servers, ct);

    private async Task<CompatibilityAnswer> ByPrometheusAsync(IReadOnlyList<GoneApi> gone, CancellationToken ct)
    {
        if (gone.Count == 0)
        {
            return new CompatibilityAnswer(What, "by Prometheus, 7 days: none");
        }

        var counted = await prometheus.QuerySeriesAsync(Increase(gone.Select(each => each.Resource)), ct);
        var asked = gone.Where(each => counted.Any(series => each.Is(series) && series.Value > 0) || (each.WasSeen && !counted.Any(each.Is))).ToList();
        return new CompatibilityAnswer(
            What,
            $"by Prometheus, 7 days: {Number(asked)}",
            [.. asked.Select(each => Finding.RefusesUntilActed(
                $"{each} was asked for within the last 7 days, by Prometheus, and is gone from Kubernetes {each.In} on{each.Instead}; who asks stands in the API server's audit log",
                $"curl -sG {prometheus.Shown}/api/v1/query --data-urlencode 'query=max_over_time({Deprecated}{{resource=\"{each.Resource}\",version=\"{each.Version}\"}}[7d])'"))]);
    }

    /// <summary>
    /// By how much each resource's requests grew within 7 days; 0 where they did not. A series that is younger has counted nothing older, and to increase its
    /// first sample is no increase; it ends where the API server starts again.
    /// </summary>
    internal static string Increase(IEnumerable<string> resources)
    {
        var series = $"{Requests}{{resource=~\"{string.Join('|', resources.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))}\"}}";
        return $"sum by (group, version, resource) (increase({series}[7d]) > 0 or (last_over_time({series}[7d]) unless last_over_time({series}[1h] offset 7d)) or 0 * last_over_time({series}[7d]))";
    }

    private async Task<CompatibilityAnswer> ByServerAsync(IReadOnlyList<RemovedApi> removed, MinorStep step, int servers, CancellationToken ct)
    {
        var samples = await api.MetricsAsync([Deprecated, Requests, Started], ct);
        var started = samples.FirstOrDefault(sample => sample.Name == Started)?.Series.Value
            ?? throw new SourceException($"/metrics of the API server has no {Started}, and Prometheus at {prometheus.Shown} has no {Requests} of an API server");
        var since = $"{DateTimeOffset.FromUnixTimeSeconds((long)started).UtcDateTime:yyyy-MM-dd HH:mm} UTC, when the API server started";
        if (servers > 1)
        {
            return new CompatibilityAnswer(What, "not known", Finding.RefusesUntilActed(
                $"which APIs are asked for of {servers} API servers can't be told by the one that answers, and Prometheus at {prometheus.Shown} does not have {Requests} of any; have it scrape all of them",
                AskByHand));
        }

        var requests = samples.Where(sample => sample.Name == Requests).Select(sample => sample.Series).ToList();
        var asked = Gone(removed, [.. samples.Where(sample => sample.Name == Deprecated).Select(sample => sample.Series)], step)
            .Where(each => each.WasSeen || requests.Exists(each.Is)).ToList();
        return new CompatibilityAnswer(
            What,
            $"by the API server: {Number(asked)}",
            [
                .. asked.Select(each => Finding.RefusesUntilActed(
                    $"{each} was asked for, seen only since {since}, and is gone from Kubernetes {each.In} on{each.Instead}; who asks stands in the API server's audit log", AskByHand)),
                Finding.Warns(
                    $"Prometheus at {prometheus.Shown} does not have its {Requests}; by the API server itself what is asked for is seen only since {since}", AskByHand),
            ]);
    }

    // What an API server says itself of an API that it serves, and what the matrix knows besides. What it said before it was upgraded may be gone already.
    private static IReadOnlyList<GoneApi> Gone(IReadOnlyList<RemovedApi> removed, IReadOnlyList<Series> deprecated, MinorStep step)
    {
        var known = removed.Where(each => step.Reaches(each.In)).ToList();
        var seen = deprecated
            .Where(series => MinorVersion.TryParse(series.Labels.GetValueOrDefault("removed_release"), out var gone) && gone <= step.To && (step.From < gone || series.Value > 0))
            .Select(series => GoneApi.Of(series, known));
        return
        [
            .. seen.Concat(known.Select(each => GoneApi.Of(each))).GroupBy(each => (each.Group, each.Version, each.Resource)).Select(same => same.First())
                .OrderBy(each => each.ToString(), StringComparer.Ordinal),
        ];
    }

    private static string Number(List<GoneApi> asked) => asked.Count == 0 ? "none" : $"{asked.Count} asked for";
}

/// <summary>An API version that the target does not serve any more.</summary>
/// <param name="Instead">What to ask for instead, as the end of a sentence; empty where that is not known.</param>
/// <param name="WasSeen">An API server says that it was asked for since it started.</param>
internal sealed record GoneApi(string Group, string Version, string Resource, MinorVersion In, string Instead, bool WasSeen)
{
    public static GoneApi Of(RemovedApi known) =>
        new(known.Group, known.Version, known.Resource, known.In, $"{(known.Instead is { } instead ? $", where it is {instead}" : "")} ({known.Evidence})", WasSeen: false);

    /// <param name="series">Of what an API server says of itself.</param>
    public static GoneApi Of(Series series, IReadOnlyList<RemovedApi> known)
    {
        _ = MinorVersion.TryParse(series.Labels.GetValueOrDefault("removed_release"), out var gone);
        var (group, version, resource) = KeyOf(series);
        return known.FirstOrDefault(each => (each.Group, each.Version, each.Resource) == (group, version, resource)) is { } same
            ? Of(same) with { WasSeen = true }
            : new GoneApi(group, version, resource, gone, "", WasSeen: true);
    }

    public bool Is(Series series) => KeyOf(series) == (Group, Version, Resource);

    /// <summary>As <c>kubectl get</c> takes it: <c>flowschemas.v1beta3.flowcontrol.apiserver.k8s.io</c>.</summary>
    public override string ToString() => $"{Resource}.{Version}{(Group.Length > 0 ? "." + Group : "")}";

    // Prometheus drops a label that is empty.
    private static (string Group, string Version, string Resource) KeyOf(Series series) =>
        (series.Labels.GetValueOrDefault("group", ""), series.Labels.GetValueOrDefault("version", ""), series.Labels.GetValueOrDefault("resource", ""));
}
