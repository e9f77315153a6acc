namespace Stepper.Cluster;

/// <summary>Where the certificate authorities are that this machine believes, where the runtime does not read them by itself.</summary>
/// <remarks>
/// With its first TLS connection of whatever kind the runtime reads all that <c>SSL_CERT_FILE</c> and <c>SSL_CERT_DIR</c> name, also for a server of which they
/// are not believed, such as the API server: a third of the time that a step takes to its first call. So in the image both name nothing, and the authorities are
/// read here, by whoever is to believe them. Where somebody has the variables name something, or nothing is set, the runtime is left to it.
/// </remarks>
public static class MachineAuthorities
{
    private const string Nothing = "/dev/null";

    private const string InImage = "/etc/ssl/certs/ca-certificates.crt";

    /// <returns>A file of certificates; null where the runtime reads them.</returns>
    public static string? File(Func<string, string?> environment) => environment("SSL_CERT_FILE") == Nothing ? InImage : null;
}
