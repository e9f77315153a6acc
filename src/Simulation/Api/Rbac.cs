using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api;

/// <summary>May a user do something? By the Roles, ClusterRoles and their bindings that are in the store.</summary>
internal sealed class Rbac(ObjectStore store)
{
    // What every user may ask, authenticated or not.
    private static readonly string[] Open = ["/healthz", "/livez", "/readyz", "/version", "/version/"];

    private static readonly string[] Discovery = ["/api", "/apis", "/openapi"];

    private static readonly string[] SelfReviews =
        ["/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", "/apis/authentication.k8s.io/v1/selfsubjectreviews"];

    public bool Allows(ApiUser user, Attempt attempt) =>
        user.IsMaster
        || (attempt.Path is { } path && IsForAll(user, path, attempt.Verb))
        || RulesOf(user, attempt.Namespace).Any(rule => Grants(rule, attempt));

    private static bool IsForAll(ApiUser user, string path, string verb) =>
        (verb is "post" && user != ApiUser.Anonymous && SelfReviews.Any(review => path == review))
        || (verb is "get"
        && (Open.Any(open => path == open || path.StartsWith(open + "/", StringComparison.Ordinal))
            || (user != ApiUser.Anonymous && Discovery.Any(root => path == root || path.StartsWith(root + "/", StringComparison.Ordinal)))));

    private IEnumerable<JsonNode> RulesOf(ApiUser user, string ns)
    {
        foreach (var binding in store.List(Kinds.ClusterRoleBinding).Where(binding => Binds(binding, user)))
        {
            foreach (var rule in Rules(store.Find(Kinds.ClusterRole, null, RoleName(binding))))
            {
                yield return rule;
            }
        }

        if (ns.Length == 0)
        {
            yield break;
        }

        foreach (var binding in store.List(Kinds.RoleBinding, ns).Where(binding => Binds(binding, user)))
        {
            var role = (string?)binding["roleRef"]!["kind"] is "ClusterRole"
                ? store.Find(Kinds.ClusterRole, null, RoleName(binding))
                : store.Find(Kinds.Role, ns, RoleName(binding));
            foreach (var rule in Rules(role))
            {
                yield return rule;
            }
        }
    }

    private static string RoleName(JsonObject binding) => (string)binding["roleRef"]!["name"]!;

    private static IEnumerable<JsonNode> Rules(JsonObject? role) => role?["rules"] is JsonArray rules ? rules.OfType<JsonNode>() : [];

    private static bool Binds(JsonObject binding, ApiUser user) =>
        binding["subjects"] is JsonArray subjects && subjects.Any(subject => (string?)subject!["kind"] switch
        {
            "ServiceAccount" => user.Name == $"system:serviceaccount:{(string?)subject["namespace"] ?? (string?)binding["metadata"]!["namespace"]}:{(string?)subject["name"]}",
            "User" => user.Name == (string?)subject["name"],
            "Group" => user.Groups.Contains((string?)subject["name"] ?? "", StringComparer.Ordinal),
            _ => false,
        });

    private static bool Grants(JsonNode rule, Attempt attempt)
    {
        if (!Has(rule, "verbs", attempt.Verb))
        {
            return false;
        }

        if (attempt.Path is { } path)
        {
            return Values(rule, "nonResourceURLs").Any(url => url == path || (url.EndsWith('*') && path.StartsWith(url[..^1], StringComparison.Ordinal)));
        }

        var names = Values(rule, "resourceNames").ToList();
        return Has(rule, "apiGroups", attempt.Group)
            && Values(rule, "resources").Any(resource => Covers(resource, attempt))
            && (names.Count == 0 || names.Contains(attempt.Name, StringComparer.Ordinal));
    }

    private static bool Covers(string resource, Attempt attempt) =>
        resource is "*"
        || resource == (attempt.Subresource.Length == 0 ? attempt.Resource : $"{attempt.Resource}/{attempt.Subresource}")
        || (attempt.Subresource.Length > 0 && resource == "*/" + attempt.Subresource);

    private static bool Has(JsonNode rule, string field, string value) => Values(rule, field).Any(each => each == "*" || each == value);

    private static IEnumerable<string> Values(JsonNode rule, string field) =>
        rule[field] is JsonArray values ? values.Select(value => (string?)value ?? "") : [];
}

/// <summary>What somebody wants to do, in the words of RBAC.</summary>
/// <param name="Namespace">Empty for what is not in a namespace, or for all of them.</param>
/// <param name="Name">Empty where none is named.</param>
/// <param name="Path">Of an address that is no object's; else null.</param>
internal sealed record Attempt(string Verb, string Group, string Resource, string Subresource, string Namespace, string Name, string? Path = null)
{
    public static Attempt Of(ApiRequest request) => request.Resource is { } resource
        ? new Attempt(
            request.Verb,
            resource.Kind.Group,
            resource.Kind.Plural,
            resource.Subresource,
            resource.Kind == Kinds.Namespace ? resource.Name ?? "" : resource.Namespace ?? "",
            resource.Name ?? NameOfList(request))
        : new Attempt(request.Verb, "", "", "", "", "", request.Path);

    // A list or a watch of the one object that its field selector names is allowed to whom that object is allowed.
    private static string NameOfList(ApiRequest request) =>
        request.Verb is "list" or "watch" ? FieldQuery.Read(request.Resource!.Kind, request.Query["fieldSelector"])?.Name ?? "" : "";

    /// <summary>As the real server words a refusal.</summary>
    public string Refused(ApiUser user)
    {
        if (Path is not null)
        {
            return $"forbidden: User \"{user.Name}\" cannot {Verb} path \"{Path}\"";
        }

        var full = Subresource.Length == 0 ? Resource : $"{Resource}/{Subresource}";
        var where = Namespace.Length > 0 ? $"in the namespace \"{Namespace}\"" : "at the cluster scope";
        return $"User \"{user.Name}\" cannot {Verb} resource \"{full}\" in API group \"{Group}\" {where}";
    }
}
