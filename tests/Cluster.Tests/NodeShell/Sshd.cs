using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Stepper.Cluster.NodeShell;

namespace Stepper.Cluster.Tests.NodeShell;

/// <summary>A real sshd on a loopback port, as root, whose sessions find stand-ins of <c>sudo</c> and of a node's tools before the real ones.</summary>
public sealed class Sshd : IDisposable
{
    private static int _lastPort = 20_000;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("stepper-sshd-");
    private Process? _process;

    public string Missing { get; private set; } = "";

    public SshSettings Settings { get; private set; } = new("root", 0, "", TimeSpan.FromSeconds(5));

    public string KnownHosts => $"[127.0.0.1]:{Settings.Port} {File.ReadAllText(PathOf("host.pub"))}";

    public string HostKeyLine(string name) => $"{name} {string.Join(' ', File.ReadAllText(PathOf("host.pub")).Split(' ').Take(2))}";

    public string PathOf(string name) => Path.Combine(_directory.FullName, name);

    /// <summary>Gives a user of its own a file in his home.</summary>
    public void Gives(string user, string file, string text) => File.WriteAllText(Path.Combine(Home(user), file), text);

    /// <summary>Puts a program before the node's own.</summary>
    public void Stands(string name, string script) => Stand.In(PathOf("bin"), name, script);

    /// <summary>For a script: waits until <see cref="GoAsync"/>, or until this is disposed of.</summary>
    public string UntilGo => $"while [ -d {_directory.FullName} ] && [ ! -e {PathOf("go")} ]; do sleep 0.05; done";

    public Task GoAsync() => File.WriteAllTextAsync(PathOf("go"), "");

    /// <summary>How many connections got in so far.</summary>
    public int LetIn => File.ReadAllLines(PathOf("log")).Count(line => line.Contains("Accepted publickey", StringComparison.Ordinal));

    /// <summary>The <c>ssh</c> processes on this machine that keep a shared connection to it.</summary>
    public int Shared => Directory.GetDirectories("/proc").Count(process => IsShared(Path.Combine(process, "cmdline")));

    /// <param name="config">More lines of its configuration.</param>
    /// <param name="users">Users beside those of this machine, whom only this sshd knows: root by another name, with a login shell and a home of their own.</param>
    /// <param name="expired">The one of them whose password has expired; none when empty.</param>
    public static async Task<Sshd> StartAsync(string config = "", IReadOnlyDictionary<string, string>? users = null, string expired = "")
    {
        var sshd = new Sshd();
        if (!File.Exists("/usr/sbin/sshd"))
        {
            sshd.Missing = "sshd is not installed (Debian's package openssh-server)";
        }
        else if (Environment.UserName != "root")
        {
            sshd.Missing = "sshd lets a user in only when it runs as root";
        }
        else
        {
            await sshd.ListenAsync(config, users ?? new Dictionary<string, string>(StringComparer.Ordinal), expired);
        }

        return sshd;
    }

    /// <summary>Ends every connection, as a cable that is pulled does; what was detached goes on.</summary>
    public void Drop()
    {
        foreach (var child in File.ReadAllText($"/proc/{_process!.Id}/task/{_process.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Process.GetProcessById(int.Parse(child, CultureInfo.InvariantCulture)).Kill();
        }
    }

    public void Dispose()
    {
        if (_process is not null)
        {
            Drop();
            _process.Kill();
            _process.Dispose();
        }

        _directory.Delete(recursive: true);
    }

    private bool IsShared(string commandLine)
    {
        try
        {
            var words = File.ReadAllText(commandLine).Split('\0');
            return words.Contains("ControlMaster=yes") && words.Contains(Settings.Port.ToString(CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return false; // it has ended
        }
    }

    private async Task ListenAsync(string config, IReadOnlyDictionary<string, string> users, string expired)
    {
        _directory.CreateSubdirectory("bin");
        Directory.CreateDirectory("/run/sshd");
        Stands("sudo", "[ \"$1\" = -n ] && shift && exec \"$@\"");
        await KeyAsync("host");
        await KeyAsync("key");
        // As a Secret is mounted: readable by all, and without its last newline.
        await File.WriteAllTextAsync(PathOf("mounted"), (await File.ReadAllTextAsync(PathOf("key"))).TrimEnd());
        Settings = Settings with { Port = FreePort(), KeyFile = PathOf("mounted") };
        await File.WriteAllTextAsync(PathOf("sshd_config"),
            $"""
            ListenAddress 127.0.0.1:{Settings.Port}
            ListenAddress [::1]:{Settings.Port}
            HostKey {PathOf("host")}
            AuthorizedKeysFile {PathOf("key.pub")}
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            StrictModes no
            PidFile none
            SetEnv PATH={PathOf("bin")}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
            {config}

            """);
        await File.WriteAllTextAsync(PathOf("passwd"), await File.ReadAllTextAsync("/etc/passwd") + string.Concat(users.Select(user => $"{user.Key}:x:0:0::{Home(user.Key)}:{user.Value}\n")));
        await File.WriteAllTextAsync(PathOf("shadow"), await File.ReadAllTextAsync("/etc/shadow") + string.Concat(users.Keys.Select(user => $"{user}:*:{(user == expired ? "1:0:30" : "20000:0:99999")}:7:::\n")));
        // -E gives its words to a file: nobody reads a pipe of it.
        const string WithUsers = "mount --bind \"$1\" /etc/passwd; mount --bind \"$2\" /etc/shadow; shift 2; exec \"$@\"";
        _process = Process.Start(new ProcessStartInfo(
            "unshare", ["--mount", "sh", "-ec", WithUsers, "sh", PathOf("passwd"), PathOf("shadow"), "/usr/sbin/sshd", "-D", "-f", PathOf("sshd_config"), "-E", PathOf("log")]))!;
        while (!IsListening())
        {
            await Task.Yield();
        }
    }

    private string Home(string user) => _directory.CreateSubdirectory($"home-{user}").FullName;

    private bool IsListening()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, Settings.Port);
            return true;
        }
        catch (SocketException) when (!_process!.HasExited)
        {
            return false;
        }
    }

    private async Task KeyAsync(string name) =>
        (await ChildProcess.RunAsync(new ProcessStartInfo("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", PathOf(name)]), null, CancellationToken.None)).ExitCode.ShouldBe(0);

    // Below those that the system gives out by itself: between two looks whether sshd listens yet, one of them could be this very look's own, which would then have
    // met itself, and sshd would find its port taken.
    private static int FreePort()
    {
        while (true)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, Interlocked.Increment(ref _lastPort));
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Another one's.
            }
        }
    }
}
