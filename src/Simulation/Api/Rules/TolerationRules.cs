using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api.Rules;

/// <summary>What a pod may tolerate.</summary>
internal static class TolerationRules
{
    public static void Check(JsonArray tolerations, string field, FieldErrors errors)
    {
        for (var i = 0; i < tolerations.Count; i++)
        {
            Check(tolerations[i], $"{field}[{i}]", errors);
        }
    }

    private static void Check(JsonNode? toleration, string at, FieldErrors errors)
    {
        var (key, value) = ((string?)toleration?["key"] ?? "", (string?)toleration?["value"] ?? "");
        var (operation, effect) = ((string?)toleration?["operator"] ?? "", (string?)toleration?["effect"] ?? "");
        if (key.Length > 0 && Names.QualifiedKey(key) is { } badKey)
        {
            errors.BadText(at + ".key", key, badKey);
        }

        if (key.Length == 0 && operation != "Exists")
        {
            errors.BadText(at + ".operator", operation, "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
        }

        if (toleration?["tolerationSeconds"] is not null && effect != "NoExecute")
        {
            errors.BadText(at + ".effect", effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
        }

        switch (operation)
        {
            case "" or "Equal" when Names.LabelValue(value) is { } badValue:
                errors.BadText(at + ".operator", value, badValue);
                break;
            case "Exists" when value.Length > 0:
                errors.BadText(at + ".operator", value, "value must be empty when `operator` is 'Exists'");
                break;
            case not ("" or "Equal" or "Exists"):
                errors.Unsupported(at + ".operator", operation, "Equal", "Exists");
                break;
        }

        if (effect.Length > 0)
        {
            errors.OneOf(toleration, "effect", at, "NoSchedule", "PreferNoSchedule", "NoExecute");
        }
    }
}
