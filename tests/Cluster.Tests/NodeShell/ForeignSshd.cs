using Stepper.Cluster.NodeShell;

namespace Stepper.Cluster.Tests.NodeShell;

/// <summary>An sshd such as other people have: each user of it meets another habit of theirs.</summary>
public sealed class ForeignSshd : IAsyncLifetime
{
    private static readonly Dictionary<string, string> Users = new(StringComparer.Ordinal)
    {
        ["noisy"] = "/bin/bash", ["narrow"] = "/bin/bash", ["dash"] = "/bin/dash", ["csh"] = "/usr/bin/tcsh", ["fish"] = "/usr/bin/fish", ["wrapped"] = "/bin/sh",
        ["single"] = "/bin/sh", ["nologin"] = "/usr/sbin/nologin", ["sftp"] = "/bin/sh", ["expired"] = "/bin/sh", ["tty"] = "/bin/sh", ["barred"] = "/bin/sh", ["none"] = "/bin/sh",
    };

    public Sshd Sshd { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Sshd = await Sshd.StartAsync(
            """
            UsePAM yes
            Banner /etc/passwd
            Match User wrapped
              ForceCommand echo "Running $SSH_ORIGINAL_COMMAND"; sh -c "$SSH_ORIGINAL_COMMAND"; echo Goodbye
            Match User single
              MaxSessions 1
            Match User sftp
              ForceCommand internal-sftp
            """, Users, expired: "expired");
        if (Sshd.Missing.Length > 0)
        {
            return;
        }

        Sshd.Gives("noisy", ".bashrc", "echo 'Welcome to node3!'; printf 'stepper-begin\\nclock 1\\nfree 1\\n'; set -xv; echo 'disk is nearly full' >&2\n");
        Sshd.Gives("narrow", ".bashrc", $"umask 077; export PATH={Sshd.PathOf("bin")}:/usr/bin:/bin LC_ALL=de_DE.UTF-8 CDPATH=/ POSIXLY_CORRECT=1\n");
        Sshd.Gives("csh", ".cshrc", "echo 'csh says hello'\n");
        Sshd.Stands("sudo", """
            case $USER in
              tty) echo 'sudo: sorry, you must have a tty to run sudo' >&2; exit 1 ;;
              barred) shift; echo "Sorry, user $USER is not allowed to execute '$*' as root on node3." >&2; exit 1 ;;
              none) echo "sudo: command not found" >&2; exit 127 ;;
            esac
            [ "$1" = -n ] && shift && exec "$@"
            """);
    }

    public ValueTask DisposeAsync()
    {
        Sshd.Dispose();
        return ValueTask.CompletedTask;
    }

    internal SshShell ShellOf(string user) =>
        new(Sshd.Settings with { User = user }, HostKeys.Given($"node3 {Sshd.HostKeyLine("")[1..]}"), new NodeCommands(Sshd.PathOf($"state-{user}")), TimeProvider.System);
}
