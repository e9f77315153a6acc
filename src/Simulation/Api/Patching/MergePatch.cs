using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api.Patching;

/// <summary>RFC 7386: what is there is set, null takes away, lists are replaced.</summary>
internal static class MergePatch
{
    public static void Apply(JsonObject target, JsonObject patch)
    {
        foreach (var (key, value) in patch)
        {
            if (value is null)
            {
                target.Remove(key);
            }
            else if (value is JsonObject inner)
            {
                if (target[key] is not JsonObject there)
                {
                    target[key] = there = [];
                }

                Apply(there, inner);
            }
            else
            {
                target[key] = value.DeepClone();
            }
        }
    }
}
