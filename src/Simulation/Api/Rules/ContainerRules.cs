using System.Text.Json.Nodes;
using Stepper.Cluster.Kubernetes;

namespace Stepper.Simulation.Api.Rules;

/// <summary>What a container must have, and may not.</summary>
internal static class ContainerRules
{
    private static readonly string[] Resources = ["cpu", "memory", "ephemeral-storage"];

    // What is a resource of other things: of nodes, of quotas.
    private static readonly string[] OthersResources = ["pods", "storage", "services", "configmaps", "secrets", "persistentvolumeclaims", "replicationcontrollers", "resourcequotas"];

    /// <param name="volumes">The names of the pod's volumes.</param>
    /// <param name="names">Of the containers that were looked at before.</param>
    public static void Check(JsonArray containers, string field, IReadOnlySet<string> volumes, HashSet<string> names, bool sharesNetwork, FieldErrors errors)
    {
        for (var i = 0; i < containers.Count; i++)
        {
            var (container, at) = (containers[i], $"{field}[{i}]");
            CheckName(container, at, names, errors);
            if (string.IsNullOrEmpty((string?)container?["image"]))
            {
                errors.Required(at + ".image");
            }

            errors.OneOf(container, "imagePullPolicy", at, "Always", "IfNotPresent", "Never");
            errors.OneOf(container, "terminationMessagePolicy", at, "File", "FallbackToLogsOnError");
            EnvironmentRules.Check(container, at, errors);
            CheckResources(container?["resources"], at + ".resources", errors);
            CheckMounts(container?["volumeMounts"] as JsonArray ?? [], at + ".volumeMounts", volumes, errors);
            CheckPorts(container?["ports"] as JsonArray ?? [], at + ".ports", sharesNetwork, errors);
            PodSpecRules.CheckSecurity(container?["securityContext"], at + ".securityContext", errors);
            errors.OneOf(container?["securityContext"], "procMount", at + ".securityContext", "Default", "Unmasked");
        }
    }

    private static void CheckName(JsonNode? container, string at, HashSet<string> names, FieldErrors errors)
    {
        var name = (string?)container?["name"] ?? "";
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
    }

    private static void CheckResources(JsonNode? resources, string field, FieldErrors errors)
    {
        foreach (var part in (ReadOnlySpan<string>)["limits", "requests"])
        {
            foreach (var (name, amount) in resources?[part] as JsonObject ?? [])
            {
                CheckResource(name, amount?.ToString() ?? "", $"{field}.{part}[{name}]", errors);
            }
        }

        foreach (var (name, amount) in resources?["requests"] as JsonObject ?? [])
        {
            if (resources!["limits"]?[name]?.ToString() is { } limit)
            {
                if (Quantity.Read(amount!.ToString()) > Quantity.Read(limit))
                {
                    errors.BadText(field + ".requests", amount.ToString(), $"must be less than or equal to {name} limit of {limit}");
                }
            }
            else if (name.Contains('/', StringComparison.Ordinal))
            {
                errors.Required(field + ".limits", "Limit must be set for non overcommitable resources");
            }
        }
    }

    private static void CheckResource(string name, string amount, string at, FieldErrors errors)
    {
        var isForeign = name.Contains('/', StringComparison.Ordinal);
        if (!isForeign && !Resources.Contains(name, StringComparer.Ordinal) && !name.StartsWith("hugepages-", StringComparison.Ordinal))
        {
            if (!OthersResources.Contains(name, StringComparer.Ordinal))
            {
                errors.BadText(at, name, "must be a standard resource type or fully qualified");
            }

            errors.BadText(at, name, "must be a standard resource for containers");
        }

        var number = Quantity.Read(amount);
        if (number < 0)
        {
            errors.BadText(at, amount, "must be greater than or equal to 0");
        }
        else if (isForeign && number != decimal.Truncate(number))
        {
            errors.BadText(at, amount, "must be an integer");
        }
    }

    private static void CheckMounts(JsonArray mounts, string field, IReadOnlySet<string> volumes, FieldErrors errors)
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < mounts.Count; i++)
        {
            var (name, path) = ((string?)mounts[i]?["name"] ?? "", (string?)mounts[i]?["mountPath"] ?? "");
            if (name.Length == 0)
            {
                errors.Required($"{field}[{i}].name");
            }

            if (!volumes.Contains(name))
            {
                errors.Add(new ApiCause("FieldValueNotFound", $"Not found: \"{name}\"", $"{field}[{i}].name"));
            }

            if (path.Length == 0)
            {
                errors.Required($"{field}[{i}].mountPath");
            }
            else if (!paths.Add(path))
            {
                errors.BadText($"{field}[{i}].mountPath", path, "must be unique");
            }

            VolumeRules.CheckRelative((string?)mounts[i]?["subPath"], field + ".subPath", errors);
        }
    }

    private static void CheckPorts(JsonArray ports, string field, bool sharesNetwork, FieldErrors errors)
    {
        for (var i = 0; i < ports.Count; i++)
        {
            var (port, at) = (ports[i], $"{field}[{i}]");
            var number = port?["containerPort"].AsLong() ?? 0;
            if (number == 0)
            {
                errors.Required(at + ".containerPort");
            }
            else if (number is < 1 or > 65535)
            {
                errors.Bad(at + ".containerPort", $"{number}", "must be between 1 and 65535, inclusive");
            }

            if (sharesNetwork && port?["hostPort"].AsLong() is { } host && host != number)
            {
                errors.Bad(at + ".hostPort", $"{host}", "must match `containerPort` when `hostNetwork` is true");
            }

            if ((string?)port?["name"] is { } name && !name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-'))
            {
                errors.BadText(at + ".name", name, "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
            }

            errors.OneOf(port, "protocol", at, "SCTP", "TCP", "UDP");
        }
    }
}
