using System.Net.Http.Headers;
using System.Text;

namespace Stepper.Cluster;

/// <summary>
/// Where a service outside is, as a setting says it: perhaps under a path, perhaps with a name and password. Those go as Basic authentication, and stand in no text.
/// </summary>
public sealed class ServiceAddress
{
    private readonly string _url;
    private readonly AuthenticationHeaderValue? _login;

    public ServiceAddress(Uri url)
    {
        _url = url.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped);
        _login = url.UserInfo.Length == 0
            ? null
            : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(url.UserInfo))));
        Shown = url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/');
        Host = url.Host;
    }

    /// <summary>Without a name, a password or a query: what may be shown of an address whose path is no secret.</summary>
    public string Shown { get; }

    /// <summary>What may be shown of one whose path is.</summary>
    public string Host { get; }

    /// <param name="path">Begins with a slash.</param>
    internal HttpRequestMessage Request(HttpMethod method, string path) => Of(method, Shown + path);

    /// <summary>To the very address.</summary>
    internal HttpRequestMessage Request(HttpMethod method) => Of(method, _url);

    private HttpRequestMessage Of(HttpMethod method, string url)
    {
        var request = new HttpRequestMessage(method, url);
        request.Headers.Authorization = _login;
        return request;
    }
}
