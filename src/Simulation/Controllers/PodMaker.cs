using System.Text.Json.Nodes;
using Stepper.Simulation.Api;

namespace Stepper.Simulation.Controllers;

/// <summary>Makes a pod from a controller's template.</summary>
internal static class PodMaker
{
    /// <param name="change">Gets the pod before it is made; null: it is made as the template has it.</param>
    public static JsonObject MakePod(this ControlPlane plane, ResourceKind kind, JsonObject owner, string name, Action<JsonObject>? change = null)
    {
        var template = owner.At("spec", "template")!.AsObject();
        var metadata = template["metadata"]?.DeepClone().AsObject() ?? [];
        metadata["name"] = name;
        metadata["namespace"] = owner.Namespace();
        metadata["ownerReferences"] = new JsonArray(OwnerReference(kind, owner));
        var pod = new JsonObject
        {
            ["metadata"] = metadata,
            ["spec"] = template["spec"]!.DeepClone(),
            ["status"] = new JsonObject { ["phase"] = "Pending" },
        };
        AddDefaultTolerations(pod);
        change?.Invoke(pod);
        return plane.Registry.Create(Kinds.Pod, pod);
    }

    public static JsonObject OwnerReference(ResourceKind kind, JsonObject owner) => new()
    {
        ["apiVersion"] = kind.ApiVersion,
        ["kind"] = kind.Kind,
        ["name"] = owner.Name(),
        ["uid"] = owner.Uid(),
        ["controller"] = true,
        ["blockOwnerDeletion"] = true,
    };

    // As the admission plugin DefaultTolerationSeconds does: a pod stays five minutes on a node that is away.
    private static void AddDefaultTolerations(JsonObject pod)
    {
        var spec = pod["spec"]!.AsObject();
        var tolerations = spec["tolerations"] as JsonArray ?? [];
        spec["tolerations"] ??= tolerations;
        foreach (var key in new[] { NodeTaints.NotReady, NodeTaints.Unreachable })
        {
            var taint = new JsonObject { ["key"] = key, ["effect"] = "NoExecute" };
            if (!tolerations.OfType<JsonObject>().Any(toleration => NodeTaints.Tolerates(toleration, taint)))
            {
                tolerations.Add((JsonNode)new JsonObject { ["key"] = key, ["operator"] = "Exists", ["effect"] = "NoExecute", ["tolerationSeconds"] = 300 });
            }
        }
    }
}
