using System.Text;

namespace Stepper.Cluster.Monitoring;

/// <summary>Pushes metrics. Each call is one try: whether a failed push matters is the caller's to say. Errors are a <see cref="SourceException"/>.</summary>
public sealed class Pushgateway(HttpClient http, Uri address, Wait wait)
{
    private static readonly TimeSpan OneTry = TimeSpan.FromSeconds(10);

    private readonly TimedHttp _http = new(http, wait);
    private readonly string _address = address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/');

    /// <summary>Replaces the whole group: a series that is not among these is gone.</summary>
    public Task PutAsync(PushGroup group, IReadOnlyList<MetricValue> values, CancellationToken ct) => SendAsync(HttpMethod.Put, group, values, ct);

    /// <summary>Replaces, in the group, every series of these metrics' names; other metrics stay.</summary>
    public Task PostAsync(PushGroup group, IReadOnlyList<MetricValue> values, CancellationToken ct) => SendAsync(HttpMethod.Post, group, values, ct);

    /// <summary>Deletes the group, if it is there.</summary>
    public Task DeleteAsync(PushGroup group, CancellationToken ct) => SendAsync(HttpMethod.Delete, group, null, ct);

    private async Task SendAsync(HttpMethod method, PushGroup group, IReadOnlyList<MetricValue>? values, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, _address + group.Path)
        {
            Content = values is null ? null : new StringContent(Text(values), Encoding.UTF8, "text/plain"),
        };
        var answer = await _http.SendAsync(request, $"{method} {_address}{group.Path}", OneTry, ct);
        if (!answer.IsGood)
        {
            throw answer.Refused();
        }
    }

    // The series of one metric stand together, under its type: Pushgateway refuses a metric that it has under another type (measured).
    private static string Text(IReadOnlyList<MetricValue> values)
    {
        var text = new StringBuilder();
        foreach (var metric in values.GroupBy(value => value.Metric))
        {
            text.Append("# HELP ").Append(metric.Key.Name).Append(' ').Append(metric.Key.Help).Append('\n');
            text.Append("# TYPE ").Append(metric.Key.Name).Append(' ').Append(Metric.Type).Append('\n');
            text.AppendJoin('\n', metric).Append('\n');
        }

        return text.ToString();
    }
}
