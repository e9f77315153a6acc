using System.Net;
using System.Net.Http.Headers;

namespace Stepper.Cluster.Kubernetes.Authentication;

/// <summary>Says who we are with each request, and once more with new credentials when the API server did not want the ones it got.</summary>
/// <param name="serverName">The name that the server's certificate must bear; null: the one in its address.</param>
internal sealed class AuthenticatingHandler(ICredentials credentials, HttpMessageHandler inner, string? serverName = null) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // One connection for everything, watches included.
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        // By this name the handler below asks for a certificate and checks it; a TargetHost among its TLS options is overwritten. The API server does not care.
        request.Headers.Host = serverName;
        var response = await SendOnceAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Unauthorized && credentials.Renew())
        {
            response.Dispose();
            response = await SendOnceAsync(request, cancellationToken);
        }

        return response;
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken ct)
    {
        var credential = await credentials.CurrentAsync(ct);
        request.Headers.Authorization = credential.Token is { } token ? new AuthenticationHeaderValue("Bearer", token) : null;
        return await base.SendAsync(request, ct);
    }
}
