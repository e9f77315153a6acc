using System.Globalization;

namespace Stepper.Cluster.Kubernetes.Authentication;

/// <summary>The cluster of the pod that this runs in: its service account's files, and the address in its environment.</summary>
internal static class InPod
{
    /// <summary>Where the kubelet puts a service account's token, certificate authority and namespace.</summary>
    public const string ServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount";

    private const string Host = "KUBERNETES_SERVICE_HOST";

    /// <summary>Null when this is no pod, or one without a service account's token.</summary>
    /// <param name="directory">See <see cref="ServiceAccount"/>.</param>
    public static KubeConnection? Find(Func<string, string?> environment, string directory, TimeProvider time)
    {
        var token = Path.Combine(directory, "token");
        if (environment(Host) is not { Length: > 0 } host || !File.Exists(token))
        {
            return null;
        }

        var port = int.TryParse(environment("KUBERNETES_SERVICE_PORT"), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : 443;
        var where = $"the pod's service account ({directory})";
        var authority = Certificates.Authority(ReadFile(Path.Combine(directory, "ca.crt"), where), where);
        var space = Path.Combine(directory, "namespace");
        return new KubeConnection(
            new UriBuilder(Uri.UriSchemeHttps, host, port).Uri,
            // Never through a proxy: one that the environment names for the world outside does not know the cluster's own network.
            new AuthenticatingHandler(new TokenFile(token, certificate: null, where, time), new ApiSockets(authority, proxy: null), serverName: null),
            File.Exists(space) ? ReadFile(space, where).Trim() : "default",
            where);
    }

    /// <summary>Why this is no pod that can reach its API server.</summary>
    public static string WhyNot(Func<string, string?> environment, string directory) => environment(Host) is { Length: > 0 }
        ? $"this pod has no token of its service account in {directory} (set automountServiceAccountToken: true, and a serviceAccountName that may do the work)"
        : "this is no pod";

    private static string ReadFile(string path, string where)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KubeConfigException($"{where}: {path} can't be read: {e.Message} It comes with the token, in the projected volume that automountServiceAccountToken: true makes", e);
        }
    }
}
