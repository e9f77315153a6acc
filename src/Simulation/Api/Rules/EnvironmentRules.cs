using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api.Rules;

/// <summary>What a container's environment may be made of.</summary>
internal static class EnvironmentRules
{
    private static readonly string[] Sources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];

    private static readonly string[] Fields =
    [
        "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
    ];

    public static void Check(JsonNode? container, string at, FieldErrors errors)
    {
        var variables = container?["env"] as JsonArray ?? [];
        for (var i = 0; i < variables.Count; i++)
        {
            CheckVariable(variables[i], $"{at}.env[{i}]", errors);
        }

        var all = container?["envFrom"] as JsonArray ?? [];
        for (var i = 0; i < all.Count; i++)
        {
            if (all[i]?["configMapRef"] is null && all[i]?["secretRef"] is null)
            {
                errors.BadText(at + ".envFrom", "", "must specify one of: `configMapRef` or `secretRef`");
            }

            foreach (var source in (ReadOnlySpan<string>)["configMapRef", "secretRef"])
            {
                if (all[i]?[source] is JsonObject named && string.IsNullOrEmpty((string?)named["name"]))
                {
                    errors.Required($"{at}.envFrom[{i}].{source}.name");
                }
            }
        }
    }

    private static void CheckVariable(JsonNode? variable, string at, FieldErrors errors)
    {
        var name = (string?)variable?["name"] ?? "";
        if (name.Length == 0)
        {
            errors.Required(at + ".name");
        }
        else if (name.Any(letter => letter is < ' ' or > '~' or '='))
        {
            errors.BadText(at + ".name", name, "a valid environment variable name must consist only of printable ASCII characters other than '='");
        }

        if (variable?["valueFrom"] is not JsonObject from)
        {
            return;
        }

        if (!Sources.Any(from.ContainsKey))
        {
            errors.BadText(at + ".valueFrom", "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`");
        }
        else if ((string?)variable["value"] is { Length: > 0 })
        {
            errors.BadText(at + ".valueFrom", "", "may not be specified when `value` is not empty");
        }

        CheckField(from["fieldRef"], at + ".valueFrom.fieldRef.fieldPath", errors);
        CheckKey(from["configMapKeyRef"], at + ".valueFrom.configMapKeyRef", errors);
        CheckKey(from["secretKeyRef"], at + ".valueFrom.secretKeyRef", errors);
    }

    private static void CheckField(JsonNode? reference, string at, FieldErrors errors)
    {
        if (reference is null)
        {
            return;
        }

        var path = (string?)reference["fieldPath"] ?? "";
        if (path.Length == 0)
        {
            errors.Required(at);
        }
        else if (!Fields.Contains(path, StringComparer.Ordinal)
            && !path.StartsWith("metadata.labels['", StringComparison.Ordinal) && !path.StartsWith("metadata.annotations['", StringComparison.Ordinal))
        {
            errors.BadText(at, path, $"error converting fieldPath: field label not supported: {path}");
        }
    }

    private static void CheckKey(JsonNode? reference, string at, FieldErrors errors)
    {
        if (reference is null)
        {
            return;
        }

        if (Names.Subdomain((string?)reference["name"] ?? "") is { } bad)
        {
            errors.BadText(at + ".name", (string?)reference["name"] ?? "", bad);
        }

        var key = (string?)reference["key"] ?? "";
        if (key.Length == 0)
        {
            errors.Required(at + ".key");
        }
        else if (!key.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.'))
        {
            errors.BadText(
                at + ".key", key,
                "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')");
        }
    }
}
