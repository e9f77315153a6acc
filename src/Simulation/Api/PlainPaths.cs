using System.Net;
using System.Text.Json.Nodes;
using Stepper.Simulation.Api.Discovery;

namespace Stepper.Simulation.Api;

/// <summary>The addresses that are no object's: health, version, metrics, access reviews.</summary>
internal sealed class PlainPaths(Rbac rbac, Func<string> version, Func<string> metrics)
{
    private const string WhoAmI = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    private const string AccessReviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

    public HttpResponseMessage Answer(ApiRequest asked) => (asked.Method.Method, asked.Path.TrimEnd('/')) switch
    {
        ("GET", "/healthz" or "/livez" or "/readyz") => ApiAnswers.Text(HttpStatusCode.OK, asked.Query["verbose"] is null ? "ok" : $"{asked.Path[1..]} check passed\n"),
        ("GET", "/version") => ApiAnswers.Json(HttpStatusCode.OK, Version(version())),
        ("GET", "/metrics") => ApiAnswers.Text(HttpStatusCode.OK, metrics()),
        ("POST", AccessReviews) => ApiAnswers.Json(HttpStatusCode.Created, Review(asked)),
        ("POST", WhoAmI) => ApiAnswers.Json(HttpStatusCode.Created, Self(asked)),
        ("GET", var path) when ApiDiscovery.Find(path) is { } discovered => ApiAnswers.Json(HttpStatusCode.OK, discovered),
        (_, var path) when path.StartsWith("/api", StringComparison.Ordinal) => throw ApiRefusal.NoSuchPath(),
        _ => ApiAnswers.Text(HttpStatusCode.NotFound, "404 page not found\n"),
    };

    private static JsonObject Self(ApiRequest asked) => new()
    {
        ["kind"] = "SelfSubjectReview",
        ["apiVersion"] = "authentication.k8s.io/v1",
        ["metadata"] = new JsonObject(),
        ["status"] = new JsonObject
        {
            ["userInfo"] = new JsonObject { ["username"] = asked.User.Name, ["groups"] = new JsonArray([.. asked.User.Groups.Select(group => JsonValue.Create(group))]) },
        },
    };

    private static JsonObject Version(string version)
    {
        var parts = version.TrimStart('v').Split('.');
        return new JsonObject { ["major"] = parts[0], ["minor"] = parts[1], ["gitVersion"] = version, ["gitTreeState"] = "clean", ["platform"] = "linux/amd64" };
    }

    private JsonObject Review(ApiRequest asked)
    {
        var review = asked.ContentType is "application/vnd.kubernetes.protobuf" ? ProtobufReview.Read(asked.Body) : asked.ReadBody();
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
