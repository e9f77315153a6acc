using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api;

/// <summary>A request to the simulated API server, taken apart.</summary>
internal sealed record ApiRequest
{
    public required HttpMethod Method { get; init; }

    /// <summary>With its leading slash, without the query.</summary>
    public required string Path { get; init; }

    public required ApiQuery Query { get; init; }

    public required byte[] Body { get; init; }

    public required string ContentType { get; init; }

    public required string Accept { get; init; }

    public required string UserAgent { get; init; }

    public ApiUser User { get; init; } = ApiUser.Anonymous;

    /// <summary>Null for an address that is no object's.</summary>
    public ResourcePath? Resource { get; init; }

    /// <summary>As in RBAC: <c>get</c>, <c>list</c>, <c>watch</c>, <c>create</c>, …; for an address that is no object's the method in small letters.</summary>
    public string Verb => (Method.Method, Resource) switch
    {
        (var method, null) => method.ToLowerInvariant(),
        ("GET", { Name: null }) => IsWatch ? "watch" : "list",
        ("GET", _) => "get",
        ("POST", _) => "create",
        ("PUT", _) => "update",
        ("PATCH", _) => "patch",
        ("DELETE", { Name: null }) => "deletecollection",
        ("DELETE", _) => "delete",
        _ => "",
    };

    public bool IsWatch => Query.Flag("watch");

    /// <summary>The program that asks, by which its fields are known: the start of its User-Agent.</summary>
    public string Client => UserAgent.Length == 0 ? "unknown" : UserAgent.Split('/', ' ')[0];

    /// <exception cref="ApiRefusal">400: no JSON object. 415: said to be something else.</exception>
    public JsonObject ReadBody()
    {
        if (ContentType is not ("" or "application/json" or "application/apply-patch+yaml"))
        {
            throw new ApiRefusal(
                HttpStatusCode.UnsupportedMediaType, "UnsupportedMediaType", "the body of the request was in an unknown format - accepted media types include: application/json");
        }

        try
        {
            return JsonNode.Parse(Body) as JsonObject ?? throw new JsonException("not an object");
        }
        catch (JsonException e)
        {
            throw ApiRefusal.BadRequest($"the object provided is unrecognized (must be of type {Resource?.Kind.Kind}): couldn't get version/kind; json parse error: {e.Message} ({Start()})");
        }
    }

    /// <exception cref="ApiRefusal">400: no JSON.</exception>
    public JsonNode? ReadPatch()
    {
        try
        {
            return JsonNode.Parse(Body);
        }
        catch (JsonException e)
        {
            throw ApiRefusal.BadRequest($"error decoding patch: {e.Message}");
        }
    }

    public JsonObject? ReadBodyIfAny() => Body.Length == 0 ? null : ReadBody();

    private string Start() => Body.Length == 0 ? "<empty>" : Encoding.UTF8.GetString(Body.AsSpan(0, Math.Min(Body.Length, 40)));
}

/// <summary>Which object or list a request is about.</summary>
/// <param name="Namespace">Null for all of them, or for a kind that has none.</param>
/// <param name="Name">Null for a list.</param>
/// <param name="Subresource">Empty for the object itself.</param>
internal sealed record ResourcePath(ResourceKind Kind, string? Namespace, string? Name, string Subresource)
{
    /// <summary>Null for an address that is no object's.</summary>
    public static ResourcePath? Read(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString).ToArray();
        return parts switch
        {
            ["api", var version, .. var rest] when rest.Length > 0 => Read("", version, rest),
            ["apis", var group, var version, .. var rest] when rest.Length > 0 => Read(group, version, rest),
            _ => null,
        };
    }

    private static ResourcePath? Read(string group, string version, string[] rest)
    {
        var (ns, parts) = rest is ["namespaces", var given, var plural, ..] && !(plural is "status" or "finalize") ? (given, rest[2..]) : (null, rest);
        if (Kinds.Find(group, version, parts[0]) is not { } kind || parts.Length > 3)
        {
            return null;
        }

        // A list may leave out the namespace; one object can't.
        if (kind.Namespaced ? ns is null && parts.Length > 1 : ns is not null)
        {
            return null;
        }

        return new ResourcePath(kind, ns, parts.Length > 1 ? parts[1] : null, parts.Length > 2 ? parts[2] : "");
    }
}
