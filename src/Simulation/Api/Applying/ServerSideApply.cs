using System.Net;
using System.Text.Json.Nodes;
using Stepper.Simulation.Api.Schema;

namespace Stepper.Simulation.Api.Applying;

/// <summary>Server-side apply: what a manager says is merged in, what it said before and says no more is taken away, and what others own is a conflict.</summary>
internal static class ServerSideApply
{
    /// <param name="live">Null: the object is made.</param>
    /// <param name="wanted">What the manager says.</param>
    /// <param name="force">Take over what others own.</param>
    /// <param name="time">As the API writes it.</param>
    /// <returns>What the object is to be, with its <c>managedFields</c>.</returns>
    /// <exception cref="ApiRefusal">409: others own some of it. 500: it has a field that its kind does not have.</exception>
    public static JsonObject Apply(ResourceKind kind, JsonObject? live, JsonObject wanted, OwnerName owner, bool force, string time)
    {
        var withStatus = owner.Subresource is "status" || !kind.HasStatus;
        var shape = KindSchema.Of(kind);
        var said = FieldSets.Ownable(wanted, withStatus);
        MustFit(kind, wanted, said, shape);
        var fields = new FieldSet();
        if (said.Count > 0)
        {
            FieldSets.AddAll(fields, said, shape, whole: false);
        }

        var managers = FieldManagers.Of(live);
        var made = live?.DeepClone().AsObject() ?? new JsonObject { ["metadata"] = wanted["metadata"]!.DeepClone() };
        AppliedMerge.Merge(made, said, shape);
        Dispute(live, made, shape, managers, owner, force);
        var gone = managers.FieldsOf(owner).Minus(fields).Minus(managers.FieldsOfOthers(owner));
        AppliedMerge.Remove(made, gone, shape);
        managers.Give(owner, fields, time);
        managers.WriteTo(made);
        CopyIdentity(wanted, made);
        return made;
    }

    /// <summary>Notes who changed what by a plain write.</summary>
    /// <param name="old">Null: the object was made.</param>
    public static void Note(ResourceKind kind, JsonObject? old, JsonObject made, OwnerName owner, string time)
    {
        var withStatus = owner.Subresource is "status" || !kind.HasStatus;
        var (changed, removed) = (new FieldSet(), new FieldSet());
        FieldSets.Compare(
            old is null ? new JsonObject() : FieldSets.Ownable(old, withStatus), FieldSets.Ownable(made, withStatus), KindSchema.Of(kind), changed, removed);
        var managers = FieldManagers.Of(old);
        if (!changed.IsEmpty || !removed.IsEmpty)
        {
            managers.TakeFromAll(removed);
            managers.TakeFromOthers(owner, changed);
            managers.Give(owner, managers.FieldsOf(owner).Union(changed), time);
        }

        managers.WriteTo(made);
    }

    private static void MustFit(ResourceKind kind, JsonObject wanted, JsonObject said, FieldShape shape)
    {
        var meta = wanted["metadata"];
        var copy = said.DeepClone().AsObject();
        copy.Remove("metadata");
        var problem = FieldCheck.Prune(kind, copy) is [var unknown, ..] ? $".{unknown}: field not declared in schema" : AppliedMerge.Duplicate(said, shape, "");
        if (problem is not null)
        {
            throw new ApiRefusal(
                HttpStatusCode.InternalServerError,
                "",
                $"failed to create typed patch object ({(string?)meta?["namespace"]}/{(string?)meta?["name"]}; {(kind.Group.Length == 0 ? "/" : "")}{kind.ApiVersion}, Kind={kind.Kind}): {problem}");
        }

        FieldCheck.Prune(kind, said);
    }

    private static void Dispute(JsonObject? live, JsonObject made, FieldShape shape, FieldManagers managers, OwnerName owner, bool force)
    {
        if (live is null)
        {
            return;
        }

        var (changed, removed) = (new FieldSet(), new FieldSet());
        FieldSets.Compare(FieldSets.Ownable(live, withStatus: true), FieldSets.Ownable(made, withStatus: true), shape, changed, removed);
        if (force)
        {
            managers.TakeFromOthers(owner, changed);
            return;
        }

        var conflicts = managers.Others(owner)
            .Select(other => (other.Name, Fields: other.Fields.Common(changed).Paths().ToList()))
            .Where(conflict => conflict.Fields.Count > 0)
            .ToList();
        if (conflicts.Count > 0)
        {
            throw Conflict(conflicts);
        }
    }

    private static ApiRefusal Conflict(List<(OwnerName Name, List<string> Fields)> conflicts)
    {
        var causes = conflicts.SelectMany(conflict => conflict.Fields.Select(field => new ApiCause("FieldManagerConflict", $"conflict with {conflict.Name}", field))).ToList();
        var text = causes.Count == 1
            ? $"1 conflict: {causes[0].Message}: {causes[0].Field}"
            : $"{causes.Count} conflicts: " + string.Join('\n', conflicts.Select(conflict => $"conflicts with {conflict.Name}:\n- " + string.Join("\n- ", conflict.Fields)));
        return new ApiRefusal(HttpStatusCode.Conflict, "Conflict", "Apply failed with " + text, causes);
    }

    private static void CopyIdentity(JsonObject wanted, JsonObject made)
    {
        foreach (var field in (ReadOnlySpan<string>)["uid", "resourceVersion"])
        {
            if (wanted["metadata"]?[field] is { } value)
            {
                made["metadata"]![field] = value.DeepClone();
            }
        }
    }
}
