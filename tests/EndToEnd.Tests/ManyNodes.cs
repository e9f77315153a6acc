using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using System.Text.Json.Nodes;
using Stepper.Loopback;
using Stepper.Simulation;
using Stepper.Simulation.Api;

namespace Stepper.EndToEnd.Tests;

/// <summary>
/// Addresses of this machine on which real sshds answer, and some on which somebody takes connections and never says a word. Sessions find stand-ins of a node's
/// tools before the real ones. Beside them an API server that knows these nodes, and nothing else.
/// </summary>
internal sealed partial class ManyNodes : IAsyncDisposable
{
    // sshd's own limit.
    private const int AddressesOfOne = 16;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("stepper-many-");
    private readonly List<Process> _servers = [];
    private readonly List<TcpListener> _silent = [];
    private readonly int _port = FreePort();
    private Pacer? _pacer;
    private LoopbackServer? _api;

    /// <param name="count">How many nodes in all; every <paramref name="silentEach"/>th of them is silent.</param>
    public ManyNodes(int count, int silentEach)
    {
        Names = [.. Enumerable.Range(1, count).Select(number => $"node{number}")];
        Silent = [.. Names.Where((_, index) => (index + 1) % silentEach == 0)];
    }

    public IReadOnlyList<string> Names { get; }

    public IReadOnlyList<string> Silent { get; }

    /// <summary>The settings file with which a stepper from outside reaches them.</summary>
    public string Settings => PathOf("stepper.yaml");

    public string Kubeconfig { get; private set; } = "";

    public static string WhyNot() =>
        !File.Exists("/usr/sbin/sshd") ? "sshd is not installed (Debian's package openssh-server)" : Environment.UserName != "root" ? "sshd lets a user in only when it runs as root" : "";

    public static string Address(string name) => $"127.77.0.{int.Parse(name[4..], CultureInfo.InvariantCulture)}";

    /// <summary>What all <c>ssh</c> processes to these nodes take now, in bytes: their own memory, and their part of what they share.</summary>
    public long SshMemory() => Directory.GetDirectories("/proc").Sum(MemoryOf);

    public async Task StartAsync(CancellationToken ct)
    {
        await KeyAsync("host");
        await KeyAsync("key");
        await File.WriteAllTextAsync(PathOf("known_hosts"), $"[127.77.*.*]:{_port} {await File.ReadAllTextAsync(PathOf("host.pub"), ct)}", ct);
        await File.WriteAllTextAsync(
            Settings,
            $"""
            repository: "http://127.0.0.1/core:/stable:"
            prometheusUrl: http://127.0.0.1:9
            ssh: {'{'}user: root, port: {_port}, keyFile: {PathOf("key")}, knownHostsFile: {PathOf("known_hosts")}{'}'}

            """,
            ct);
        await ServeApiAsync();
        Directory.CreateDirectory("/run/sshd");
        _directory.CreateSubdirectory("bin");
        Stands("sudo", "[ \"$1\" = -n ] && shift && exec \"$@\"");
        Stands("dpkg-query", "for name in kubeadm kubelet kubectl; do echo \"hi |$name|1.34.2-1.1\"; done");
        Stands("curl", "for name in kubeadm kubelet kubectl; do printf 'Package: %s\\nVersion: 1.34.7-1.1\\n\\n' \"$name\"; done");
        // Whose question would be answered by this machine's own locks.
        Stands("perl", "exit 0");
        foreach (var tool in new[] { "apt-get", "apt-mark", "apt-cache", "systemctl" })
        {
            Stands(tool, "exit 9");
        }

        foreach (var name in Silent)
        {
            var listener = new TcpListener(IPAddress.Parse(Address(name)), _port);
            listener.Start();
            _silent.Add(listener);
        }

        foreach (var names in Names.Except(Silent, StringComparer.Ordinal).Chunk(AddressesOfOne))
        {
            Serve(names);
        }

        foreach (var name in Names)
        {
            await ListensAsync(name, ct);
        }
    }

    /// <returns>Where a copy of the file is.</returns>
    public string Bring(string file)
    {
        File.Copy(file, PathOf(Path.GetFileName(file)));
        return PathOf(Path.GetFileName(file));
    }

    public async ValueTask DisposeAsync()
    {
        if (_api is not null)
        {
            await _api.DisposeAsync();
        }

        _pacer?.Dispose();
        foreach (var server in _servers)
        {
            server.Kill(entireProcessTree: true);
            server.Dispose();
        }

        _silent.ForEach(listener => listener.Dispose());
        _directory.Delete(recursive: true);
    }

    private async Task ServeApiAsync()
    {
        var time = new VirtualTime(TimeProvider.System.GetUtcNow());
        var registry = new Registry(new ObjectStore(), time);
        foreach (var ns in (string[])["default", "kube-system", "k8s-upgrade"])
        {
            registry.Create(Kinds.Namespace, new JsonObject { ["metadata"] = new JsonObject { ["name"] = ns } });
        }

        foreach (var name in Names)
        {
            registry.Create(Kinds.Node, JsonNode.Parse(
                $$$$"""
                {"metadata":{"name":"{{{{name}}}}","labels":{"kubernetes.io/hostname":"{{{{name}}}}"{{{{(name == Names[0] ? ",\"node-role.kubernetes.io/control-plane\":\"\"" : "")}}}}}},
                 "status":{"conditions":[{"type":"Ready","status":"True","reason":"KubeletReady","lastTransitionTime":"2026-01-01T00:00:00Z"}],
                   "addresses":[{"type":"InternalIP","address":"{{{{Address(name)}}}}"}],"allocatable":{"cpu":"4","memory":"8Gi","pods":"110"},"nodeInfo":{"kubeletVersion":"v1.34.2"}
                }}
                """)!.AsObject());
        }

        var server = new SimulatedApiServer(registry, new PodLogs(), time) { Tokens = { ["admin"] = ApiUser.Admin } };
        _pacer = new Pacer(time, speed: 1);
        _api = await LoopbackServer.StartAsync(server.AnswerAsync, _pacer, _directory.FullName);
        Kubeconfig = _api.WriteKubeconfig("admin");
    }

    private string PathOf(string name) => Path.Combine(_directory.FullName, name);

    // A key exchange that takes little, and a bash that takes itself for an inner one and reads no files of this machine's root: neither is what is measured.
    private void Serve(string[] names)
    {
        var config = PathOf($"config-{names[0]}");
        File.WriteAllText(config,
            $"""
            {string.Join('\n', names.Select(name => $"ListenAddress {Address(name)}:{_port}"))}
            HostKey {PathOf("host")}
            AuthorizedKeysFile {PathOf("key.pub")}
            KexAlgorithms curve25519-sha256
            StrictModes no
            PidFile none
            SetEnv PATH={PathOf("bin")}:/usr/sbin:/usr/bin:/sbin:/bin SHLVL=2

            """);
        _servers.Add(Process.Start("/usr/sbin/sshd", ["-D", "-f", config, "-E", PathOf("log")]));
    }

    private void Stands(string name, string script)
    {
        File.WriteAllText(PathOf($"bin/{name}"), $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(PathOf($"bin/{name}"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private async Task KeyAsync(string name)
    {
        using var making = Process.Start("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", PathOf(name)]);
        await making.WaitForExitAsync();
        making.ExitCode.ShouldBe(0);
    }

    private async Task ListensAsync(string name, CancellationToken ct)
    {
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            try
            {
                using var socket = new TcpClient(Address(name), _port);
                return;
            }
            catch (SocketException)
            {
                await Task.Yield();
            }
        }
    }

    private long MemoryOf(string process)
    {
        try
        {
            var words = File.ReadAllText(Path.Combine(process, "cmdline")).Split('\0');
            return words[0].EndsWith("ssh", StringComparison.Ordinal) && words.Contains(_port.ToString(CultureInfo.InvariantCulture))
                ? long.Parse(Pss().Match(File.ReadAllText(Path.Combine(process, "smaps_rollup"))).Groups["kb"].ValueSpan, CultureInfo.InvariantCulture) * 1024
                : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return 0; // it has ended, or is no process
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex(@"^Pss: +(?<kb>\d+) kB", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pss();
}
