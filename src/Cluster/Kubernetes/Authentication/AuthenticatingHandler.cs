using System.Net;
using System.Net.Http.Headers;

namespace Stepper.Cluster.Kubernetes.Authentication;

/// <summary>Says who we are with each request, and once more with new credentials when the API server did not want the ones it got.</summary>
/// <param name="serverName">The name that the server's certificate must bear; null: the one in its address.</param>
internal sealed class AuthenticatingHandler(ICredentials credentials, ApiSockets sockets, string? serverName) : HttpMessageHandler
{
    private readonly Lock _lock = new();
    private HttpMessageInvoker? _connections;
    private ClientCertificate? _shown;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // One connection for everything, watches included.
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        // By this name the handler below asks for a certificate and checks it; a TargetHost among its TLS options is overwritten. The API server does not care.
        request.Headers.Host = serverName;
        var credential = await credentials.CurrentAsync(cancellationToken);
        var response = await SendAsAsync(credential, request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Unauthorized && credentials.Renew(credential))
        {
            response.Dispose();
            response = await SendAsAsync(await credentials.CurrentAsync(cancellationToken), request, cancellationToken);
        }

        return response;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _connections?.Dispose();
        }

        base.Dispose(disposing);
    }

    private Task<HttpResponseMessage> SendAsAsync(Credential credential, HttpRequestMessage request, CancellationToken ct)
    {
        request.Headers.Authorization = credential.Token is { } token ? new AuthenticationHeaderValue("Bearer", token) : null;
        return ConnectionsOf(credential.Certificate).SendAsync(request, ct);
    }

    // A certificate is shown when a connection begins, so another one needs other connections. The old ones end by themselves: a watch may still be read from one.
    private HttpMessageInvoker ConnectionsOf(ClientCertificate? certificate)
    {
        lock (_lock)
        {
            if (_connections is null || !ReferenceEquals(certificate, _shown))
            {
                _connections = new HttpMessageInvoker(sockets.Open(certificate));
                _shown = certificate;
            }

            return _connections;
        }
    }
}
