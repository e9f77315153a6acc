using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Stepper.Cluster.Kubernetes.Authentication;

/// <summary>Whether who answers is the API server that was meant. TLS is verified always; what speaks against a certificate is said whole.</summary>
/// <param name="authority">The only authorities that are believed; null: those of this machine.</param>
internal sealed class ServerTrust(X509Certificate2Collection? authority)
{
    /// <exception cref="ServerCertificateException">It is not.</exception>
    public bool Check(object connection, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None || (errors == SslPolicyErrors.RemoteCertificateChainErrors && EndsAtAuthority(chain!)))
        {
            return true;
        }

        if (certificate is not X509Certificate2 shown)
        {
            return false;
        }

        var host = (connection as SslStream)?.TargetHostName ?? "";
        throw new ServerCertificateException(
            $"the certificate that {host} shows is not believed: {string.Join("; ", Reasons(host, chain, errors).Distinct(StringComparer.Ordinal))}. "
            + $"It is {shown.Subject}, issued by {shown.Issuer}, for {Names(shown)}, valid from {shown.NotBefore.ToUniversalTime():u} to {shown.NotAfter.ToUniversalTime():u}");
    }

    // An authority that is itself signed by another one is as good as a root here, as it is for kubectl. All that is below it has been verified.
    private bool EndsAtAuthority(X509Chain chain) =>
        authority is not null
        && chain.ChainStatus.All(problem => problem.Status == X509ChainStatusFlags.PartialChain)
        && authority.Any(trusted => trusted.RawDataMemory.Span.SequenceEqual(chain.ChainElements[^1].Certificate.RawDataMemory.Span));

    private static IEnumerable<string> Reasons(string host, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            yield return $"it is not for {host} (if it is the right server, name one of its names as tls-server-name in the kubeconfig)";
        }

        foreach (var problem in chain?.ChainStatus ?? [])
        {
            yield return problem.Status switch
            {
                X509ChainStatusFlags.NotTimeValid => "it, or one that signed it, has expired or is not valid yet (by this machine's clock; on the control plane: kubeadm certs check-expiration)",
                X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.PartialChain or X509ChainStatusFlags.NotSignatureValid => "no authority that is believed has signed it (compare certificate-authority of the kubeconfig, or the pod's ca.crt)",
                _ => problem.StatusInformation.Trim(),
            };
        }
    }

    private static string Names(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault() is { } names
            ? string.Join(", ", names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => address.ToString())))
            : "no name";
}
