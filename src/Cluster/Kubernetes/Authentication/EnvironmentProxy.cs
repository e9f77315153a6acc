using System.Globalization;
using System.Net;

namespace Stepper.Cluster.Kubernetes.Authentication;

/// <summary>
/// The proxy that the environment names for an address: <c>HTTPS_PROXY</c>, <c>HTTP_PROXY</c> and <c>NO_PROXY</c> mean what they mean to kubectl. The runtime's own
/// reading knows neither networks nor ports in <c>NO_PROXY</c>, and a cluster's network is what stands there.
/// </summary>
internal static class EnvironmentProxy
{
    /// <summary>Null: straight to the address.</summary>
    /// <exception cref="KubeConfigException">What is named is no proxy.</exception>
    public static Uri? For(Uri address, Func<string, string?> environment) =>
        IsLocal(address) || IsLeftOut(address, Value("NO_PROXY", environment) ?? "") ? null : Of(address.Scheme, environment);

    /// <summary>The proxy for what is asked by a scheme, whatever is left out; null for none.</summary>
    /// <exception cref="KubeConfigException">What is named is no proxy.</exception>
    public static Uri? Of(string scheme, Func<string, string?> environment)
    {
        var name = scheme == Uri.UriSchemeHttps ? "HTTPS_PROXY" : "HTTP_PROXY";
        if (Value(name, environment) is not { } proxy)
        {
            return null;
        }

        return Address(proxy.Contains("://", StringComparison.Ordinal) ? proxy : "http://" + proxy) ?? throw new KubeConfigException($"{name} is \"{proxy}\"; an address of http, https or socks5 is needed");
    }

    /// <summary>A proxy's address; null where the text is none.</summary>
    public static Uri? Address(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var proxy) && proxy.Scheme is "http" or "https" or "socks5" && proxy.Host.Length > 0 ? proxy : null;

    private static string? Value(string name, Func<string, string?> environment) =>
        environment(name) is { Length: > 0 } upper ? upper : environment(name.ToLowerInvariant()) is { Length: > 0 } lower ? lower : null;

    private static bool IsLocal(Uri address) => address.IdnHost == "localhost" || (IPAddress.TryParse(address.IdnHost, out var ip) && IPAddress.IsLoopback(ip));

    private static bool IsLeftOut(Uri address, string list) =>
        list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Any(entry => Covers(entry, address));

    private static bool Covers(string entry, Uri address)
    {
        if (entry == "*")
        {
            return true;
        }

        if (IPNetwork.TryParse(entry, out var network))
        {
            return IPAddress.TryParse(address.IdnHost, out var member) && network.Contains(member);
        }

        var (host, port) = Split(entry);
        return (port is null || port == address.Port)
            && (IPAddress.TryParse(host, out var one) ? IPAddress.TryParse(address.IdnHost, out var asked) && one.Equals(asked) : IsUnder(host, address.IdnHost));
    }

    // "example.org" is itself and all below it; ".example.org" and "*.example.org" are all below it.
    private static bool IsUnder(string entry, string host)
    {
        var domain = entry.StartsWith('*') ? entry[1..] : entry;
        return domain.StartsWith('.')
            ? host.EndsWith(domain, StringComparison.OrdinalIgnoreCase)
            : host.Equals(domain, StringComparison.OrdinalIgnoreCase) || host.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase);
    }

    private static (string Host, int? Port) Split(string entry)
    {
        var colon = entry.LastIndexOf(':');
        return !IPAddress.TryParse(entry, out _) && colon > 0 && int.TryParse(entry.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? (entry[..colon], port)
            : (entry, null);
    }
}
