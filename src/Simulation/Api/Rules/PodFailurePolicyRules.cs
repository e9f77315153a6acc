using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api.Rules;

/// <summary>What <c>spec.podFailurePolicy</c> of a Job may say.</summary>
internal static class PodFailurePolicyRules
{
    private const string Field = "spec.podFailurePolicy.rules";

    private const int MostRules = 20;

    /// <param name="spec">The Job's, which the policy is part of.</param>
    public static void Check(JsonNode policy, JsonNode? spec, FieldErrors errors)
    {
        var rules = policy["rules"] as JsonArray ?? [];
        if (rules.Count > MostRules)
        {
            errors.Add(new ApiCause("FieldValueTooMany", $"Too many: {rules.Count}: must have at most {MostRules} items", Field));
            return;
        }

        var pod = spec?["template"]?["spec"];
        var containers = (pod?["containers"] as JsonArray ?? []).Concat(pod?["initContainers"] as JsonArray ?? []).Select(container => (string?)container?["name"] ?? "").ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < rules.Count; i++)
        {
            CheckRule(rules[i], $"{Field}[{i}]", spec?["backoffLimitPerIndex"] is not null, containers, errors);
        }
    }

    private static void CheckRule(JsonNode? rule, string at, bool countsPerIndex, IReadOnlySet<string> containers, FieldErrors errors)
    {
        var action = (string?)rule?["action"] ?? "";
        if (action.Length == 0)
        {
            errors.Required(at + ".action", "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]");
        }
        else if (action is not ("Count" or "FailIndex" or "FailJob" or "Ignore"))
        {
            errors.Unsupported(at + ".action", action, "Count", "FailIndex", "FailJob", "Ignore");
        }

        else if (action is "FailIndex" && !countsPerIndex)
        {
            errors.BadText(at + ".action", action, "requires the backoffLimitPerIndex to be set");
        }

        var (codes, conditions) = (rule?["onExitCodes"], rule?["onPodConditions"] as JsonArray ?? []);
        if (codes is not null && conditions.Count > 0)
        {
            errors.Add(new ApiCause("FieldValueInvalid", "Invalid value: specifying both OnExitCodes and OnPodConditions is not supported", at));
        }
        else if (codes is null && conditions.Count == 0)
        {
            errors.Add(new ApiCause("FieldValueInvalid", "Invalid value: specifying one of OnExitCodes and OnPodConditions is required", at));
        }

        for (var i = 0; i < conditions.Count; i++)
        {
            if (Names.QualifiedKey((string?)conditions[i]?["type"] ?? "") is { } bad)
            {
                errors.BadText($"{at}.onPodConditions[{i}].type", (string?)conditions[i]?["type"] ?? "", bad);
            }

            errors.OneOf(conditions[i], "status", $"{at}.onPodConditions[{i}]", "False", "True", "Unknown");
        }

        if (codes is not null)
        {
            if ((string?)codes["containerName"] is { } container && !containers.Contains(container))
            {
                errors.BadText(at + ".onExitCodes.containerName", container, "must be one of the container or initContainer names in the pod template");
            }

            CheckCodes(codes, at + ".onExitCodes", errors);
        }
    }

    private static void CheckCodes(JsonNode codes, string at, FieldErrors errors)
    {
        var operation = (string?)codes["operator"] ?? "";
        if (operation.Length == 0)
        {
            errors.Required(at + ".operator", "valid values: [\"In\" \"NotIn\"]");
        }
        else if (operation is not ("In" or "NotIn"))
        {
            errors.Unsupported(at + ".operator", operation, "In", "NotIn");
        }

        var values = (codes["values"] as JsonArray ?? []).Select(value => value.AsLong() ?? 0).ToList();
        if (values.Count == 0)
        {
            errors.Bad(at + ".values", "[]", "at least one value is required");
        }

        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] == 0 && operation is "In")
            {
                errors.Bad($"{at}.values[{i}]", "0", "must not be 0 for the In operator");
            }

            if (values.IndexOf(values[i]) < i)
            {
                errors.Duplicate($"{at}.values[{i}]", $"{values[i]}");
            }
        }

        if (!values.SequenceEqual(values.Order()))
        {
            errors.Bad(at + ".values", $"[{string.Join(',', values)}]", "must be ordered");
        }
    }
}
