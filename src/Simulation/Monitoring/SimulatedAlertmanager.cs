using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Stepper.Simulation.Monitoring;

/// <summary>An Alertmanager that has been sent what fires in <see cref="SimulatedPrometheus"/>, with a label of this cluster added.</summary>
public sealed class SimulatedAlertmanager
{
    private readonly Func<JsonArray> _alerts;

    internal SimulatedAlertmanager(Func<JsonArray> alerts) => _alerts = alerts;

    /// <summary>The names of the alerts that a person has silenced.</summary>
    public ISet<string> Silenced { get; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>The connection is refused.</summary>
    public bool IsDown { get; set; }

    internal HttpResponseMessage Answer(HttpRequestMessage request)
    {
        if (IsDown)
        {
            throw SimulatedNetwork.Refused(request.RequestUri!);
        }

        return request.RequestUri!.AbsolutePath == "/api/v2/alerts"
            ? new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = new StringContent(new JsonArray([.. _alerts().Select(alert => AlertNow(alert!["labels"]!.DeepClone().AsObject()))]).ToJsonString(), Encoding.UTF8, "application/json"),
            }
            : new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new StringContent("404 page not found\n") };
    }

    private JsonObject AlertNow(JsonObject labels)
    {
        var isSilenced = Silenced.Contains((string)labels["alertname"]!);
        labels["cluster"] = "home";
        return new JsonObject
        {
            ["annotations"] = new JsonObject(),
            ["status"] = new JsonObject
            {
                ["inhibitedBy"] = new JsonArray(),
                ["silencedBy"] = isSilenced ? new JsonArray("17df0e39-1859-47c0-b82f-e84937478f5c") : [],
                ["state"] = isSilenced ? "suppressed" : "active",
            },
            ["labels"] = labels,
        };
    }
}
