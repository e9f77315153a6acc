using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api.Rules;

/// <summary>What the real API server refuses, of what this project may come to write.</summary>
internal static class ObjectRules
{
    /// <exception cref="ApiRefusal">422</exception>
    public static void MustBeGood(ResourceKind kind, JsonObject made)
    {
        var errors = new FieldErrors();
        MetadataRules.OfNew(kind, made["metadata"]!.AsObject(), errors);
        switch (kind.Kind)
        {
            case "Pod":
                PodRules.OfNew(made, errors);
                break;
            case "Job":
                JobRules.OfNew(made, errors);
                break;
            default:
                OfAny(kind, made, errors);
                break;
        }

        errors.ThrowIfAny(kind, NameOf(made));
    }

    /// <exception cref="ApiRefusal">422</exception>
    public static void MustBeGoodChange(ResourceKind kind, JsonObject old, JsonObject made)
    {
        var errors = new FieldErrors();
        MetadataRules.OfChange(old["metadata"]!.AsObject(), made["metadata"]!.AsObject(), errors);
        if (!JsonNode.DeepEquals(old["spec"], made["spec"]) || kind == Kinds.ConfigMap || kind == Kinds.Secret)
        {
            OfChange(kind, old, made, errors);
        }

        errors.ThrowIfAny(kind, NameOf(old));
    }

    private static void OfChange(ResourceKind kind, JsonObject old, JsonObject made, FieldErrors errors)
    {
        switch (kind.Kind)
        {
            case "Pod":
                PodRules.OfChange(old, made, errors);
                break;
            case "Job":
                JobRules.OfChange(old, made, errors);
                break;
            case "ConfigMap" or "Secret" when IsImmutable(old):
                OfImmutable(old, made, errors);
                break;
            case "Deployment" or "ReplicaSet" or "StatefulSet" or "DaemonSet" when !SameSelector(old, made):
                errors.Bad("spec.selector", made["spec"]?["selector"]?.ToJsonString() ?? "null", "field is immutable");
                break;
            default:
                OfAny(kind, made, errors);
                break;
        }
    }

    private static void OfAny(ResourceKind kind, JsonObject made, FieldErrors errors)
    {
        switch (kind.Kind)
        {
            case "Node":
                OfTaints(made, errors);
                break;
            case "PodDisruptionBudget" when Has(made, "minAvailable") && Has(made, "maxUnavailable"):
                errors.Bad("spec", made["spec"]!.ToJsonString(), "minAvailable and maxUnavailable cannot be both set");
                break;
            case "Deployment" or "ReplicaSet" or "StatefulSet" or "DaemonSet":
                OfWorkload(made, errors);
                break;
            case "CronJob" when !Has(made, "schedule"):
                errors.Required("spec.schedule");
                break;
            case "Event":
                OfEvent(made, errors);
                break;
        }
    }

    private static bool IsImmutable(JsonObject body) => (bool?)body["immutable"] is true;

    private static bool SameSelector(JsonObject old, JsonObject made) => JsonNode.DeepEquals(old["spec"]?["selector"], made["spec"]?["selector"]);

    private static bool Has(JsonObject made, string field) => made["spec"]?[field] is not null;

    private static void OfEvent(JsonObject made, FieldErrors errors)
    {
        // What is about a thing without a namespace lives in "default".
        var (about, own) = ((string?)made["involvedObject"]?["namespace"] ?? "", (string?)made["metadata"]!["namespace"]);
        if (own != (about.Length > 0 ? about : "default"))
        {
            errors.BadText("involvedObject.namespace", about, "does not match event.namespace");
        }
    }

    private static void OfImmutable(JsonObject old, JsonObject made, FieldErrors errors)
    {
        if (!IsImmutable(made))
        {
            errors.Forbidden("immutable", "field is immutable when `immutable` is set");
        }

        if (!JsonNode.DeepEquals(old["data"], made["data"]))
        {
            errors.Forbidden("data", "field is immutable when `immutable` is set");
        }
    }

    private static void OfWorkload(JsonObject made, FieldErrors errors)
    {
        if (made["spec"]?["replicas"].AsLong() is < 0 and var replicas)
        {
            errors.Bad("spec.replicas", $"{replicas}", "must be greater than or equal to 0");
        }

        if (made["spec"]?["selector"] is not JsonObject selector)
        {
            errors.Required("spec.selector");
        }
        else if (made["spec"]?["template"]?["metadata"]?["labels"] is var labels && !Selectors.Of(selector).Selects(Labels(labels)))
        {
            errors.Bad("spec.template.metadata.labels", labels?.ToJsonString() ?? "null", "`selector` does not match template `labels`");
        }

        PodSpecRules.Check(made["spec"]?["template"]?["spec"], "spec.template.spec", errors);
    }

    private static Dictionary<string, string> Labels(JsonNode? labels) =>
        (labels as JsonObject ?? []).ToDictionary(pair => pair.Key, pair => (string?)pair.Value ?? "", StringComparer.Ordinal);

    private static void OfTaints(JsonObject made, FieldErrors errors)
    {
        var taints = made["spec"]?["taints"] as JsonArray ?? [];
        var seen = new HashSet<(string, string)>();
        for (var i = 0; i < taints.Count; i++)
        {
            var (key, effect) = ((string?)taints[i]?["key"] ?? "", (string?)taints[i]?["effect"] ?? "");
            if (Names.QualifiedKey(key) is { } bad)
            {
                errors.BadText($"metadata.taints[{i}].key", key, bad);
            }

            if (effect is not ("NoSchedule" or "PreferNoSchedule" or "NoExecute"))
            {
                errors.Unsupported($"metadata.taints[{i}].effect", effect, "NoSchedule", "PreferNoSchedule", "NoExecute");
            }

            if (!seen.Add((key, effect)))
            {
                var value = $"{{\"Key\":\"{key}\",\"Value\":\"{(string?)taints[i]?["value"]}\",\"Effect\":\"{effect}\",\"TimeAdded\":null}}";
                errors.Duplicate($"metadata.taints[{i}]", value, "taints must be unique by key and effect pair");
            }
        }
    }

    private static string NameOf(JsonObject body) => (string?)body["metadata"]!["name"] ?? "";
}
