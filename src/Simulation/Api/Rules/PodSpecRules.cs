using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api.Rules;

/// <summary>What a pod's spec must have, in a pod or in a template. Affinities, spread constraints and probes are not looked at.</summary>
internal static class PodSpecRules
{
    public static void Check(JsonNode? spec, string field, FieldErrors errors)
    {
        var volumes = VolumeRules.Check(spec?["volumes"] as JsonArray ?? [], field + ".volumes", errors);
        var containers = spec?["containers"] as JsonArray ?? [];
        if (containers.Count == 0)
        {
            errors.Required(field + ".containers");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        var sharesNetwork = (bool?)spec?["hostNetwork"] is true;
        ContainerRules.Check(containers, field + ".containers", volumes, names, sharesNetwork, errors);
        ContainerRules.Check(spec?["initContainers"] as JsonArray ?? [], field + ".initContainers", volumes, names, sharesNetwork, errors);
        TolerationRules.Check(spec?["tolerations"] as JsonArray ?? [], field + ".tolerations", errors);
        MetadataRules.OfLabels(spec?["nodeSelector"], field + ".nodeSelector", errors);
        CheckNames(spec, field, errors);
        errors.OneOf(spec, "restartPolicy", field, "Always", "OnFailure", "Never");
        errors.OneOf(spec, "dnsPolicy", field, "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None");
        if (spec?["activeDeadlineSeconds"].AsLong() is (< 1 or > int.MaxValue) and var seconds)
        {
            errors.Bad(field + ".activeDeadlineSeconds", $"{seconds}", "must be between 1 and 2147483647, inclusive");
        }

        CheckSecurity(spec?["securityContext"], field + ".securityContext", errors);
    }

    /// <summary>Users, groups and seccomp, of a pod or of a container.</summary>
    public static void CheckSecurity(JsonNode? context, string field, FieldErrors errors)
    {
        foreach (var id in (ReadOnlySpan<string>)["runAsUser", "runAsGroup", "fsGroup"])
        {
            if (context?[id].AsLong() is (< 0 or > int.MaxValue) and var number)
            {
                errors.Bad($"{field}.{id}", $"{number}", "must be between 0 and 2147483647, inclusive");
            }
        }

        errors.OneOf(context, "fsGroupChangePolicy", field, "Always", "OnRootMismatch");
        if (context?["seccompProfile"] is JsonObject profile)
        {
            if (string.IsNullOrEmpty((string?)profile["type"]))
            {
                errors.Required(field + ".seccompProfile.type", "type is required when seccompProfile is set");
            }

            errors.OneOf(profile, "type", field + ".seccompProfile", "Localhost", "RuntimeDefault", "Unconfined");
        }
    }

    private static void CheckNames(JsonNode? spec, string field, FieldErrors errors)
    {
        foreach (var name in (ReadOnlySpan<string>)["serviceAccountName", "priorityClassName", "nodeName"])
        {
            if ((string?)spec?[name] is { Length: > 0 } value && Names.Subdomain(value) is { } bad)
            {
                errors.BadText($"{field}.{name}", value, bad);
            }
        }

        if ((string?)spec?["hostname"] is { Length: > 0 } host && Names.Label(host) is { } wrong)
        {
            errors.BadText(field + ".hostname", host, wrong);
        }
    }
}
