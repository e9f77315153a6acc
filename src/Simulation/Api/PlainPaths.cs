using System.Net;
using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api;

/// <summary>The addresses that are no object's: health, version, access reviews.</summary>
internal sealed class PlainPaths(Rbac rbac, Func<string> version)
{
    private const string AccessReviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

    public HttpResponseMessage Answer(ApiRequest asked) => (asked.Method.Method, asked.Path.TrimEnd('/')) switch
    {
        ("GET", "/healthz" or "/livez" or "/readyz") => ApiAnswers.Text(HttpStatusCode.OK, asked.Query["verbose"] is null ? "ok" : $"{asked.Path[1..]} check passed\n"),
        ("GET", "/version") => ApiAnswers.Json(HttpStatusCode.OK, Version(version())),
        ("POST", AccessReviews) => ApiAnswers.Json(HttpStatusCode.Created, Review(asked)),
        _ => throw ApiRefusal.NoSuchPath(),
    };

    private static JsonObject Version(string version)
    {
        var parts = version.TrimStart('v').Split('.');
        return new JsonObject { ["major"] = parts[0], ["minor"] = parts[1], ["gitVersion"] = version, ["gitTreeState"] = "clean", ["platform"] = "linux/amd64" };
    }

    private JsonObject Review(ApiRequest asked)
    {
        var review = asked.ReadBody();
        var spec = review["spec"]?.AsObject() ?? [];
        var allowed = rbac.Allows(asked.User, AttemptOf(spec));
        review["metadata"] ??= new JsonObject();
        review["status"] = allowed ? new JsonObject { ["allowed"] = true } : new JsonObject { ["allowed"] = false };
        return review;
    }

    private static Attempt AttemptOf(JsonObject spec)
    {
        if (spec["nonResourceAttributes"] is JsonObject plain)
        {
            return new Attempt((string?)plain["verb"] ?? "", "", "", "", "", "", (string?)plain["path"] ?? "");
        }

        var resource = spec["resourceAttributes"] as JsonObject ?? [];
        return new Attempt(Of("verb"), Of("group"), Of("resource"), Of("subresource"), Of("namespace"), Of("name"));

        string Of(string field) => (string?)resource[field] ?? "";
    }
}
