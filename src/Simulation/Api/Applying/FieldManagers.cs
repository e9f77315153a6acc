using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api.Applying;

/// <summary>Who owns which fields of an object: <c>metadata.managedFields</c>.</summary>
internal sealed class FieldManagers
{
    private readonly List<Owner> _owners;

    private FieldManagers(List<Owner> owners) => _owners = owners;

    public static FieldManagers Of(JsonObject? body) => new([.. (body?["metadata"]?["managedFields"] as JsonArray ?? []).OfType<JsonObject>().Select(Owner.Read)]);

    public FieldSet FieldsOf(OwnerName name) => _owners.Find(owner => owner.Name == name)?.Fields ?? new FieldSet();

    public FieldSet FieldsOfOthers(OwnerName name) => Others(name).Aggregate(new FieldSet(), (all, owner) => all.Union(owner.Fields));

    public IEnumerable<Owner> Others(OwnerName name) => _owners.Where(owner => owner.Name != name);

    /// <summary>Nobody but <paramref name="name"/> owns these any more.</summary>
    public void TakeFromOthers(OwnerName name, FieldSet fields)
    {
        for (var i = 0; i < _owners.Count; i++)
        {
            if (_owners[i].Name != name)
            {
                _owners[i] = _owners[i] with { Fields = _owners[i].Fields.Minus(fields) };
            }
        }
    }

    public void TakeFromAll(FieldSet fields)
    {
        for (var i = 0; i < _owners.Count; i++)
        {
            _owners[i] = _owners[i] with { Fields = _owners[i].Fields.Minus(fields) };
        }
    }

    /// <param name="time">As the API writes it.</param>
    public void Give(OwnerName name, FieldSet fields, string time)
    {
        var at = _owners.FindIndex(owner => owner.Name == name);
        if (at < 0)
        {
            _owners.Add(new Owner(name, time, fields));
        }
        else if (!_owners[at].Fields.SameAs(fields))
        {
            _owners[at] = new Owner(name, time, fields);
        }
    }

    public void WriteTo(JsonObject body)
    {
        var meta = body["metadata"]!.AsObject();
        var owners = _owners
            .Where(owner => !owner.Fields.IsEmpty)
            .OrderBy(owner => owner.Name.Operation, StringComparer.Ordinal)
            .ThenBy(owner => owner.Time, StringComparer.Ordinal)
            .ThenBy(owner => owner.Name.Manager, StringComparer.Ordinal);
        var written = new JsonArray([.. owners.Select(owner => owner.Write())]);
        if (written.Count > 0)
        {
            meta["managedFields"] = written;
        }
        else
        {
            meta.Remove("managedFields");
        }
    }
}

/// <param name="Operation"><c>Apply</c> or <c>Update</c>.</param>
/// <param name="Subresource">Empty for the object itself.</param>
internal sealed record OwnerName(string Manager, string Operation, string ApiVersion, string Subresource)
{
    /// <summary>As a conflict names it.</summary>
    public override string ToString() =>
        $"\"{Manager}\"" + (Subresource.Length > 0 ? $" with subresource \"{Subresource}\"" : "") + (Operation is "Update" ? $" using {ApiVersion}" : "");
}

internal sealed record Owner(OwnerName Name, string Time, FieldSet Fields)
{
    public static Owner Read(JsonObject entry) => new(
        new OwnerName(Text(entry, "manager"), Text(entry, "operation"), Text(entry, "apiVersion"), Text(entry, "subresource")),
        Text(entry, "time"),
        FieldSet.Read(entry["fieldsV1"] as JsonObject ?? []));

    public JsonNode Write()
    {
        var entry = new JsonObject
        {
            ["manager"] = Name.Manager,
            ["operation"] = Name.Operation,
            ["apiVersion"] = Name.ApiVersion,
            ["time"] = Time,
            ["fieldsType"] = "FieldsV1",
            ["fieldsV1"] = Fields.Write(),
        };
        if (Name.Subresource.Length > 0)
        {
            entry["subresource"] = Name.Subresource;
        }

        return entry;
    }

    private static string Text(JsonObject entry, string field) => (string?)entry[field] ?? "";
}
