using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Stepper.Cluster.Kubernetes.Authentication;

/// <summary>How a kubeconfig wants its plugin to be run.</summary>
/// <param name="Cluster">What a plugin is told of the cluster, where it wants that; else null.</param>
/// <param name="Hint">What to do where the program is missing; null for nothing.</param>
internal sealed record ExecCommand(
    string ApiVersion, string Program, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment, JsonObject? Cluster, string? Hint);

/// <summary>
/// Credentials from a program that prints them (<c>client.authentication.k8s.io</c>): asked at the first request, when they have run out, and when the
/// API server refuses them. Nobody is there to answer a question, and the program is told so.
/// </summary>
/// <param name="certificate">Shown where the program answers none; null for none.</param>
/// <param name="where">For a message: who names this program.</param>
internal sealed class ExecPlugin(ExecCommand command, ClientCertificate? certificate, string where, TimeProvider time) : ICredentials
{
    private static readonly TimeSpan AtMost = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private Task<(Credential Credential, DateTimeOffset Expires)>? _asking;

    public async Task<Credential> CurrentAsync(CancellationToken ct)
    {
        Task<(Credential Credential, DateTimeOffset Expires)> asking;
        lock (_lock)
        {
            if (_asking is null or { IsFaulted: true } or { IsCanceled: true } || (_asking.IsCompleted && time.GetUtcNow() >= _asking.Result.Expires))
            {
                // Not cancelled with the request that happened to ask first: others wait for it too.
                _asking = AskAsync();
            }

            asking = _asking;
        }

        return (await asking.WaitAsync(ct)).Credential;
    }

    public bool Renew(Credential refused)
    {
        lock (_lock)
        {
            // Others that were refused beside this one may have asked for new ones already.
            if (_asking is { IsCompletedSuccessfully: true } && ReferenceEquals(_asking.Result.Credential, refused))
            {
                _asking = null;
            }
        }

        return true;
    }

    private async Task<(Credential Credential, DateTimeOffset Expires)> AskAsync()
    {
        var start = new ProcessStartInfo(command.Program, command.Arguments);
        // The image's way to keep this program's own runtime from reading all authorities; a plugin would believe nobody.
        foreach (var name in new[] { "SSL_CERT_FILE", "SSL_CERT_DIR" }.Where(name => start.Environment.TryGetValue(name, out var path) && path == "/dev/null"))
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["KUBERNETES_EXEC_INFO"] = Info().ToJsonString();
        try
        {
            using var limit = new CancellationTokenSource(AtMost, time);
            var exit = await ChildProcess.RunAsync(start, null, limit.Token);
            return exit.ExitCode == 0 ? Read(exit.Output) : throw Failed($"ended with {exit.ExitCode}: {KubeAnswer.Start(exit.Error.Trim())}");
        }
        catch (Win32Exception e)
        {
            throw Failed($"can't be started: {e.Message}. {command.Hint}".TrimEnd(), e);
        }
        catch (OperationCanceledException e)
        {
            throw Failed($"did not end within {AtMost.TotalSeconds:0} s", e);
        }
    }

    private JsonObject Info()
    {
        var spec = new JsonObject { ["interactive"] = false };
        if (command.Cluster is not null)
        {
            spec["cluster"] = command.Cluster.DeepClone();
        }

        return new JsonObject { ["apiVersion"] = command.ApiVersion, ["kind"] = "ExecCredential", ["spec"] = spec };
    }

    private (Credential Credential, DateTimeOffset Expires) Read(byte[] output)
    {
        try
        {
            var answer = JsonNode.Parse(output);
            if ((string?)answer?["apiVersion"] != command.ApiVersion || answer["status"] is not JsonObject status)
            {
                throw Failed($"answered no ExecCredential of {command.ApiVersion} with a status");
            }

            var token = (string?)status["token"];
            var answered = (string?)status["clientCertificateData"] is { Length: > 0 } pem
                ? Certificates.Client(pem, (string?)status["clientKeyData"] ?? "", where)
                : null;
            if (string.IsNullOrEmpty(token) && answered is null)
            {
                throw Failed("answered neither a token nor a client certificate");
            }

            return (Credential.Of(string.IsNullOrEmpty(token) ? null : token, answered ?? certificate, where), Expiry((string?)status["expirationTimestamp"]));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // What it printed is not shown: there may be a token in it.
            throw Failed("answered what is no ExecCredential", e);
        }
    }

    private static DateTimeOffset Expiry(string? timestamp) =>
        timestamp is null ? DateTimeOffset.MaxValue : DateTimeOffset.Parse(timestamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private KubeConfigException Failed(string how, Exception? cause = null) => new($"{where}: the program {command.Program} {how}", cause);
}
