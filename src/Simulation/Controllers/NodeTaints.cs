using System.Text.Json.Nodes;

namespace Stepper.Simulation.Controllers;

/// <summary>The taints that the control plane itself sets, and what tolerating one means.</summary>
internal static class NodeTaints
{
    public const string NotReady = "node.kubernetes.io/not-ready";
    public const string Unreachable = "node.kubernetes.io/unreachable";
    public const string Unschedulable = "node.kubernetes.io/unschedulable";

    public static bool Tolerates(JsonObject toleration, JsonObject taint)
    {
        var effect = toleration.Text("effect");
        var key = toleration.Text("key");
        if ((effect.Length > 0 && effect != taint.Text("effect")) || (key.Length > 0 && key != taint.Text("key")))
        {
            return false;
        }

        return toleration.Text("operator") == "Exists" || (key.Length > 0 && toleration.Text("value") == taint.Text("value"));
    }
}
