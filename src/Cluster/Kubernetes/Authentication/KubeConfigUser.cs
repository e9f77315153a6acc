using System.Text.Json.Nodes;

namespace Stepper.Cluster.Kubernetes.Authentication;

/// <summary>How a user of a kubeconfig says who they are.</summary>
/// <param name="environment">Where a plugin is looked for: its <c>PATH</c>.</param>
internal sealed class KubeConfigUser(KubeConfigEntry user, Func<string, string?> environment, TimeProvider time)
{
    private static readonly string[] PluginVersions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];

    /// <param name="cluster">What a plugin may be told of the cluster.</param>
    public ICredentials Credentials(Func<JsonObject> cluster)
    {
        foreach (var unsupported in new[] { "username", "password", "as", "as-uid" })
        {
            if (user.Text(unsupported) is not null)
            {
                throw user.Wrong($"{unsupported} is not supported; a token, a client certificate or an exec plugin is");
            }
        }

        if (user.Part("auth-provider") is not null)
        {
            throw user.Wrong("auth-provider is not supported, as in kubectl itself; use the cloud's exec plugin");
        }

        var certificate = Certificate();
        if (user.Part("exec") is { } exec)
        {
            return new ExecPlugin(Command(exec, cluster), certificate, user.Where, time);
        }

        return user.Text("tokenFile") is { } file
            ? new TokenFile(user.Resolved(file), certificate, user.Where, time)
            : new FixedCredentials(Credential.Of(user.Text("token"), certificate, user.Where));
    }

    private ClientCertificate? Certificate() => (user.Content("client-certificate"), user.Content("client-key")) switch
    {
        (null, null) => null,
        ({ } certificate, { } key) => Certificates.Client(certificate, key, user.Where),
        (null, _) => throw user.Wrong("there is a client-key, and no client-certificate"),
        _ => throw user.Wrong("there is a client-certificate, and no client-key"),
    };

    private ExecCommand Command(KubeConfigEntry exec, Func<JsonObject> cluster)
    {
        var version = exec.Required("apiVersion");
        if (!PluginVersions.Contains(version, StringComparer.Ordinal))
        {
            throw user.Wrong($"its exec plugin speaks {version}; known are {string.Join(" and ", PluginVersions)}");
        }

        if (exec.Text("interactiveMode") == "Always")
        {
            throw user.Wrong("its exec plugin wants to ask somebody (interactiveMode: Always), and nobody is there");
        }

        var program = exec.Required("command");
        return new ExecCommand(
            version,
            program.Contains('/', StringComparison.Ordinal) ? user.Resolved(program) : InPath(program) ?? throw user.Wrong($"its exec plugin {program} is not in PATH. {exec.Text("installHint")}".TrimEnd()),
            exec.Texts("args"),
            exec.Pairs("env"),
            exec.IsTrue("provideClusterInfo") ? cluster() : null,
            exec.Text("installHint"));
    }

    // Not left to the runtime: that would take one from the current directory first.
    private string? InPath(string program) =>
        (environment("PATH") ?? "/usr/local/bin:/usr/bin:/bin").Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Where(Path.IsPathRooted).Select(directory => Path.Combine(directory, program)).FirstOrDefault(File.Exists);
}
