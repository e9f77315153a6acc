using System.Diagnostics;
using System.Globalization;

namespace Stepper.Cluster.NodeShell;

/// <summary>
/// How <c>ssh</c> is called for one node. A value, so that a test can read every argument without starting a process. No configuration, key, agent
/// or host key of the user's or of this machine has a say in it.
/// </summary>
/// <param name="Address">An IP address, as <see cref="System.Net.IPAddress"/> writes it.</param>
/// <param name="KeyFile">Ours: mode 0600, a path without a character that ssh expands.</param>
/// <param name="ControlPath">The socket of the connection that all commands for this node share; null when there can't be one.</param>
internal sealed record SshCommand(SshSettings Settings, string Address, string KeyFile, KnownHost Known, string? ControlPath)
{
    /// <summary>Runs one remote command line, over the shared connection where there is one, else over its own.</summary>
    public ProcessStartInfo Running(string remote) => Start([.. Options(), "-T", "-o", "ControlMaster=no", "--", Address, remote]);

    /// <summary>
    /// Opens the shared connection and ends once it stands; what goes on in the background writes to <paramref name="logFile"/>, never to our pipes.
    /// It ends by itself when nothing used it for a minute, so that a killed step leaves nothing behind.
    /// </summary>
    public ProcessStartInfo OpeningShared(string logFile) =>
        Start([.. Options(), "-N", "-E", logFile, "-o", "ControlMaster=yes", "-o", "ControlPersist=60", "--", Address]);

    /// <summary>Ends the shared connection of that socket, and whatever still uses it.</summary>
    public static ProcessStartInfo ClosingShared(string controlPath, string address) =>
        Start(["-F", "/dev/null", "-o", $"ControlPath={controlPath}", "-O", "exit", "--", address]);

    private IEnumerable<string> Options() =>
    [
        "-F", "/dev/null",
        "-i", KeyFile,
        "-l", Settings.User,
        "-p", Settings.Port.ToString(CultureInfo.InvariantCulture),
        "-o", "BatchMode=yes",
        "-o", "IdentitiesOnly=yes",
        "-o", "IdentityAgent=none",
        "-o", "PreferredAuthentications=publickey",
        // Nothing of ours is lent to a node.
        "-a",
        "-x",
        "-o", "ClearAllForwardings=yes",
        "-o", $"StrictHostKeyChecking={(Known.IsStrict ? "yes" : "accept-new")}",
        "-o", $"UserKnownHostsFile={Known.File}",
        "-o", "GlobalKnownHostsFile=/dev/null",
        "-o", "UpdateHostKeys=no",
        "-o", "CheckHostIP=no",
        .. Known.Alias is { } alias ? new[] { "-o", $"HostKeyAlias={alias}" } : [],
        "-o", string.Create(CultureInfo.InvariantCulture, $"ConnectTimeout={Math.Max(1, (int)Settings.ConnectTimeout.TotalSeconds)}"),
        // A node that is gone without a word is noticed within 45 seconds.
        "-o", "ServerAliveInterval=15",
        "-o", "ServerAliveCountMax=3",
        "-o", "LogLevel=ERROR",
        "-o", $"ControlPath={ControlPath ?? "none"}",
    ];

    private static ProcessStartInfo Start(IEnumerable<string> arguments) => new("ssh", arguments);
}
