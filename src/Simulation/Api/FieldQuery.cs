using System.Text.Json;
using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api;

/// <summary>The <c>fieldSelector</c> of a request: fields that must have a value, or must not.</summary>
internal sealed class FieldQuery
{
    private static readonly Dictionary<ResourceKind, string[]> Known = new()
    {
        [Kinds.Pod] = ["spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase", "status.podIP", "status.nominatedNodeName"],
        [Kinds.Node] = ["spec.unschedulable"],
        [Kinds.Namespace] = ["status.phase"],
        [Kinds.Secret] = ["type"],
        [Kinds.Job] = ["status.successful"],
        [Kinds.ReplicaSet] = ["status.replicas"],
        [Kinds.Service] = ["spec.clusterIP", "spec.type"],
        [Kinds.Event] =
        [
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
            "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
        ],
    };

    private readonly List<(string Field, string Value, bool Equal)> _terms = [];

    private FieldQuery()
    {
    }

    /// <summary>The value that <c>spec.nodeName</c> must have; null when any may do.</summary>
    public string? NodeName => Wanted("spec.nodeName");

    /// <summary>The value that <c>metadata.name</c> must have; null when any may do.</summary>
    public string? Name => Wanted("metadata.name");

    /// <exception cref="ApiRefusal">400: it can't be read, or the kind has no such field to select by.</exception>
    public static FieldQuery? Read(ResourceKind kind, string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        var query = new FieldQuery();
        foreach (var term in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var (field, value, equal) = Term(term) ?? throw ApiRefusal.BadRequest($"invalid field selector: invalid selector: '{text}'; can't understand '{term}'");
            if (field is not "metadata.name" && !(field is "metadata.namespace" && kind.Namespaced) && !Known.GetValueOrDefault(kind, []).Contains(field, StringComparer.Ordinal))
            {
                throw ApiRefusal.BadRequest(kind.Group.Length == 0 ? $"field label not supported: {field}" : $"field label \"{field}\" not supported for {kind.Kind}");
            }

            query._terms.Add((field, value, equal));
        }

        return query;
    }

    public bool Selects(StoredObject stored) => _terms.TrueForAll(term => (ValueOf(stored, term.Field) == term.Value) == term.Equal);

    private static (string Field, string Value, bool Equal)? Term(string term)
    {
        foreach (var sign in (ReadOnlySpan<string>)["!=", "==", "="])
        {
            if (term.IndexOf(sign, StringComparison.Ordinal) is > 0 and var at)
            {
                return (term[..at].Trim(), term[(at + sign.Length)..].Trim(), sign is not "!=");
            }
        }

        return null;
    }

    private static string ValueOf(StoredObject stored, string field) => field switch
    {
        "metadata.name" => stored.Name,
        "metadata.namespace" => stored.Namespace,
        "spec.unschedulable" or "spec.hostNetwork" => Text(stored.Body, field) is "true" ? "true" : "false",
        "status.successful" => Text(stored.Body, "status.succeeded") is { Length: > 0 } count ? count : "0",
        "source" => Text(stored.Body, "source.component") is { Length: > 0 } component ? component : Text(stored.Body, "reportingComponent"),
        _ => Text(stored.Body, field),
    };

    private static string Text(JsonObject body, string path)
    {
        JsonNode? at = body;
        foreach (var part in path.Split('.'))
        {
            at = (at as JsonObject)?[part];
        }

        return at switch
        {
            null => "",
            JsonValue value when value.GetValueKind() == JsonValueKind.String => (string)value!,
            _ => at.ToJsonString(),
        };
    }

    private string? Wanted(string field)
    {
        foreach (var term in _terms)
        {
            if (term.Equal && term.Field == field)
            {
                return term.Value;
            }
        }

        return null;
    }
}
