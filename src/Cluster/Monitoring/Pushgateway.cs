using System.Text;

namespace Stepper.Cluster.Monitoring;

/// <summary>
/// Pushes metrics. Each call is one try, and gives back null when it was taken, else why Pushgateway refuses it: asking again would not help. What may pass is
/// a <see cref="SourceException"/>.
/// </summary>
public sealed class Pushgateway(HttpClient http, Uri address, Wait wait)
{
    private static readonly TimeSpan OneTry = TimeSpan.FromSeconds(5);

    private readonly TimedHttp _http = new(http, wait);
    private readonly ServiceAddress _address = new(address);

    /// <summary>Replaces the whole group: a series that is not among these is gone.</summary>
    public Task<string?> PutAsync(PushGroup group, IEnumerable<MetricValue> values, CancellationToken ct) => SendAsync(HttpMethod.Put, group, values, ct);

    /// <summary>Replaces, in the group, every series of these metrics' names; other metrics stay.</summary>
    public Task<string?> PostAsync(PushGroup group, IEnumerable<MetricValue> values, CancellationToken ct) => SendAsync(HttpMethod.Post, group, values, ct);

    /// <summary>Deletes the group, if it is there.</summary>
    public Task<string?> DeleteAsync(PushGroup group, CancellationToken ct) => SendAsync(HttpMethod.Delete, group, null, ct);

    private async Task<string?> SendAsync(HttpMethod method, PushGroup group, IEnumerable<MetricValue>? values, CancellationToken ct)
    {
        using var request = _address.Request(method, group.Path);
        request.Content = values is null ? null : new StringContent(Text(values), Encoding.UTF8, "text/plain");
        var answer = await _http.SendAsync(request, $"{method} {_address.Shown}{group.Path}", OneTry, ct);
        return answer switch
        {
            { MayPass: true } => throw answer.Refused(),
            { IsGood: false } => answer.Refused().Message,
            { IsPage: true } => answer.IsNo("Pushgateway's").Message,
            _ => null,
        };
    }

    // The series of one metric stand together, under its type: Pushgateway refuses a metric that it has under another type (measured).
    private static string Text(IEnumerable<MetricValue> values)
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
