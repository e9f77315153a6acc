using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api.Rules;

/// <summary>What a Job may be, and what may become of one that is there.</summary>
internal static class JobRules
{
    public static void OfNew(JsonObject job, FieldErrors errors)
    {
        Check(job, errors);
        var name = (string?)job["metadata"]!["name"] ?? "";
        if ((string?)job["spec"]?["completionMode"] is "Indexed" && job["spec"]!["completions"].AsLong() is { } count && $"{name}-{count - 1}" is { Length: > 63 } host)
        {
            errors.BadText("metadata.name", name, $"will not able to create pod with invalid DNS label: {host}");
        }
    }

    public static void OfChange(JsonObject old, JsonObject made, FieldErrors errors)
    {
        Check(made, errors);
        foreach (var field in (ReadOnlySpan<string>)["completions", "completionMode", "selector", "podFailurePolicy", "backoffLimitPerIndex", "managedBy"])
        {
            if (!JsonNode.DeepEquals(old["spec"]![field], made["spec"]![field]))
            {
                errors.Bad("spec." + field, made["spec"]![field]?.ToJsonString() ?? "null", "field is immutable");
            }
        }

        CheckTemplate(old, made, errors);
    }

    private static void Check(JsonObject job, FieldErrors errors)
    {
        var spec = job["spec"];
        foreach (var field in (ReadOnlySpan<string>)["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"])
        {
            if (spec?[field].AsLong() is < 0 and var number)
            {
                errors.Bad("spec." + field, $"{number}", "must be greater than or equal to 0");
            }
        }

        errors.OneOf(spec, "completionMode", "spec", "NonIndexed", "Indexed");
        CheckIndexes(spec, errors);
        if (spec?["podFailurePolicy"] is { } policy)
        {
            errors.OneOf(spec, "podReplacementPolicy", "spec", "Failed");
            PodFailurePolicyRules.Check(policy, spec, errors);
        }
        else
        {
            errors.OneOf(spec, "podReplacementPolicy", "spec", "Failed", "TerminatingOrFailed");
        }

        CheckSelector(job, errors);
        MetadataRules.OfLabels(spec?["template"]?["metadata"]?["labels"], "spec.template.labels", errors);
        MetadataRules.OfAnnotations(spec?["template"]?["metadata"]?["annotations"], "spec.template.annotations", errors);
        PodSpecRules.Check(spec?["template"]?["spec"], "spec.template.spec", errors);
        CheckRestarts((string?)spec?["template"]?["spec"]?["restartPolicy"] ?? "", spec?["podFailurePolicy"] is not null, errors);
    }

    private static void CheckIndexes(JsonNode? spec, FieldErrors errors)
    {
        var isIndexed = (string?)spec?["completionMode"] is "Indexed";
        if (spec?["maxFailedIndexes"] is not null && spec["backoffLimitPerIndex"] is null)
        {
            errors.Required("spec.backoffLimitPerIndex", "when maxFailedIndexes is specified");
        }

        foreach (var field in (ReadOnlySpan<string>)["backoffLimitPerIndex", "maxFailedIndexes"])
        {
            if (spec?[field] is { } value && !isIndexed)
            {
                errors.Bad("spec." + field, value.ToJsonString(), "requires indexed completion mode");
            }
        }

        if (spec?["successPolicy"] is { } success && !isIndexed)
        {
            errors.Bad("spec.successPolicy", success.ToJsonString(), "requires indexed completion mode");
        }

        if ((string?)spec?["managedBy"] is { } manager && !manager.Contains('/', StringComparison.Ordinal))
        {
            errors.BadText("spec.managedBy", manager, "must be a domain-prefixed path (such as \"acme.io/foo\")");
        }
    }

    private static void CheckSelector(JsonObject job, FieldErrors errors)
    {
        if (job["spec"]?["selector"] is not JsonObject selector)
        {
            errors.Required("spec.selector");
            return;
        }

        if ((bool?)job["spec"]!["manualSelector"] is true)
        {
            return;
        }

        var wanted = new JsonObject { ["matchLabels"] = new JsonObject { ["batch.kubernetes.io/controller-uid"] = (string?)job["metadata"]!["uid"] } };
        if (!JsonNode.DeepEquals(selector, wanted))
        {
            errors.Bad("spec.selector", selector.ToJsonString(), "`selector` not auto-generated");
        }
    }

    private static void CheckRestarts(string policy, bool hasFailurePolicy, FieldErrors errors)
    {
        const string Field = "spec.template.spec.restartPolicy";
        if (policy is "" or "Always")
        {
            errors.Required(Field, "valid values: \"OnFailure\", \"Never\"");
        }
        else if (policy is not ("OnFailure" or "Never"))
        {
            errors.Unsupported(Field, policy, "OnFailure", "Never");
        }
        else if (policy is "OnFailure" && hasFailurePolicy)
        {
            errors.BadText(Field, policy, "only \"Never\" is supported when podFailurePolicy is specified");
        }
    }

    // Where a Job is suspended and has not begun, what concerns scheduling and resources may still change.
    private static void CheckTemplate(JsonObject old, JsonObject made, FieldErrors errors)
    {
        var before = old["spec"]!["template"]!.DeepClone().AsObject();
        var after = made["spec"]!["template"]?.DeepClone().AsObject() ?? [];
        if ((bool?)old["spec"]!["suspend"] is true && old["status"]?["startTime"] is null)
        {
            Blank(before);
            Blank(after);
            if (!JsonNode.DeepEquals(before, after))
            {
                errors.Bad("spec.template.spec", after["spec"]?.ToJsonString() ?? "null", "field is immutable");
            }
        }
        else if (!JsonNode.DeepEquals(before, after))
        {
            errors.Bad("spec.template", after.ToJsonString(), "field is immutable");
        }
    }

    private static void Blank(JsonObject template)
    {
        template.Remove("metadata");
        if (template["spec"] is not JsonObject spec)
        {
            return;
        }

        foreach (var field in (ReadOnlySpan<string>)["nodeSelector", "affinity", "tolerations", "schedulingGates"])
        {
            spec.Remove(field);
        }

        foreach (var container in (spec["containers"] as JsonArray ?? []).OfType<JsonObject>())
        {
            container.Remove("resources");
        }
    }
}
