using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api;

/// <summary>How an object is to be ended. Null: as its kind has it.</summary>
public sealed record DeleteOptions
{
    public long? GracePeriodSeconds { get; init; }

    /// <summary><c>Foreground</c>, <c>Background</c> or <c>Orphan</c>.</summary>
    public string? PropagationPolicy { get; init; }

    /// <summary>Only the object with this uid is meant.</summary>
    public string? Uid { get; init; }

    /// <summary>Only as it is at this resourceVersion.</summary>
    public string? ResourceVersion { get; init; }

    public bool DryRun { get; init; }

    /// <param name="body">A <c>v1 DeleteOptions</c>; null or empty for none.</param>
    internal static DeleteOptions Read(JsonObject? body, ApiQuery query)
    {
        var conditions = body?["preconditions"];
        var policy = (string?)body?["propagationPolicy"] ?? query["propagationPolicy"];
        if (policy is not (null or "Foreground" or "Background" or "Orphan"))
        {
            var text = $"Unsupported value: \"{policy}\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"";
            throw ApiRefusal.BadOptions("DeleteOptions", new ApiCause("FieldValueNotSupported", text, "propagationPolicy"));
        }

        return new DeleteOptions
        {
            GracePeriodSeconds = body?["gracePeriodSeconds"].AsLong() ?? query.Number("gracePeriodSeconds"),
            PropagationPolicy = policy ?? ((bool?)body?["orphanDependents"] is true ? "Orphan" : null),
            Uid = (string?)conditions?["uid"],
            ResourceVersion = (string?)conditions?["resourceVersion"],
            DryRun = query.IsDryRun || body?["dryRun"] is JsonArray { Count: > 0 },
        };
    }

    /// <exception cref="ApiRefusal">409: another object has the name now, or it has changed.</exception>
    internal void MustHold(ResourceKind kind, JsonObject found)
    {
        var meta = found["metadata"]!;
        var name = (string)meta["name"]!;
        if (Uid is not null && Uid != (string?)meta["uid"])
        {
            throw ApiRefusal.NotTheOne(
                kind,
                name,
                $"the UID in the precondition ({Uid}) does not match the UID in record ({(string?)meta["uid"]}). The object might have been deleted and then recreated");
        }

        if (ResourceVersion is not null && ResourceVersion != (string?)meta["resourceVersion"])
        {
            throw ApiRefusal.NotTheOne(
                kind,
                name,
                $"the ResourceVersion in the precondition ({ResourceVersion}) does not match the ResourceVersion in record ({(string?)meta["resourceVersion"]}). The object might have been modified");
        }
    }
}
