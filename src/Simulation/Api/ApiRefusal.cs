using System.Net;

namespace Stepper.Simulation.Api;

/// <summary>The simulated API server says no, with what a real one would say: the <c>Status</c> object's fields.</summary>
/// <param name="reason"><c>NotFound</c>, <c>Conflict</c>, <c>Invalid</c>, …</param>
public sealed class ApiRefusal(HttpStatusCode code, string reason, string message, params IReadOnlyList<ApiCause> causes) : Exception(message)
{
    public HttpStatusCode Code => code;

    public string Reason => reason;

    public IReadOnlyList<ApiCause> Causes => causes;
}

/// <summary>One of <c>details.causes</c>.</summary>
public sealed record ApiCause(string Reason, string Message, string? Field = null);
