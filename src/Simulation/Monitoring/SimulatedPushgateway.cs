using System.Net;
using System.Text;

namespace Stepper.Simulation.Monitoring;

/// <summary>
/// A Pushgateway: groups of series by their grouping labels. PUT replaces a whole group, POST the metric names that it brings, DELETE takes the group away.
/// </summary>
public sealed class SimulatedPushgateway
{
    private readonly SortedDictionary<string, PushedGroup> _groups = new(StringComparer.Ordinal);

    public bool IsDown { get; set; }

    /// <summary>By the grouping labels, as <c>job="a",node="b"</c> in the order of their names.</summary>
    public IReadOnlyDictionary<string, PushedGroup> Groups => _groups;

    /// <summary>The value of a series in the group that has no label but its job; null where there is none.</summary>
    /// <param name="series">Name and labels, as <c>a{b="c"}</c>, labels in the order of their names.</param>
    public double? Value(string job, string series) =>
        _groups.GetValueOrDefault($"job=\"{job}\"")?.Samples.FirstOrDefault(sample => sample.Series == series)?.Value;

    /// <summary>It starts again without a file of what was pushed, which is how it is usually set up.</summary>
    public void Restart() => _groups.Clear();

    internal async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken ct)
    {
        if (IsDown)
        {
            throw SimulatedNetwork.Refused(request.RequestUri!);
        }

        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(ct);
        try
        {
            return Answer(request.Method, request.RequestUri!.AbsolutePath, body);
        }
        catch (FormatException wrong)
        {
            return new HttpResponseMessage(HttpStatusCode.BadRequest) { Content = new StringContent(wrong.Message + "\n") };
        }
    }

    private HttpResponseMessage Answer(HttpMethod method, string path, string body)
    {
        const string Prefix = "/metrics/job";
        if (!path.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return new HttpResponseMessage(path is "/-/healthy" or "/-/ready" ? HttpStatusCode.OK : HttpStatusCode.NotFound) { Content = new StringContent("") };
        }

        var labels = ReadLabels(path["/metrics/".Length..]);
        var key = string.Join(',', labels.Select(label => $"{label.Key}=\"{label.Value}\""));
        if (method == HttpMethod.Delete)
        {
            _groups.Remove(key);
            return new HttpResponseMessage(HttpStatusCode.Accepted) { Content = new StringContent("") };
        }

        if (method != HttpMethod.Put && method != HttpMethod.Post)
        {
            return new HttpResponseMessage(HttpStatusCode.MethodNotAllowed) { Content = new StringContent("Method Not Allowed") };
        }

        Push(key, labels, ExpositionText.Parse(body), replacesAll: method == HttpMethod.Put);
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("") };
    }

    private void Push(string key, SortedDictionary<string, string> labels, IReadOnlyList<PushedSample> samples, bool replacesAll)
    {
        // Labels of the group take the place of the series' own.
        var own = samples.Select(sample => sample with { Labels = Without(sample.Labels, labels) }).ToList();
        if (own.DistinctBy(sample => sample.Series, StringComparer.Ordinal).Count() < own.Count)
        {
            throw new FormatException("pushed metrics are invalid or inconsistent with existing metrics: a series was pushed twice");
        }

        var old = replacesAll || !_groups.TryGetValue(key, out var group) ? [] : group.Samples;
        var names = samples.Select(sample => sample.Name).ToHashSet(StringComparer.Ordinal);
        _groups[key] = new PushedGroup(labels, [.. old.Where(sample => !names.Contains(sample.Name)), .. own]);
    }

    private static SortedDictionary<string, string> Without(IReadOnlyDictionary<string, string> labels, SortedDictionary<string, string> group) =>
        new(labels.Where(label => !group.ContainsKey(label.Key)).ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal);

    // job/<name>[/<label>/<value>...], where <label>@base64 has its value in base64url.
    private static SortedDictionary<string, string> ReadLabels(string path)
    {
        var parts = path.Split('/');
        if (parts.Length % 2 != 0)
        {
            throw new FormatException($"odd number of components in label string \"{path}\"");
        }

        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var index = 0; index < parts.Length; index += 2)
        {
            var (name, value) = ReadLabel(parts[index], parts[index + 1]);
            if (name.Length == 0 || name.StartsWith("__", StringComparison.Ordinal) || !labels.TryAdd(name, value))
            {
                throw new FormatException($"improper label name \"{name}\"");
            }
        }

        return labels["job"].Length > 0 ? labels : throw new FormatException("job name is required");
    }

    private static (string Name, string Value) ReadLabel(string name, string value)
    {
        const string Encoded = "@base64";
        if (!name.EndsWith(Encoded, StringComparison.Ordinal))
        {
            return (name, Uri.UnescapeDataString(value));
        }

        var text = value.TrimEnd('=').Replace('-', '+').Replace('_', '/');
        return (name[..^Encoded.Length], Encoding.UTF8.GetString(Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='))));
    }
}

/// <param name="Labels">The grouping labels, <c>job</c> among them.</param>
public sealed record PushedGroup(IReadOnlyDictionary<string, string> Labels, IReadOnlyList<PushedSample> Samples);
