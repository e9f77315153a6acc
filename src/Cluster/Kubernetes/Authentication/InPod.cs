using System.Globalization;

namespace Stepper.Cluster.Kubernetes.Authentication;

/// <summary>The cluster of the pod that this runs in: its service account's files, and the address in its environment.</summary>
internal static class InPod
{
    /// <summary>Where the kubelet puts a service account's token, certificate authority and namespace.</summary>
    public const string ServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>Null when this is no pod, or one without a service account.</summary>
    /// <param name="directory">See <see cref="ServiceAccount"/>.</param>
    public static KubeConnection? Find(Func<string, string?> environment, string directory, TimeProvider time)
    {
        var token = Path.Combine(directory, "token");
        if (environment("KUBERNETES_SERVICE_HOST") is not { Length: > 0 } host || !File.Exists(token))
        {
            return null;
        }

        var port = int.TryParse(environment("KUBERNETES_SERVICE_PORT"), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : 443;
        var where = $"the pod's service account ({directory})";
        var authority = Certificates.Authority(ReadFile(Path.Combine(directory, "ca.crt"), where), where);
        var space = Path.Combine(directory, "namespace");
        return new KubeConnection(
            new UriBuilder(Uri.UriSchemeHttps, host, port).Uri,
            new AuthenticatingHandler(new TokenFile(token, where, time), ApiSockets.Trusting(authority)),
            File.Exists(space) ? File.ReadAllText(space).Trim() : "default",
            where);
    }

    private static string ReadFile(string path, string where)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KubeConfigException($"{where}: {path} can't be read: {e.Message}", e);
        }
    }
}
