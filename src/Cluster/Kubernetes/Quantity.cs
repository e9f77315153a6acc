using System.Globalization;

namespace Stepper.Cluster.Kubernetes;

/// <summary>Kubernetes' quantities: <c>100m</c>, <c>2</c>, <c>64Mi</c>, <c>1e3</c>.</summary>
public static class Quantity
{
    private static readonly (string Suffix, decimal Factor)[] Suffixes =
    [
        ("Ki", 1024m), ("Mi", 1024m * 1024), ("Gi", 1024m * 1024 * 1024), ("Ti", 1024m * 1024 * 1024 * 1024), ("Pi", 1024m * 1024 * 1024 * 1024 * 1024),
        ("n", 0.000000001m), ("u", 0.000001m), ("m", 0.001m), ("k", 1000m), ("M", 1000000m), ("G", 1000000000m), ("T", 1000000000000m), ("P", 1000000000000000m),
    ];

    /// <summary>The number that a quantity stands for: cores, bytes or pieces.</summary>
    /// <exception cref="SourceException">It is no quantity.</exception>
    public static decimal Read(string text) => TryRead(text, out var number) ? number : throw new SourceException($"\"{text}\" is no quantity such as 100m or 64Mi");

    public static bool TryRead(string text, out decimal number)
    {
        var (suffix, factor) = Suffixes.FirstOrDefault(known => text.EndsWith(known.Suffix, StringComparison.Ordinal), (Suffix: "", Factor: 1m));
        var isOne = decimal.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.Float, CultureInfo.InvariantCulture, out var pieces);
        number = pieces * factor;
        return isOne;
    }
}
