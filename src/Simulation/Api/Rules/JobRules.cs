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

        OneOf("completionMode", "NonIndexed", "Indexed");
        var policy = spec?["podFailurePolicy"];
        if (policy is null)
        {
            OneOf("podReplacementPolicy", "Failed", "TerminatingOrFailed");
        }
        else
        {
            OneOf("podReplacementPolicy", "Failed");
            PodFailurePolicyRules.Check(policy, errors);
        }

        CheckSelector(job, errors);
        MetadataRules.OfLabels(spec?["template"]?["metadata"]?["labels"], "spec.template.labels", errors);
        PodSpecRules.Check(spec?["template"]?["spec"], "spec.template.spec", errors);
        CheckRestarts((string?)spec?["template"]?["spec"]?["restartPolicy"] ?? "", policy is not null, errors);

        void OneOf(string field, params ReadOnlySpan<string> values)
        {
            if ((string?)spec?[field] is { } value && !values.Contains(value))
            {
                errors.Unsupported("spec." + field, value, values);
            }
        }
    }

    private static void CheckSelector(JsonObject job, FieldErrors errors)
    {
        if (job["spec"]?["selector"] is not JsonObject selector || (bool?)job["spec"]!["manualSelector"] is true)
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
