using System.Net;

namespace Stepper.Cluster.Kubernetes.Authentication;

/// <summary>The environment's proxies, as what opens connections asks for them. A name and password in a proxy's address are for that proxy alone.</summary>
internal sealed class EnvironmentProxies : IWebProxy, System.Net.ICredentials
{
    private readonly Func<string, string?> _environment;

    /// <exception cref="KubeConfigException">What is named is no proxy.</exception>
    public EnvironmentProxies(Func<string, string?> environment)
    {
        _environment = environment;
        _ = EnvironmentProxy.Of(Uri.UriSchemeHttp, environment);
        _ = EnvironmentProxy.Of(Uri.UriSchemeHttps, environment);
    }

    public System.Net.ICredentials? Credentials
    {
        get => this;
        set => throw new NotSupportedException();
    }

    public Uri? GetProxy(Uri destination) => EnvironmentProxy.For(destination, _environment);

    public bool IsBypassed(Uri host) => GetProxy(host) is null;

    public NetworkCredential? GetCredential(Uri uri, string authType) => ApiSockets.CredentialsIn(uri);
}
