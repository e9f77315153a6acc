using System.Globalization;

namespace Stepper.Cluster.NodeShell;

/// <summary>
/// A directory that only we can read, for as long as the process goes: the key as ssh wants it (mode 0600, a newline at its end: a mounted Secret has
/// neither), what is known of host keys, and the sockets of shared connections.
/// </summary>
internal sealed class SshDirectory : IDisposable
{
    // The address of a socket has 108 bytes, of which ssh takes some for a name of its own while it makes it.
    private const int LongestSocketPath = 80;

    private readonly string _path;
    private int _nodes;

    private SshDirectory(string path) => _path = path;

    public string KeyFile => Path.Combine(_path, "key");

    /// <exception cref="ShellException">There is no key.</exception>
    public static SshDirectory Make(SshSettings settings)
    {
        string key;
        try
        {
            key = File.ReadAllText(settings.KeyFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ShellException(
                $"there is no ssh key to be read at {settings.KeyFile} (setting ssh.keyFile; key ssh_key of Secret k8s-upgrade-creds): {e.Message}", mayPass: false, e);
        }

        // Short, so that sockets fit; its mode is 0700.
        var directory = new SshDirectory(Directory.CreateTempSubdirectory("stepper-").FullName);
        directory.WriteKey(key.ReplaceLineEndings("\n").TrimEnd() + "\n");
        return directory;
    }

    /// <summary>Where the files of one more node go. No socket where its path would be too long: each command then has a connection of its own.</summary>
    public (string KnownHosts, string Log, string? Socket) ForNode()
    {
        var file = Path.Combine(_path, Interlocked.Increment(ref _nodes).ToString(CultureInfo.InvariantCulture));
        var socket = file + ".s";
        return (file + ".known", file + ".log", socket.Length <= LongestSocketPath ? socket : null);
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);

    private void WriteKey(string key)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        using var writer = new StreamWriter(KeyFile, options);
        writer.Write(key);
    }
}
