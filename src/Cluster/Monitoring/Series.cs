using System.Globalization;
using System.Text.Json;

namespace Stepper.Cluster.Monitoring;

/// <summary>One series of a query's answer.</summary>
/// <param name="Labels">Empty for a sum over everything.</param>
public sealed record Series(IReadOnlyDictionary<string, string> Labels, double Value)
{
    internal static IReadOnlyList<Series> Read(QueryData data, string promql)
    {
        try
        {
            return data.ResultType switch
            {
                "scalar" => [new Series(new Dictionary<string, string>(StringComparer.Ordinal), Number(data.Result))],
                "vector" => [.. data.Result.EnumerateArray().Select(series => new Series(LabelsOf(series.GetProperty("metric")), Number(series.GetProperty("value"))))],
                _ => throw new SourceException($"{promql} is answered with a {data.ResultType}; a vector or a scalar was wanted"),
            };
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            throw new SourceException($"{promql} is answered with what is no {data.ResultType}", e);
        }
    }

    private static Dictionary<string, string> LabelsOf(JsonElement metric) =>
        metric.EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString()!, StringComparer.Ordinal);

    // [1795342577.436, "0.96"]: when, and the number as text.
    private static double Number(JsonElement sample) => Number(sample.EnumerateArray().ElementAtOrDefault(1).GetString());

    /// <summary>A number as Prometheus writes it.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    internal static double Number(string? text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text ?? "", CultureInfo.InvariantCulture),
    };
}
