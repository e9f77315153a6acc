using System.Text;
using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api.Rules;

/// <summary>What <c>metadata</c> may hold, whatever the kind.</summary>
internal static class MetadataRules
{
    private const int AnnotationBytes = 256 * 1024;

    public static void OfNew(ResourceKind kind, JsonObject meta, FieldErrors errors)
    {
        var name = (string?)meta["name"] ?? "";
        if (name.Length == 0)
        {
            errors.Required("metadata.name", "name or generateName is required");
        }
        else if (NameProblem(kind, name) is { } problem)
        {
            errors.BadText("metadata.name", name, problem);
        }

        OfAny(meta, errors);
    }

    public static void OfChange(JsonObject old, JsonObject made, FieldErrors errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["uid", "deletionTimestamp"])
        {
            if ((string?)made[field] is { Length: > 0 } value && value != (string?)old[field])
            {
                errors.BadText("metadata." + field, value, "field is immutable");
            }
        }

        if (old["deletionTimestamp"] is not null)
        {
            var before = Finalizers(old).ToHashSet(StringComparer.Ordinal);
            var added = Finalizers(made).Where(each => !before.Contains(each)).ToList();
            if (added.Count > 0)
            {
                var all = string.Join(", ", added.Select(each => $"\"{each}\""));
                errors.Forbidden("metadata.finalizers", $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{all}}}");
            }
        }

        OfAny(made, errors);
    }

    public static void OfLabels(JsonNode? labels, string field, FieldErrors errors)
    {
        foreach (var (key, value) in labels as JsonObject ?? [])
        {
            if (Names.QualifiedKey(key) is { } bad)
            {
                errors.BadText(field, key, bad);
            }

            if (Names.LabelValue((string?)value ?? "") is { } wrong)
            {
                errors.BadText(field, (string?)value ?? "", wrong);
            }
        }
    }

    public static void OfAnnotations(JsonNode? annotations, string field, FieldErrors errors)
    {
        var size = 0;
        foreach (var (key, value) in annotations as JsonObject ?? [])
        {
            size += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount((string?)value ?? "");
            if (Names.QualifiedKey(key.ToLowerInvariant()) is { } bad)
            {
                errors.BadText(field, key, bad);
            }
        }

        if (size > AnnotationBytes)
        {
            errors.TooLong(field, $"may not be more than {AnnotationBytes} bytes");
        }
    }

    private static void OfOwners(JsonArray owners, FieldErrors errors)
    {
        const string Field = "metadata.ownerReferences";
        foreach (var owner in owners)
        {
            foreach (var part in (ReadOnlySpan<string>)["apiVersion", "kind", "name", "uid"])
            {
                if (string.IsNullOrEmpty((string?)owner?[part]))
                {
                    errors.BadText($"{Field}.{part}", "", "must not be empty");
                }
            }

            if ((string?)owner?["apiVersion"] is "v1" && (string?)owner["kind"] is "Event")
            {
                errors.Bad(Field, owner.ToJsonString(), "/v1, Kind=Event is disallowed from being an owner");
            }
        }

        var controllers = owners.Where(owner => (bool?)owner?["controller"] is true).Select(owner => $"{(string?)owner!["kind"]}/{(string?)owner["name"]}").ToList();
        if (controllers.Count > 1)
        {
            errors.Bad(Field, owners.ToJsonString(), $"Only one reference can have Controller set to true. Found \"true\" in references for {string.Join(" and ", controllers)}");
        }
    }

    private static void OfAny(JsonObject meta, FieldErrors errors)
    {
        OfLabels(meta["labels"], "metadata.labels", errors);
        OfAnnotations(meta["annotations"], "metadata.annotations", errors);
        OfOwners(meta["ownerReferences"] as JsonArray ?? [], errors);
        var at = 0;
        foreach (var finalizer in Finalizers(meta))
        {
            if (!finalizer.Contains('/', StringComparison.Ordinal) && finalizer is not ("foregroundDeletion" or "orphan" or "kubernetes"))
            {
                errors.BadText($"metadata.finalizers[{at}]", finalizer, "name is neither a standard finalizer name nor is it fully qualified");
            }

            at++;
        }
    }

    private static IEnumerable<string> Finalizers(JsonObject meta) => (meta["finalizers"] as JsonArray ?? []).Select(each => (string?)each ?? "");

    // Roles and bindings may be called anything that fits into an address.
    private static string? NameProblem(ResourceKind kind, string name) =>
        kind.Group is "rbac.authorization.k8s.io" ? (name is "." or ".." || name.Contains('/', StringComparison.Ordinal) ? "may not contain '/'" : null)
        : kind == Kinds.Namespace || kind == Kinds.Service ? Names.Label(name)
        : Names.Subdomain(name);
}
