using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api;

/// <summary><c>v1 Status</c>: what is answered where there is no object to answer.</summary>
internal static class ApiStatus
{
    public static JsonObject Of(ApiRefusal refusal)
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = refusal.Continue is { } token ? new JsonObject { ["continue"] = token } : new JsonObject(),
            ["status"] = "Failure",
            ["message"] = refusal.Message,
        };
        if (refusal.Reason.Length > 0)
        {
            status["reason"] = refusal.Reason;
        }

        if (Details(refusal.Details, refusal.Causes) is { } details)
        {
            status["details"] = details;
        }

        status["code"] = (int)refusal.Code;
        return status;
    }

    public static JsonObject Success(ApiDetails? details, int code = 0)
    {
        var status = new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success" };
        if (Details(details, []) is { } about)
        {
            status["details"] = about;
        }

        if (code > 0)
        {
            status["code"] = code;
        }

        return status;
    }

    private static JsonObject? Details(ApiDetails? about, IReadOnlyList<ApiCause> causes)
    {
        if (about is null && causes.Count == 0)
        {
            return null;
        }

        var details = new JsonObject();
        Put("name", about?.Name);
        Put("group", about?.Group);
        Put("kind", about?.Kind);
        Put("uid", about?.Uid);
        if (causes.Count > 0)
        {
            details["causes"] = new JsonArray([.. causes.Select(Cause)]);
        }

        if (about?.RetryAfterSeconds > 0)
        {
            details["retryAfterSeconds"] = about.RetryAfterSeconds;
        }

        return details;

        void Put(string key, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                details[key] = value;
            }
        }
    }

    private static JsonNode Cause(ApiCause cause)
    {
        var made = new JsonObject();
        if (cause.Reason.Length > 0)
        {
            made["reason"] = cause.Reason;
        }

        made["message"] = cause.Message;
        if (cause.Field is { } field)
        {
            made["field"] = field;
        }

        return made;
    }
}
