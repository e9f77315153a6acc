namespace Stepper.Cluster.Kubernetes.Authentication;

/// <summary>Who we are to the API server, for now.</summary>
/// <param name="Token">A bearer token; null for none.</param>
/// <param name="Certificate">Null for none.</param>
internal sealed record Credential(string? Token, ClientCertificate? Certificate)
{
    /// <exception cref="KubeConfigException">It is no token: there is a space in it, a second line, or what is no ASCII.</exception>
    public static Credential Of(string? token, ClientCertificate? certificate, string where) => token is null || token.All(letter => letter is > ' ' and <= '~')
        ? new Credential(token, certificate)
        : throw new KubeConfigException($"{where}: what is given as token is none; one line of visible ASCII is needed");
}

/// <summary>Where credentials come from, and again when they have run out.</summary>
internal interface ICredentials
{
    /// <exception cref="SourceException">There are none to be had.</exception>
    Task<Credential> CurrentAsync(CancellationToken ct);

    /// <summary>To be called when the API server did not want these. False when there are no others.</summary>
    bool Renew(Credential refused);
}

/// <summary>Those that never change: a token in a kubeconfig, a certificate, or none at all.</summary>
internal sealed class FixedCredentials(Credential only) : ICredentials
{
    private readonly Task<Credential> _only = Task.FromResult(only);

    public Task<Credential> CurrentAsync(CancellationToken ct) => _only;

    public bool Renew(Credential refused) => false;
}
