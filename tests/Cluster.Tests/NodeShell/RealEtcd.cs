using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Stepper.Cluster.NodeShell;

namespace Stepper.Cluster.Tests.NodeShell;

/// <summary>
/// A real etcd with TLS, one member, as a process; its manifest, and a <c>crictl</c> that runs here what is asked to run in its container. Debian's etcdctl
/// reads snapshots itself, as that of 3.5 does; there is no etcdutl.
/// </summary>
public sealed class RealEtcd : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("stepper-etcd-");
    private Process? _etcd;
    private int _port;

    public string Missing { get; private set; } = "";

    internal NodeCommands Commands => new(PathOf("state"), PathOf("manifests"));

    public string PathOf(string name) => Path.Combine(_directory.FullName, name);

    public void Stands(string name, string script) => Stand.In(PathOf("bin"), name, script);

    public void StandsNoMore(string name) => File.Delete(PathOf("bin/" + name));

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists("/usr/bin/etcd") || !File.Exists("/usr/bin/etcdctl"))
        {
            Missing = "etcd-server and etcd-client are not installed";
            return;
        }

        Directory.CreateDirectory(PathOf("bin"));
        Directory.CreateDirectory(PathOf("manifests"));
        WriteCertificates();
        Stands("sudo", "[ \"$1\" = -n ] && shift && exec \"$@\"");
        Stands("crictl", "[ \"$1\" != ps ] || { echo 0c2b7e; exit; }\nshift 2\n\"$@\" || { echo 'time=\"2026-11-22T16:49:07Z\" level=fatal msg=\"execing command in container\"' >&2; exit 1; }");
        var peer = FreePort();
        _port = FreePort();
        string[] flags =
        [
            "--name=k8s-master", $"--data-dir={PathOf("data")}", $"--listen-client-urls=https://127.0.0.1:{_port}", $"--advertise-client-urls=https://127.0.0.1:{_port}",
            $"--listen-peer-urls=http://127.0.0.1:{peer}", $"--initial-advertise-peer-urls=http://127.0.0.1:{peer}", $"--initial-cluster=k8s-master=http://127.0.0.1:{peer}",
            "--client-cert-auth=true", $"--trusted-ca-file={PathOf("ca.crt")}", $"--cert-file={PathOf("server.crt")}", $"--key-file={PathOf("server.key")}", "--log-level=error",
        ];
        await File.WriteAllTextAsync(PathOf("manifests/etcd.yaml"), $"spec:\n  containers:\n  - command:\n    - etcd\n{string.Concat(flags.Select(flag => $"    - {flag}\n"))}    image: registry.k8s.io/etcd:3.4.23-0\n");
        _etcd = Process.Start(new ProcessStartInfo("/usr/bin/etcd", flags) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
        _etcd.ErrorDataReceived += (_, _) => { };
        _etcd.OutputDataReceived += (_, _) => { };
        _etcd.BeginErrorReadLine();
        _etcd.BeginOutputReadLine();
        await PutAsync("/registry/pods/default/a");
        await PutAsync("/registry/pods/default/b");
    }

    public async ValueTask DisposeAsync()
    {
        if (_etcd is not null)
        {
            _etcd.Kill();
            await _etcd.WaitForExitAsync();
            _etcd.Dispose();
        }

        _directory.Delete(recursive: true);
    }

    internal Task<ChildExit> RunAsync(NodeCommand command) => ChildProcess.RunAsync(
        new ProcessStartInfo("/bin/sh", ["-c", command.Line]) { Environment = { ["PATH"] = PathOf("bin") + ":/usr/sbin:/usr/bin:/bin" } }, null, TestContext.Current.CancellationToken);

    internal async Task<string> AnswerAsync(NodeCommand command)
    {
        var exit = await RunAsync(command);
        exit.ExitCode.ShouldBe(0, exit.Error);
        return Encoding.UTF8.GetString(RemoteAnswer.Read(exit.Output).Output);
    }

    /// <summary>Has it write so many times, unless something ends before.</summary>
    public async Task WriteAsync(int times, Task until)
    {
        for (var time = 0; time < times && !until.IsCompleted; time++)
        {
            await PutAsync("/registry/pods/default/b");
        }
    }

    // It is answered as soon as etcd is up.
    private async Task PutAsync(string key)
    {
        var exit = await ChildProcess.RunAsync(
            new ProcessStartInfo(
                "/usr/bin/etcdctl",
                [
                    $"--endpoints=https://127.0.0.1:{_port}", $"--cacert={PathOf("ca.crt")}", $"--cert={PathOf("server.crt")}", $"--key={PathOf("server.key")}",
                    "--dial-timeout=20s", "--command-timeout=20s", "put", key, "{}",
                ]),
            null,
            CancellationToken.None);
        exit.ExitCode.ShouldBe(0, exit.Error);
    }

    private void WriteCertificates()
    {
        var now = TimeProvider.System.GetUtcNow();
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var caRequest = new CertificateRequest("CN=etcd-ca", caKey, HashAlgorithmName.SHA256);
        caRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using var ca = caRequest.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=k8s-master", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        using var certificate = request.Create(ca, now.AddHours(-1), now.AddHours(12), [1, 2, 3, 4]);
        File.WriteAllText(PathOf("ca.crt"), ca.ExportCertificatePem() + "\n");
        File.WriteAllText(PathOf("server.crt"), certificate.ExportCertificatePem() + "\n");
        File.WriteAllText(PathOf("server.key"), key.ExportECPrivateKeyPem() + "\n");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
