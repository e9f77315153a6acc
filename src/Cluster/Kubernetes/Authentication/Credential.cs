using System.Security.Cryptography.X509Certificates;

namespace Stepper.Cluster.Kubernetes.Authentication;

/// <summary>Who we are to the API server, for now.</summary>
/// <param name="Token">A bearer token; null for none.</param>
/// <param name="Certificate">With its private key; null for none.</param>
internal sealed record Credential(string? Token, X509Certificate2? Certificate);

/// <summary>Where credentials come from, and again when they have run out.</summary>
internal interface ICredentials
{
    /// <exception cref="SourceException">There are none to be had.</exception>
    Task<Credential> CurrentAsync(CancellationToken ct);

    /// <summary>To be called when the API server did not want them. False when there are no others.</summary>
    bool Renew();
}

/// <summary>Those that never change: a token in a kubeconfig, a certificate, or none at all.</summary>
internal sealed class FixedCredentials(string? token) : ICredentials
{
    public Task<Credential> CurrentAsync(CancellationToken ct) => Task.FromResult(new Credential(token, null));

    public bool Renew() => false;
}
