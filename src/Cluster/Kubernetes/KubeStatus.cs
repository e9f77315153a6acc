using System.Net;

namespace Stepper.Cluster.Kubernetes;

/// <summary><c>v1 Status</c>: what the API server answers instead of an object when it refuses.</summary>
public sealed record KubeStatus
{
    /// <summary><c>NotFound</c>, <c>AlreadyExists</c>, <c>Conflict</c>, <c>TooManyRequests</c>, <c>Invalid</c>, <c>Forbidden</c>, <c>Expired</c>, …</summary>
    public string? Reason { get; set; }

    public string? Message { get; set; }

    public int? Code { get; set; }

    public KubeStatusDetails? Details { get; set; }
}

public sealed record KubeStatusDetails
{
    /// <summary>Of the object that it is about; null where it is about none.</summary>
    public string? Name { get; set; }

    /// <summary>As in an address: <c>configmaps</c>. Of some refusals the kind itself: <c>ConfigMap</c>.</summary>
    public string? Kind { get; set; }

    public IReadOnlyList<KubeStatusCause>? Causes { get; set; }

    public int? RetryAfterSeconds { get; set; }
}

public sealed record KubeStatusCause
{
    /// <summary><c>DisruptionBudget</c> for an eviction that a budget refuses.</summary>
    public string? Reason { get; set; }

    public string? Message { get; set; }
}

/// <summary>The API server understood and refused.</summary>
public sealed class KubeRefusedException(string message, HttpStatusCode code, KubeStatus? status) : SourceException(message)
{
    public HttpStatusCode Code => code;

    /// <summary>Null when the answer had no <c>Status</c> in it: a proxy's, perhaps.</summary>
    public KubeStatus? Status => status;

    /// <summary>The object has changed since the resourceVersion that the request named.</summary>
    public bool IsConflict => code == HttpStatusCode.Conflict && status?.Reason is not "AlreadyExists";
}
