using System.Globalization;
using System.Text.Json.Nodes;
using Stepper.Cluster.Kubernetes;

namespace Stepper.Cluster.Messages;

/// <summary>What an Event is about: it shows in <c>kubectl describe</c> of that object.</summary>
/// <param name="Namespace">Where the Event itself lives: the object's, or <c>default</c> for what has none.</param>
/// <param name="Uid">A node's Events carry its name here, as its kubelet writes them.</param>
public sealed record EventSubject(string ApiVersion, string Kind, string Namespace, string Name, string Uid)
{
    public static EventSubject Node(string name) => new("v1", "Node", "default", name, name);

    public static EventSubject Job(string ns, string name, string uid) => new("batch/v1", "Job", ns, name, uid);
}

/// <summary>Kubernetes Events. One that can't be made is said and fails nothing.</summary>
public sealed class KubeEvents(KubeApi api, Wait wait, Action<string> say)
{
    private const string Component = "stepper";

    /// <param name="reason">One word in PascalCase.</param>
    public async Task PostAsync(EventSubject about, string reason, string message, CancellationToken ct)
    {
        var now = KubeTime.Text(wait.Now);
        var body = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Event",
            ["metadata"] = new JsonObject { ["name"] = string.Create(CultureInfo.InvariantCulture, $"{about.Name}.{wait.Now.UtcTicks:x}"), ["namespace"] = about.Namespace },
            ["involvedObject"] = Reference(about),
            ["reason"] = reason,
            ["message"] = message,
            ["type"] = "Normal",
            ["source"] = new JsonObject { ["component"] = Component },
            ["firstTimestamp"] = now,
            ["lastTimestamp"] = now,
            ["count"] = 1,
            ["reportingComponent"] = Component,
            ["reportingInstance"] = "",
        };
        try
        {
            await api.CreateAsync(Resources.Events, about.Namespace, body, ct);
        }
        catch (SourceException e)
        {
            say($"warning: no Event was made: {e.Message}");
        }
    }

    private static JsonObject Reference(EventSubject about)
    {
        var reference = new JsonObject { ["apiVersion"] = about.ApiVersion, ["kind"] = about.Kind, ["name"] = about.Name, ["uid"] = about.Uid };
        if (about.Kind != "Node")
        {
            reference["namespace"] = about.Namespace;
        }

        return reference;
    }
}
