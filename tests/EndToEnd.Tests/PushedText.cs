using System.Globalization;
using System.Text;

namespace Stepper.EndToEnd.Tests;

/// <summary>What Pushgateway showed of what stepper had pushed.</summary>
/// <param name="Text">In Prometheus' text format.</param>
/// <param name="At">When it was looked at.</param>
internal sealed record PushedText(string Text, DateTimeOffset At)
{
    private const string EndOfTime = "_timestamp";

    private IEnumerable<string> Lines => Text.Split('\n').Where(line => line.StartsWith("k8s_", StringComparison.Ordinal));

    public IReadOnlySet<string> Names => Lines.Select(NameOf).ToHashSet(StringComparer.Ordinal);

    /// <summary>
    /// These series, unchanged for three hours, as a case for <c>promtool test rules</c>, with what fires when. Its clock begins at 0, and so the times that
    /// were pushed are counted from when they were looked at.
    /// </summary>
    /// <param name="honored">Prometheus keeps the labels that were pushed; else it gives its own for them.</param>
    public string AsCase(string name, bool honored, params IEnumerable<(string At, IReadOnlyList<string> Firing)> expected)
    {
        var text = new StringBuilder($"- name: {name}\n  interval: 1m\n  input_series:\n");
        foreach (var line in Lines)
        {
            var end = line.LastIndexOf(' ');
            text.Append($"  - {{series: '{Scraped(line[..end], honored)}', values: {Value(line, line[(end + 1)..])}x180}}\n");
        }

        text.Append("  promql_expr_test:\n");
        foreach (var (at, firing) in expected)
        {
            text.Append($"  - expr: sum by (alertname) (ALERTS{{alertstate=\"firing\"}})\n    eval_time: {at}\n    exp_samples: [{string.Join(", ", firing.Select(Sample))}]\n");
        }

        return text.ToString();
    }

    /// <summary>Leaves it where whoever wonders about a rule finds it.</summary>
    public void Keep(string name)
    {
        Directory.CreateDirectory(Repository.PathOf("artifacts/pushed"));
        File.WriteAllText(Repository.PathOf($"artifacts/pushed/{name}.txt"), Text);
    }

    private static string NameOf(string line) => line.Split('{', ' ')[0];

    // A label without a value is none; it is pushed so that Prometheus sets none of its own.
    private static string Scraped(string series, bool honored)
    {
        var kept = series.Replace("instance=\"\",", "", StringComparison.Ordinal).Replace("node=\"\",", "", StringComparison.Ordinal);
        return honored ? kept : kept.Replace("job=", "job=\"pushgateway\",instance=\"10.0.0.7:9091\",exported_job=", StringComparison.Ordinal);
    }

    private string Value(string line, string value)
    {
        var number = double.Parse(value, CultureInfo.InvariantCulture);
        return (NameOf(line).EndsWith(EndOfTime, StringComparison.Ordinal) && number > 0 ? Math.Round(number - At.ToUnixTimeSeconds()) : number).ToString(CultureInfo.InvariantCulture);
    }

    private static string Sample(string alert) => $"{{labels: '{{alertname=\"{alert}\"}}', value: 1}}";
}
