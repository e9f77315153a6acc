using System.Globalization;

namespace Stepper.Simulation.Api;

/// <summary>The parameters of a request's address.</summary>
internal sealed class ApiQuery
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <param name="query">As in an address, with or without its question mark.</param>
    public ApiQuery(string query)
    {
        foreach (var part in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var key = equals < 0 ? part : part[..equals];
            _values[Unescape(key)] = equals < 0 ? "" : Unescape(part[(equals + 1)..]);
        }
    }

    public bool IsDryRun => this["dryRun"] is "All";

    /// <summary>Null where it is absent or empty.</summary>
    public string? this[string key] => _values.TryGetValue(key, out var value) && value.Length > 0 ? value : null;

    public bool Flag(string key) => _values.GetValueOrDefault(key) is "true" or "1";

    /// <summary>Null where it is absent or no number.</summary>
    public long? Number(string key) => long.TryParse(this[key], NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Unescape(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
