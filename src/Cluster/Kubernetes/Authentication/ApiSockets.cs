using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Stepper.Cluster.Kubernetes.Authentication;

/// <summary>The connections to an API server, and how new ones are made.</summary>
/// <param name="authority">The only authorities that are believed; null: those of this machine.</param>
/// <param name="proxy">Null: straight to the server, always.</param>
internal sealed class ApiSockets(X509Certificate2Collection? authority, Uri? proxy)
{
    /// <summary>What a server's certificate must be for.</summary>
    internal static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <param name="client">Null: who we are is not said by a certificate.</param>
    public SocketsHttpHandler Open(ClientCertificate? client)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout,
            // A load balancer, and a certificate that was renewed, are looked at again.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            EnableMultipleHttp2Connections = true,
            AutomaticDecompression = DecompressionMethods.GZip,
            // A token is for the server that was named, and for no other that it names.
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = proxy is not null,
            Proxy = proxy is null ? null : new WebProxy(proxy) { Credentials = CredentialsIn(proxy) },
        };
        handler.SslOptions.CertificateChainPolicy = authority is null ? null : Policy(authority);
        handler.SslOptions.RemoteCertificateValidationCallback = new ServerTrust(authority).Check;
        if (client is not null)
        {
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(client.Leaf, client.Chain, offline: true);
        }

        return handler;
    }

    /// <summary>The name and password in an address; null where there are none.</summary>
    internal static NetworkCredential? CredentialsIn(Uri address) =>
        address.UserInfo.Split(':', 2) is [{ Length: > 0 } user, var password] ? new NetworkCredential(Uri.UnescapeDataString(user), Uri.UnescapeDataString(password)) : null;

    internal static X509ChainPolicy Policy(X509Certificate2Collection authority)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authority);
        return policy;
    }
}
