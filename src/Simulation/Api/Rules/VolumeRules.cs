using System.Text.Json.Nodes;
using Stepper.Cluster.Kubernetes;

namespace Stepper.Simulation.Api.Rules;

/// <summary>What a pod's volumes may be.</summary>
internal static class VolumeRules
{
    private const int MostRights = 0b111_111_111;

    private static readonly string[] HostPathTypes = ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

    /// <returns>Their names.</returns>
    public static IReadOnlySet<string> Check(JsonArray volumes, string field, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < volumes.Count; i++)
        {
            var (volume, at) = (volumes[i]!.AsObject(), $"{field}[{i}]");
            var name = (string?)volume["name"] ?? "";
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

            foreach (var another in volume.Select(pair => pair.Key).Where(key => key != "name").Order(StringComparer.Ordinal).Skip(1))
            {
                errors.Forbidden($"{at}.{another}", "may not specify more than 1 volume type");
            }

            CheckSource(volume, at, errors);
        }

        return names;
    }

    /// <summary>A path inside something else.</summary>
    public static void CheckRelative(string? path, string field, FieldErrors errors)
    {
        if (path?.StartsWith('/') is true)
        {
            errors.BadText(field, path, "must be a relative path");
        }

        CheckUpwards(path, field, errors);
    }

    private static void CheckUpwards(string? path, string field, FieldErrors errors)
    {
        if (path?.Split('/').Contains("..", StringComparer.Ordinal) is true)
        {
            errors.BadText(field, path, "must not contain '..'");
        }
    }

    private static void CheckSource(JsonObject volume, string at, FieldErrors errors)
    {
        CheckFiles(volume["configMap"], "name", at + ".configMap", errors);
        CheckFiles(volume["secret"], "secretName", at + ".secret", errors);
        if (volume["persistentVolumeClaim"] is { } claim && string.IsNullOrEmpty((string?)claim["claimName"]))
        {
            errors.Required(at + ".persistentVolumeClaim.claimName");
        }

        if (volume["emptyDir"]?["sizeLimit"] is { } size && Quantity.Read(size.ToString()) < 0)
        {
            errors.Forbidden(at + ".emptyDir.sizeLimit", "SizeLimit field must be a valid resource quantity");
        }

        if (volume["hostPath"] is { } host)
        {
            if (string.IsNullOrEmpty((string?)host["path"]))
            {
                errors.Required(at + ".hostPath.path");
            }

            CheckUpwards((string?)host["path"], at + ".hostPath.path", errors);
            errors.OneOf(host, "type", at + ".hostPath", HostPathTypes);
        }

        CheckProjected(volume["projected"]?["sources"] as JsonArray ?? [], at + ".projected.sources", errors);
    }

    private static void CheckProjected(JsonArray sources, string field, FieldErrors errors)
    {
        for (var i = 0; i < sources.Count; i++)
        {
            if (sources[i]?["serviceAccountToken"]?["expirationSeconds"].AsLong() is < 600 and var seconds)
            {
                errors.Bad($"{field}[{i}].serviceAccountToken.expirationSeconds", $"{seconds}", "may not specify a duration less than 10 minutes");
            }
        }
    }

    private static void CheckFiles(JsonNode? source, string name, string at, FieldErrors errors)
    {
        if (source is null)
        {
            return;
        }

        if (string.IsNullOrEmpty((string?)source[name]))
        {
            errors.Required($"{at}.{name}");
        }

        CheckMode(source["defaultMode"], at + ".defaultMode", errors);
        var items = source["items"] as JsonArray ?? [];
        for (var i = 0; i < items.Count; i++)
        {
            foreach (var part in (ReadOnlySpan<string>)["key", "path"])
            {
                if (string.IsNullOrEmpty((string?)items[i]?[part]))
                {
                    errors.Required($"{at}.items[{i}].{part}");
                }
            }

            CheckMode(items[i]?["mode"], $"{at}.items[{i}].mode", errors);
            CheckRelative((string?)items[i]?["path"], $"{at}.items[{i}].path", errors);
        }
    }

    private static void CheckMode(JsonNode? mode, string at, FieldErrors errors)
    {
        if (mode.AsLong() is (< 0 or > MostRights) and var rights)
        {
            errors.Bad(at, $"{rights}", "must be a number between 0 and 0777 (octal), both inclusive");
        }
    }
}
