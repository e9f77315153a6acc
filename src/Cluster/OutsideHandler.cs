using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Stepper.Cluster.Kubernetes.Authentication;

namespace Stepper.Cluster;

/// <summary>
/// The real network, as one handler: what goes to the API server goes authenticated, and by its own certificate authority; all else plainly, through the
/// environment's proxies, with one more authority if the operator has one. TLS is verified either way.
/// </summary>
public sealed class OutsideHandler : HttpMessageHandler
{
    private const string Machine = "this machine's certificate authorities";

    private readonly Uri _apiServer;
    private readonly HttpMessageInvoker _api;
    private readonly HttpMessageInvoker _others;

    /// <param name="caFile">Certificates to be believed besides this machine's own: the setting <c>caFile</c>. Null for none.</param>
    /// <param name="environment">The value of a variable; null where there is none.</param>
    /// <exception cref="KubeConfigException">There are no certificates in that file, or what the environment names is no proxy.</exception>
    public OutsideHandler(KubeConnection api, string? caFile, Func<string, string?> environment)
        : this(api, caFile, environment, MachineAuthorities.File(environment))
    {
    }

    /// <param name="ownFile"><see cref="MachineAuthorities.File"/>.</param>
    internal OutsideHandler(KubeConnection api, string? caFile, Func<string, string?> environment, string? ownFile)
    {
        _apiServer = api.Address;
        _api = new HttpMessageInvoker(api.Handler);
        _others = new HttpMessageInvoker(Plain(caFile, environment, ownFile));
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        (IsForApiServer(request.RequestUri!) ? _api : _others).SendAsync(request, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _api.Dispose();
            _others.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool IsForApiServer(Uri address) =>
        Uri.Compare(address, _apiServer, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;

    /// <summary>The way to everything but the API server.</summary>
    /// <exception cref="KubeConfigException">There are no certificates in the file, or what the environment names is no proxy.</exception>
    public static HttpMessageHandler Plain(string? caFile, Func<string, string?> environment) => Plain(caFile, environment, MachineAuthorities.File(environment));

    private static HttpMessageHandler Plain(string? caFile, Func<string, string?> environment, string? ownFile)
    {
        var handler = new SocketsHttpHandler
        {
            Proxy = new EnvironmentProxies(environment),
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Deflate,
            // Where a redirect leads is for the caller to see: a push that is led to a sign-in page was not taken, though that page answers 200.
            AllowAutoRedirect = false,
            UseCookies = false,
        };
        List<Lazy<X509Certificate2Collection>> authorities = [];
        if (caFile is not null)
        {
            var extra = Certificates.Authority(Read(caFile, "setting caFile"), $"setting caFile, {caFile}");
            authorities.Add(new(extra));
        }

        if (ownFile is not null)
        {
            authorities.Add(new(() => Certificates.Authority(Read(ownFile, Machine), $"{Machine}, {ownFile}")));
            // By itself the runtime believes nobody then, and it is not to ask the network for authorities before these are looked at.
            handler.SslOptions.CertificateChainPolicy = ApiSockets.Policy([]);
            handler.SslOptions.CertificateChainPolicy.DisableCertificateDownloads = true;
        }

        if (authorities.Count > 0)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                errors == SslPolicyErrors.None || (errors == SslPolicyErrors.RemoteCertificateChainErrors && authorities.Exists(each => IsFrom(each.Value, certificate, chain)));
        }

        return handler;
    }

    // Its name was found good before; only the chain is looked at again.
    private static bool IsFrom(X509Certificate2Collection authority, X509Certificate? certificate, X509Chain? sent)
    {
        using var chain = new X509Chain { ChainPolicy = ApiSockets.Policy(authority) };
        chain.ChainPolicy.ApplicationPolicy.Add(ApiSockets.ServerAuthentication);
        foreach (var element in sent?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return certificate is X509Certificate2 leaf && chain.Build(leaf);
    }

    private static string Read(string path, string what)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KubeConfigException($"{what}: {path} can't be read: {e.Message}", e);
        }
    }
}
