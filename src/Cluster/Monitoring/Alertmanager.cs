using System.Text.Json;
using System.Text.Json.Serialization;

namespace Stepper.Cluster.Monitoring;

/// <summary>
/// Asks an Alertmanager which alerts a person has silenced (<c>GET /api/v2/alerts</c>). Fails closed as <see cref="Prometheus"/> does: no whole answer is a
/// <see cref="SourceException"/>, and an alert that Alertmanager does not know is not silenced.
/// </summary>
public sealed class Alertmanager(HttpClient http, Uri address, Wait wait)
{
    private const string Wanted = "list of alerts";

    private readonly PatientService _service = new(http, address, "Alertmanager", wait);

    /// <summary>Its address as it may be shown.</summary>
    public string Shown => _service.Shown;

    /// <summary>Those of some alerts that are silenced now.</summary>
    public async Task<IReadOnlyList<Alert>> SilencedAsync(IReadOnlyList<Alert> alerts, CancellationToken ct)
    {
        var known = await _service.PatientlyAsync(() => KnownAsync(ct), ct);
        return [.. alerts.Where(alert => IsSilenced(alert, known))];
    }

    // Prometheus sends an alert with labels of its own added. Those of another cluster that sends to the same Alertmanager may look the same otherwise: all must be silenced.
    private static bool IsSilenced(Alert alert, IReadOnlyList<KnownAlert> known)
    {
        var same = known.Where(other => alert.Labels.All(label => other.Labels.GetValueOrDefault(label.Key) == label.Value)).ToList();
        return same.Count > 0 && same.TrueForAll(other => other.Status.SilencedBy.Count > 0);
    }

    private async Task<IReadOnlyList<KnownAlert>> KnownAsync(CancellationToken ct)
    {
        var (known, answer) = await _service.GetAsync("/api/v2/alerts", AlertmanagerJson.Default.IReadOnlyListKnownAlert, Wanted, ct);
        return known is not null && known.All(alert => alert is not null) ? known : throw answer.IsNo(Wanted);
    }
}

/// <summary>Only what is read. What is required here and missing there makes the answer no answer.</summary>
internal sealed record KnownAlert
{
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    public required KnownAlertStatus Status { get; init; }
}

internal sealed record KnownAlertStatus
{
    /// <summary>The ids of silences; inhibited is another thing, and not meant.</summary>
    public required IReadOnlyList<string> SilencedBy { get; init; }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(IReadOnlyList<KnownAlert>))]
internal sealed partial class AlertmanagerJson : JsonSerializerContext;
