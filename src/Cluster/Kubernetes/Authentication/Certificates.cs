using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Stepper.Cluster.Kubernetes.Authentication;

/// <summary>Certificates as PEM. What is wrong with them is said with whose they are.</summary>
internal static class Certificates
{
    /// <summary>One or more certificates of authorities.</summary>
    public static X509Certificate2Collection Authority(string pem, string whose)
    {
        var authority = new X509Certificate2Collection();
        Read(() => authority.ImportFromPem(pem), "certificate authority", whose);
        return authority.Count > 0 ? authority : throw new KubeConfigException($"{whose}: there is no PEM certificate in the certificate authority");
    }

    /// <summary>A certificate with its key, and the rest of its chain if that is given too.</summary>
    public static ClientCertificate Client(string certificatePem, string keyPem, string whose)
    {
        var chain = new X509Certificate2Collection();
        X509Certificate2? leaf = null;
        Read(
            () =>
            {
                leaf = X509Certificate2.CreateFromPem(certificatePem, keyPem);
                chain.ImportFromPem(certificatePem);
            },
            "client certificate, or its key,",
            whose);
        return new ClientCertificate(leaf!, chain);
    }

    private static void Read(Action read, string what, string whose)
    {
        try
        {
            read();
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new KubeConfigException($"{whose}: the {what} can't be read: {e.Message}", e);
        }
    }
}
