using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Stepper.Cluster.Tests.Kubernetes.Authentication;

/// <summary>A certificate authority of our own.</summary>
internal sealed class Pki
{
    private const string ForServers = "1.3.6.1.5.5.7.3.1";
    private const string ForClients = "1.3.6.1.5.5.7.3.2";

    private static readonly DateTimeOffset From = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset To = new(2120, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly X509Certificate2 _authority;
    private int _serial;

    /// <param name="above">The authority that signs this one; null: itself.</param>
    public Pki(string name, Pki? above = null)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _authority = above is null ? request.CreateSelfSigned(From, To) : request.Create(above._authority, From, To, [1, (byte)++above._serial]).CopyWithPrivateKey(key);
    }

    public string AuthorityPem => _authority.ExportCertificatePem();

    public X509Certificate2 Server(params string[] names) => Server(To, names);

    /// <param name="to">Until when it is valid.</param>
    public X509Certificate2 Server(DateTimeOffset to, params string[] names)
    {
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                alternatives.AddIpAddress(address);
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var whole = Issue(new CertificateRequest("CN=server", key, HashAlgorithmName.SHA256), ForServers, to, alternatives.Build()).CopyWithPrivateKey(key);
        // A key that lives in a file: Kestrel wants one of that kind on some systems.
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }

    public (string Certificate, string Key) ClientPem(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return (ClientPem(name, key), key.ExportPkcs8PrivateKeyPem());
    }

    public string ClientPem(string name, ECDsa key) => Issue(new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256), ForClients, To, null).ExportCertificatePem();

    public string ClientPem(string name, RSA key) =>
        Issue(new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), ForClients, To, null).ExportCertificatePem();

    private X509Certificate2 Issue(CertificateRequest request, string use, DateTimeOffset to, X509Extension? more)
    {
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], false));
        if (more is not null)
        {
            request.CertificateExtensions.Add(more);
        }

        using var authorityKey = _authority.GetECDsaPrivateKey()!;
        return request.Create(_authority.SubjectName, X509SignatureGenerator.CreateForECDsa(authorityKey), From, to, BitConverter.GetBytes(++_serial));
    }
}
