using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api.Rules;

/// <summary>What a pod's spec must have, in a pod or in a template.</summary>
internal static class PodSpecRules
{
    public static void Check(JsonNode? spec, string field, FieldErrors errors)
    {
        var containers = spec?["containers"] as JsonArray ?? [];
        if (containers.Count == 0)
        {
            errors.Required(field + ".containers");
        }

        CheckContainers(containers, field + ".containers", errors, []);
        var volumes = (spec?["volumes"] as JsonArray ?? []).Select(volume => (string?)volume?["name"] ?? "").ToHashSet(StringComparer.Ordinal);
        CheckMounts(containers, field + ".containers", volumes, errors);
        CheckTolerations(spec?["tolerations"] as JsonArray ?? [], field + ".tolerations", errors);
        MetadataRules.OfLabels(spec?["nodeSelector"], field + ".nodeSelector", errors);
    }

    private static void CheckContainers(JsonArray containers, string field, FieldErrors errors, HashSet<string> names)
    {
        for (var i = 0; i < containers.Count; i++)
        {
            var at = $"{field}[{i}]";
            var name = (string?)containers[i]?["name"] ?? "";
            if (name.Length == 0)
            {
                errors.Required(at + ".name");
            }
            else if (Names.Label(name) is { } bad)
            {
                errors.BadText(at + ".name", name, bad);
            }
            else if (!names.Add(name))
            {
                errors.Duplicate(at + ".name", $"\"{name}\"");
            }

            if (string.IsNullOrEmpty((string?)containers[i]?["image"]))
            {
                errors.Required(at + ".image");
            }
        }
    }

    private static void CheckMounts(JsonArray containers, string field, HashSet<string> volumes, FieldErrors errors)
    {
        for (var i = 0; i < containers.Count; i++)
        {
            var mounts = containers[i]?["volumeMounts"] as JsonArray ?? [];
            for (var j = 0; j < mounts.Count; j++)
            {
                var name = (string?)mounts[j]?["name"] ?? "";
                if (!volumes.Contains(name))
                {
                    errors.Add(new ApiCause("FieldValueNotFound", $"Not found: \"{name}\"", $"{field}[{i}].volumeMounts[{j}].name"));
                }
            }
        }
    }

    private static void CheckTolerations(JsonArray tolerations, string field, FieldErrors errors)
    {
        for (var i = 0; i < tolerations.Count; i++)
        {
            var (key, operation, effect) = ((string?)tolerations[i]?["key"] ?? "", (string?)tolerations[i]?["operator"] ?? "Equal", (string?)tolerations[i]?["effect"] ?? "");
            if (key.Length == 0 && operation != "Exists")
            {
                errors.BadText($"{field}[{i}].operator", operation, "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
            }

            if (effect is not ("" or "NoSchedule" or "PreferNoSchedule" or "NoExecute"))
            {
                errors.Unsupported($"{field}[{i}].effect", effect, "NoSchedule", "PreferNoSchedule", "NoExecute");
            }

            if (tolerations[i]?["tolerationSeconds"] is not null && effect != "NoExecute")
            {
                errors.BadText($"{field}[{i}].effect", effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
            }
        }
    }
}
