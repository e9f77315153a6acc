using System.Text.Json;
using System.Text.Json.Nodes;
using Stepper.Cluster.Kubernetes;

namespace Stepper.Simulation.Api.Schema;

/// <summary>Finds the fields of an object that its kind does not have, and takes them away, as the real server does; a value of a wrong type is refused.</summary>
internal sealed class FieldCheck
{
    private readonly List<string> _unknown = [];
    private readonly ResourceKind _kind;

    private FieldCheck(ResourceKind kind) => _kind = kind;

    /// <returns>The paths of the fields that were taken away, in the order of the document.</returns>
    /// <exception cref="ApiRefusal">400: a value has a wrong type.</exception>
    public static IReadOnlyList<string> Prune(ResourceKind kind, JsonObject body, string? type = null)
    {
        var check = new FieldCheck(kind);
        check.Object(body, type ?? kind.Kind, "");
        return check._unknown;
    }

    private void Object(JsonObject body, string type, string path)
    {
        if (KindSchema.FieldsOf(type) is not { } fields)
        {
            return;
        }

        foreach (var (key, value) in body.ToList())
        {
            var at = path.Length == 0 ? key : $"{path}.{key}";
            if (!fields.TryGetValue(key, out var shape))
            {
                _unknown.Add(at);
                body.Remove(key);
            }
            else if (value is JsonArray { Count: 0 } or JsonObject { Count: 0 } && shape.Form is ShapeForm.List or ShapeForm.Map && key is not "rules")
            {
                // An empty list or map is as good as none, and the real server writes none.
                body.Remove(key);
            }
            else if (value is not null)
            {
                Value(value, shape, at, type);
            }
        }
    }

    private void Value(JsonNode value, FieldShape shape, string path, string type)
    {
        switch (shape.Form)
        {
            case ShapeForm.Object when value is JsonObject inner:
                Object(inner, shape.Type, path);
                break;
            case ShapeForm.List when value is JsonArray items:
                for (var i = 0; i < items.Count; i++)
                {
                    if (items[i] is { } item)
                    {
                        Value(item, shape.Item!, $"{path}[{i}]", type);
                    }
                }

                break;
            case ShapeForm.Map when value is JsonObject map:
                foreach (var (key, item) in map.ToList())
                {
                    if (item is not null)
                    {
                        Value(item, shape.Item!, $"{path}.{key}", type);
                    }
                }

                break;
            default:
                MustFit(value, shape, path, type);
                break;
        }
    }

    private void MustFit(JsonNode value, FieldShape shape, string path, string type)
    {
        var given = value.GetValueKind();
        var (fits, wanted) = shape.Form switch
        {
            ShapeForm.Text or ShapeForm.Time => (given == JsonValueKind.String, "string"),
            ShapeForm.Int => (value.AsLong() is >= int.MinValue and <= int.MaxValue, "int32"),
            ShapeForm.Long => (value.AsLong() is not null, "int64"),
            ShapeForm.Quantity => (Quantity.TryRead(value.ToString(), out _), "quantity"),
            ShapeForm.Flag => (given is JsonValueKind.True or JsonValueKind.False, "bool"),
            ShapeForm.Object => (false, $"v1.{shape.Type}"),
            ShapeForm.List => (false, "[]" + (shape.Item!.Type.Length > 0 ? "v1." + shape.Item.Type : "string")),
            ShapeForm.Map => (false, "map[string]string"),
            _ => (true, ""),
        };
        if (!fits && shape.Form == ShapeForm.Quantity)
        {
            throw ApiRefusal.BadRequest(
                $"{_kind.Kind} in version \"{_kind.Version}\" cannot be handled as a {_kind.Kind}: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
        }

        if (!fits)
        {
            var word = given switch { JsonValueKind.String => "string", JsonValueKind.Number => $"number{(shape.Form is ShapeForm.Int ? " " + value.ToJsonString() : "")}", JsonValueKind.Array => "array", JsonValueKind.Object => "object", _ => "bool" };
            throw ApiRefusal.BadRequest(
                $"{_kind.Kind} in version \"{_kind.Version}\" cannot be handled as a {_kind.Kind}: json: cannot unmarshal {word} into Go struct field {type}.{path} of type {wanted}");
        }
    }
}
