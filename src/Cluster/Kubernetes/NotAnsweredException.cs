namespace Stepper.Cluster.Kubernetes;

/// <summary>One attempt got no answer that counts: the server is away, busy, or something else answered in its place. It is asked again, so nobody above sees this.</summary>
/// <param name="after">How long the server asks to be left alone; null where it does not say.</param>
internal sealed class NotAnsweredException(string message, TimeSpan? after, Exception? inner = null) : Exception(message, inner)
{
    public TimeSpan? After => after;

    /// <summary>False for a server that answers already, and does not know anybody yet.</summary>
    public bool IsOutage { get; init; } = true;

    /// <summary>Null for what is no outage: the caller has had enough, or asking again can't help.</summary>
    public static NotAnsweredException? From(Exception e, CancellationToken ct) => e switch
    {
        NotAnsweredException known => known,
        _ when ct.IsCancellationRequested => null,
        OperationCanceledException => new($"no answer within {Patience.OneAttempt.TotalSeconds:0} s", null, e),
        // A handshake that is cut is an outage; a certificate that is not believed stays so.
        HttpRequestException or IOException when e.GetBaseException() is not ServerCertificateException => new(e.GetBaseException().Message, null, e),
        _ => null,
    };
}
