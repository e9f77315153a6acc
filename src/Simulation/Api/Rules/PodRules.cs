using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api.Rules;

/// <summary>What a pod may be, and what may become of one that is there.</summary>
internal static class PodRules
{
    private const string Unchangeable =
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` "
        + "(only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

    public static void OfNew(JsonObject pod, FieldErrors errors)
    {
        PodSpecRules.Check(pod["spec"], "spec", errors);
        if (pod["spec"]?["schedulingGates"] is JsonArray { Count: > 0 } && (string?)pod["spec"]?["nodeName"] is { Length: > 0 })
        {
            errors.Forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared");
        }
    }

    public static void OfChange(JsonObject old, JsonObject made, FieldErrors errors)
    {
        var before = old["spec"]!.DeepClone().AsObject();
        var after = made["spec"]?.DeepClone().AsObject() ?? [];
        if (!IsLonger(before["tolerations"] as JsonArray ?? [], after["tolerations"] as JsonArray ?? []))
        {
            errors.Forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds");
        }

        Blank(before);
        Blank(after);
        if (!JsonNode.DeepEquals(before, after))
        {
            errors.Forbidden("spec", Unchangeable);
        }
    }

    // What may change is taken out of both, and the rest must be the same.
    private static void Blank(JsonObject spec)
    {
        spec.Remove("activeDeadlineSeconds");
        spec.Remove("tolerations");
        spec.Remove("schedulingGates");
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            foreach (var container in (spec[list] as JsonArray ?? []).OfType<JsonObject>())
            {
                container.Remove("image");
            }
        }
    }

    private static bool IsLonger(JsonArray before, JsonArray after) => before.All(old => after.Any(now => JsonNode.DeepEquals(Kind(old), Kind(now))));

    private static JsonNode? Kind(JsonNode? toleration)
    {
        var copy = toleration?.DeepClone().AsObject();
        copy?.Remove("tolerationSeconds");
        return copy;
    }
}
