using System.Net;

namespace Stepper.Simulation.Api;

/// <summary>The simulated API server says no, with what a real one would say: the <c>Status</c> object's fields.</summary>
/// <param name="reason"><c>NotFound</c>, <c>Conflict</c>, <c>Invalid</c>, … Empty where the real one gives none.</param>
public sealed class ApiRefusal(HttpStatusCode code, string reason, string message, params IReadOnlyList<ApiCause> causes) : Exception(message)
{
    public HttpStatusCode Code => code;

    public string Reason => reason;

    public IReadOnlyList<ApiCause> Causes => causes;

    /// <summary><c>details</c> apart from the causes; null where the real one gives none.</summary>
    public ApiDetails? Details { get; init; }

    /// <summary><c>metadata.continue</c>: from where a list that is too old may go on all the same.</summary>
    public string? Continue { get; init; }

    public static ApiRefusal NotFound(ResourceKind kind, string name) =>
        new(HttpStatusCode.NotFound, "NotFound", $"{kind} \"{name}\" not found") { Details = Of(kind, name) };

    /// <param name="isEnding">The one that is there is being deleted.</param>
    public static ApiRefusal AlreadyExists(ResourceKind kind, string name, bool isEnding = false) =>
        new(HttpStatusCode.Conflict, "AlreadyExists", $"{(isEnding ? "object is being deleted: " : "")}{kind} \"{name}\" already exists") { Details = Of(kind, name) };

    /// <summary>The object is not the one that was meant.</summary>
    /// <param name="why">Such as <c>the UID in the precondition (…) does not match …</c>.</param>
    public static ApiRefusal NotTheOne(ResourceKind kind, string name, string why) =>
        new(HttpStatusCode.Conflict, "Conflict", $"Operation cannot be fulfilled on {Qualified(kind)} \"{name}\": {why}") { Details = new ApiDetails(name, kind.Group, kind.Kind) };

    /// <summary>The options of a request are wrong.</summary>
    /// <param name="options">As <c>PatchOptions</c>.</param>
    public static ApiRefusal BadOptions(string options, ApiCause cause) =>
        new(HttpStatusCode.UnprocessableEntity, "Invalid", $"{options}.meta.k8s.io \"\" is invalid: {cause.Field}: {cause.Message}", cause)
        {
            Details = new ApiDetails(Group: "meta.k8s.io", Kind: options),
        };

    /// <param name="why">Such as <c>the object has been modified; …</c>.</param>
    public static ApiRefusal Conflict(ResourceKind kind, string name, string why) =>
        new(HttpStatusCode.Conflict, "Conflict", $"Operation cannot be fulfilled on {kind} \"{name}\": {why}") { Details = Of(kind, name) };

    public static ApiRefusal Forbidden(ResourceKind kind, string name, string why, params IReadOnlyList<ApiCause> causes) =>
        new(HttpStatusCode.Forbidden, "Forbidden", $"{kind}{(name.Length == 0 ? "" : $" \"{name}\"")} is forbidden: {why}", causes) { Details = Of(kind, name) };

    public static ApiRefusal BadRequest(string message) => new(HttpStatusCode.BadRequest, "BadRequest", message);

    /// <summary>The address has nothing behind it.</summary>
    public static ApiRefusal NoSuchPath() => new(HttpStatusCode.NotFound, "NotFound", "the server could not find the requested resource") { Details = new ApiDetails() };

    public static ApiRefusal MethodNotAllowed() =>
        new(HttpStatusCode.MethodNotAllowed, "MethodNotAllowed", "the server does not allow this method on the requested resource") { Details = new ApiDetails() };

    /// <param name="causes">At least one, each with a field.</param>
    public static ApiRefusal Invalid(ResourceKind kind, string name, params IReadOnlyList<ApiCause> causes)
    {
        var all = causes.Select(cause => $"{cause.Field}: {cause.Message}").Distinct(StringComparer.Ordinal).ToList();
        var said = all.Count == 1 ? all[0] : $"[{string.Join(", ", all)}]";
        return new(HttpStatusCode.UnprocessableEntity, "Invalid", $"{Qualified(kind)} \"{name}\" is invalid: {said}", causes)
        {
            Details = new ApiDetails(name, kind.Group, kind.Kind),
        };
    }

    private static string Qualified(ResourceKind kind) => kind.Group.Length == 0 ? kind.Kind : $"{kind.Kind}.{kind.Group}";

    private static ApiDetails Of(ResourceKind kind, string name) => new(name, kind.Group, kind.Plural);
}

/// <summary>One of <c>details.causes</c>.</summary>
public sealed record ApiCause(string Reason, string Message, string? Field = null);

/// <summary><c>details</c> of a <c>Status</c>: what it is about. What is empty is left out.</summary>
public sealed record ApiDetails(string Name = "", string Group = "", string Kind = "", string Uid = "", int RetryAfterSeconds = 0);
