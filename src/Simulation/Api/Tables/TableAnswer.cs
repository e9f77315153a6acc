using System.Globalization;
using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api.Tables;

/// <summary>Objects as a <c>meta.k8s.io/v1 Table</c>.</summary>
internal sealed class TableAnswer(ResourceKind kind, string includeObject, TimeProvider time)
{
    private readonly IReadOnlyList<TableColumn> _columns = TableForms.Of(kind);
    private bool _headed;

    /// <summary>Null when the client has not asked for a table.</summary>
    public static TableAnswer? For(ApiRequest asked, TimeProvider time) =>
        asked.Accept.Contains("as=Table", StringComparison.Ordinal) ? new TableAnswer(asked.Resource!.Kind, asked.Query["includeObject"] ?? "Metadata", time) : null;

    public JsonObject List(ListPage page)
    {
        var meta = new JsonObject { ["resourceVersion"] = page.ResourceVersion.ToString(CultureInfo.InvariantCulture) };
        if (page.Continue is not null)
        {
            meta["continue"] = page.Continue;
        }

        return Table(meta, page.Items.Select(item => item.Body));
    }

    public JsonObject One(JsonObject body) => Table(new JsonObject { ["resourceVersion"] = (string?)body["metadata"]!["resourceVersion"] }, [body]);

    /// <summary>Only the first event of a watch has the columns.</summary>
    public byte[] Event(string type, StoredObject stored)
    {
        var table = One(stored.Body);
        if (_headed)
        {
            table["columnDefinitions"] = null;
        }

        _headed = true;
        return ApiAnswers.Bytes(new JsonObject { ["type"] = type, ["object"] = table }, newLine: true);
    }

    private JsonObject Table(JsonObject meta, IEnumerable<JsonObject> bodies) => new()
    {
        ["kind"] = "Table",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = meta,
        ["columnDefinitions"] = new JsonArray([.. _columns.Select(column => column.Definition())]),
        ["rows"] = new JsonArray([.. bodies.Select(Row)]),
    };

    private JsonNode Row(JsonObject body) => new JsonObject
    {
        ["cells"] = new JsonArray([.. _columns.Select(column => column.Cell(body, time.GetUtcNow()))]),
        ["object"] = includeObject switch
        {
            "None" => null,
            "Object" => body.DeepClone(),
            _ => new JsonObject { ["kind"] = "PartialObjectMetadata", ["apiVersion"] = "meta.k8s.io/v1", ["metadata"] = body["metadata"]!.DeepClone() },
        },
    };
}
