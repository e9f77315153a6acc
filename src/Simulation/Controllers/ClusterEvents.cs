using System.Text.Json.Nodes;
using Stepper.Simulation.Api;

namespace Stepper.Simulation.Controllers;

/// <summary>What the control plane tells about an object, for people.</summary>
internal static class ClusterEvents
{
    /// <param name="type"><c>Normal</c> or <c>Warning</c>.</param>
    public static void Record(this ControlPlane plane, JsonObject about, string kind, string type, string reason, string message)
    {
        var ns = about.Namespace() is { Length: > 0 } own ? own : "default";
        if (plane.Store.Find(Kinds.Namespace, null, ns) is null)
        {
            return;
        }

        var now = plane.Now.AsField();
        var name = $"{about.Name()}.{plane.Chance.NextInt64():x16}";
        plane.Registry.Create(Kinds.Event, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
            ["involvedObject"] = new JsonObject
            {
                ["kind"] = kind, ["name"] = about.Name(), ["namespace"] = about["metadata"]!["namespace"]?.DeepClone(), ["uid"] = about.Uid(),
            },
            ["type"] = type,
            ["reason"] = reason,
            ["message"] = message,
            ["firstTimestamp"] = now,
            ["lastTimestamp"] = now,
            ["count"] = 1,
        });
    }
}
