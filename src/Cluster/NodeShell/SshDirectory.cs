using System.Globalization;
using System.Security.Cryptography;

namespace Stepper.Cluster.NodeShell;

/// <summary>
/// A directory that only we can read, for as long as the process goes: the key as ssh wants it (mode 0600, a newline at its end: a mounted Secret has
/// neither), what is known of host keys, and the sockets of shared connections.
/// </summary>
internal sealed class SshDirectory : IDisposable
{
    // The address of a socket has 104 bytes on some systems and 108 on others, of which ssh takes 17 for a name of its own while it makes it.
    private const int LongestSocketPath = 80;

    private readonly string _path;
    private int _nodes;

    private SshDirectory(string path) => _path = path;

    public string KeyFile => Path.Combine(_path, "key");

    /// <summary>In the first place that can be written to: <c>/tmp</c> may be read-only, and another one's path too long for sockets.</summary>
    /// <exception cref="ShellException">There is no key, or no such place.</exception>
    public static SshDirectory Make(SshSettings settings) => Make(settings, ["/tmp", Path.GetTempPath(), "/dev/shm"]);

    internal static SshDirectory Make(SshSettings settings, IReadOnlyList<string> places)
    {
        var key = ReadKey(settings);
        var problem = "";
        foreach (var place in places)
        {
            // Nobody else can have made one of that name.
            var directory = new SshDirectory(Path.Combine(place, "stepper-" + RandomNumberGenerator.GetHexString(12, lowercase: true)));
            try
            {
                Directory.CreateDirectory(directory._path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                directory.WriteKey(key);
                return directory;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                problem = e.Message;
            }
        }

        throw new ShellException($"ssh wants its key in a file of its own, and none of {string.Join(", ", places)} can be written to: {problem}", mayPass: false);
    }

    /// <summary>Where the files of one more node go. No socket where its path would be too long: each command then has a connection of its own.</summary>
    public (string KnownHosts, string Log, string? Socket) ForNode()
    {
        var file = Path.Combine(_path, Interlocked.Increment(ref _nodes).ToString(CultureInfo.InvariantCulture));
        var socket = file + ".s";
        return (file + ".known", file + ".log", socket.Length <= LongestSocketPath ? socket : null);
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(_path, recursive: true);
        }
        catch (IOException)
        {
            // A connection that ends just now takes its own socket away.
            Directory.Delete(_path, recursive: true);
        }
    }

    private static string ReadKey(SshSettings settings)
    {
        try
        {
            return File.ReadAllText(settings.KeyFile).ReplaceLineEndings("\n").TrimEnd() + "\n";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ShellException(
                $"there is no ssh key to be read at {settings.KeyFile} (setting ssh.keyFile; key ssh_key of Secret k8s-upgrade-creds): {e.Message}", mayPass: false, e);
        }
    }

    private void WriteKey(string key)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        using var writer = new StreamWriter(KeyFile, options);
        writer.Write(key);
    }
}
