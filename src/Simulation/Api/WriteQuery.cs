using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api;

/// <summary>What a write may ask for in its address and its body's head.</summary>
internal static class WriteQuery
{
    /// <param name="options">As <c>CreateOptions</c>.</param>
    /// <exception cref="ApiRefusal">422</exception>
    public static void MustBeKnown(ApiRequest asked, string options)
    {
        if (asked.Query["dryRun"] is { } dryRun and not "All")
        {
            throw ApiRefusal.BadOptions(options, new ApiCause("FieldValueNotSupported", $"Unsupported value: [\"{dryRun}\"]: supported values: \"All\"", "dryRun"));
        }

        if (asked.Query["fieldValidation"] is { } validation and not ("Ignore" or "Warn" or "Strict"))
        {
            var text = $"Unsupported value: \"{validation}\": supported values: \"\", \"Ignore\", \"Strict\", \"Warn\"";
            throw ApiRefusal.BadOptions(options, new ApiCause("FieldValueNotSupported", text, "fieldValidation"));
        }

        if (asked.Query["fieldManager"] is { } manager && Encoding.UTF8.GetByteCount(manager) > 128)
        {
            throw ApiRefusal.BadOptions(options, new ApiCause("FieldValueTooLong", "Too long: may not be more than 128 bytes", "fieldManager"));
        }

        var isApply = asked.ContentType is "application/apply-patch+yaml";
        if (isApply && asked.Query["fieldManager"] is null)
        {
            throw ApiRefusal.BadOptions(options, new ApiCause("FieldValueRequired", "Required value: is required for apply patch", "fieldManager"));
        }

        if (!isApply && asked.Query["force"] is not null)
        {
            throw ApiRefusal.BadOptions(options, new ApiCause("FieldValueForbidden", "Forbidden: may not be specified for non-apply patch", "force"));
        }
    }

    /// <exception cref="ApiRefusal">400</exception>
    public static void MustBeApplicable(ResourceKind kind, JsonObject wanted)
    {
        if ((string?)wanted["kind"] != kind.Kind || (string?)wanted["apiVersion"] != kind.ApiVersion)
        {
            var version = (string?)wanted["apiVersion"] ?? "";
            throw ApiRefusal.BadRequest($"invalid object type: {(version.Contains('/', StringComparison.Ordinal) ? "" : "/")}{version}, Kind={(string?)wanted["kind"]}");
        }

        if (wanted["metadata"]?["managedFields"] is not null)
        {
            throw ApiRefusal.BadRequest("metadata.managedFields must be nil");
        }
    }

    /// <summary>Some kinds are replaced only by those who say what they saw.</summary>
    /// <exception cref="ApiRefusal">422</exception>
    public static void MustBeConditional(ResourceKind kind, string name, JsonObject body)
    {
        if ((kind == Kinds.DisruptionBudget || kind == Kinds.Lease) && string.IsNullOrEmpty((string?)body["metadata"]?["resourceVersion"]))
        {
            const string Field = "metadata.resourceVersion";
            var cause = new ApiCause("FieldValueInvalid", "Invalid value: 0: must be specified for an update", Field);
            throw new ApiRefusal(HttpStatusCode.UnprocessableEntity, "Invalid", $"{kind} \"{name}\" is invalid: {Field}: {cause.Message}", cause)
            {
                Details = new ApiDetails(name, kind.Group, kind.Plural),
            };
        }
    }

    /// <param name="value">The patched object as a text in JSON.</param>
    public static ApiRefusal BadPatch(string value, string error)
    {
        var cause = new ApiCause("FieldValueInvalid", $"Invalid value: {value}: {error}", "patch");
        return new ApiRefusal(HttpStatusCode.UnprocessableEntity, "Invalid", $" \"\" is invalid: patch: {cause.Message}", cause) { Details = new ApiDetails() };
    }
}
