using System.Text.Json.Nodes;

namespace Stepper.Cluster.Kubernetes;

/// <summary>One thing to do with the API, in the words of RBAC.</summary>
/// <param name="Group">Empty for the core group.</param>
/// <param name="Resource">The plural, with its subresource after a slash: <c>pods/eviction</c>; or an address that is no object's: <c>/metrics</c>.</param>
/// <param name="Namespace">Null for all of them, or for what has none.</param>
/// <param name="Name">Null for any.</param>
public sealed record ApiAccess(string Verb, string Group, string Resource, string? Namespace = null, string? Name = null)
{
    /// <summary>To read what is no object.</summary>
    public static ApiAccess To(string path) => new("get", "", path);

    /// <summary>As <c>kubectl auth can-i</c> takes it: <c>get jobs.batch/NAME --namespace NS</c>.</summary>
    public string ForCanI
    {
        get
        {
            var (resource, sub) = Split();
            return $"{Verb} {resource}{(Group.Length > 0 ? "." + Group : "")}{(Name is null ? "" : "/" + Name)}{(sub is null ? "" : " --subresource=" + sub)}{(Namespace is null ? "" : " --namespace " + Namespace)}";
        }
    }

    /// <summary>What it is done to, for a person: <c>jobs.batch NAME in NS</c>.</summary>
    public string Object => $"{Resource}{(Group.Length > 0 ? "." + Group : "")}{(Name is null ? "" : " " + Name)}{(Namespace is null ? "" : " in " + Namespace)}";

    internal JsonObject ToReview()
    {
        return new JsonObject
        {
            ["apiVersion"] = Resources.AccessReviews.ApiVersion,
            ["kind"] = Resources.AccessReviews.Kind,
            ["spec"] = Resource.StartsWith('/')
                ? new JsonObject { ["nonResourceAttributes"] = new JsonObject { ["verb"] = Verb, ["path"] = Resource } }
                : new JsonObject { ["resourceAttributes"] = OfObject() },
        };
    }

    private JsonObject OfObject()
    {
        var (resource, sub) = Split();
        var attributes = new JsonObject { ["verb"] = Verb, ["group"] = Group, ["resource"] = resource };
        Add("subresource", sub);
        Add("namespace", Namespace);
        Add("name", Name);
        return attributes;

        void Add(string field, string? value)
        {
            if (value is not null)
            {
                attributes[field] = value;
            }
        }
    }

    private (string Resource, string? Sub) Split() => Resource.Split('/') is [{ Length: > 0 } resource, var sub] ? (resource, sub) : (Resource, null);
}
