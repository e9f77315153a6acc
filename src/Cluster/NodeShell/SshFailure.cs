namespace Stepper.Cluster.NodeShell;

/// <summary>What ssh, sudo or a login shell says when it does not run what it was given, as one message with what to do, and whether another try may help.</summary>
internal static class SshFailure
{
    private static readonly string[] HostKey =
        ["REMOTE HOST IDENTIFICATION HAS CHANGED", "Host key verification failed", "host key is known for", "REVOKED HOST KEY"];

    private static readonly string[] Login = ["Permission denied", "Too many authentication failures", "Load key", "invalid format", "No more authentication methods"];

    private static readonly string[] Lasting =
        ["Unable to negotiate", "no matching", "Bad configuration option", "Bad owner or permissions", "No user exists for uid", "keyword"];

    // Another process of ours may use the socket's path, or the file system knows no sockets: each command then has its own connection.
    private static readonly string[] Sharing = ["ControlPath", "ControlSocket", "unix_listener", "muxserver", "mux_"];

    private static readonly string[] NoSudo = ["sudo: not found", "sudo: command not found", "sudo’: No such file", "'sudo': No such file", "sudo: No such file"];

    private static readonly string[] SudoRefused = ["sudo:", "sudo-rs:", "not allowed to execute", "not in the sudoers", "may not run sudo"];

    private static readonly string[] Expired = ["password has expired", "Password change required", "password is expired", "account has expired"];

    public static bool IsOnlyAboutSharing(string error) => Has(error, Sharing) && !Has(error, HostKey) && !Has(error, Login);

    public static ShellException Of(NodeTarget node, SshSettings settings, bool keysAreGiven, string error)
    {
        var says = Says(error);
        var where = $"{node.Name} ({node.Address}, port {settings.Port})";
        if (Has(error, HostKey))
        {
            return new ShellException($"{where} shows a host key that is not the known one: {says}. {AboutHostKey(node, keysAreGiven)}", mayPass: false);
        }

        if (Has(error, Login))
        {
            return new ShellException(
                $"{where} does not let {settings.User} in: {says}. Is the public half of {settings.KeyFile} in ~{settings.User}/.ssh/authorized_keys there?", mayPass: false);
        }

        return Has(error, Lasting)
            ? new ShellException($"ssh to {where} can't work: {says}", mayPass: false)
            : new ShellException($"the connection to {where} failed: {WithoutWhere(says, node, settings)}", mayPass: true);
    }

    // ssh repeats whom it was to reach, before or after what it says.
    private static string WithoutWhere(string says, NodeTarget node, SshSettings settings) => says
        .Replace($"ssh: connect to host {node.Address} port {settings.Port}: ", "", StringComparison.Ordinal)
        .Replace($"; Connection to {node.Address} port {settings.Port} timed out", "", StringComparison.Ordinal);

    /// <summary>It let us in, and the program did not begin.</summary>
    /// <param name="said">All that came back instead, of both streams.</param>
    public static ShellException NotBegun(NodeTarget node, SshSettings settings, int exitCode, string said)
    {
        var (what, todo) = said switch
        {
            _ when Has(said, Expired) => ("the password or the account has expired", $"Set a new one there, or let it last: chage -M -1 -E -1 {settings.User}"),
            _ when Has(said, NoSudo) => ("there is no sudo", "Install Debian's package sudo there"),
            _ when Has(said, SudoRefused) && said.Contains("tty", StringComparison.Ordinal) =>
                ("its sudo wants a terminal", $"It needs a line in /etc/sudoers.d there: Defaults:{settings.User} !requiretty"),
            _ when Has(said, SudoRefused) => ("its sudo refused", $"It needs a line in /etc/sudoers.d there: {settings.User} ALL=(ALL) NOPASSWD: ALL"),
            _ => ("the login shell, or a ForceCommand of its sshd, did not run what it was given", $"Try: ssh {settings.User}@{node.Address} sudo -n true"),
        };
        return new ShellException($"{settings.User} may not run commands as root on {node.Name}: {what}. It ended with {exitCode}, {Says(said)}. {todo}", mayPass: false);
    }

    /// <summary>The last lines of what a program wrote, short enough for a message.</summary>
    public static string Says(string error)
    {
        var lines = error.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith("@@@", StringComparison.Ordinal));
        var text = string.Join(' ', string.Join("; ", lines.TakeLast(3)).Split(' ').Select(Short));
        return text.Length switch
        {
            0 => "it said nothing",
            > 400 => "…" + text[^400..],
            _ => text.TrimEnd('.'),
        };
    }

    // sudo repeats the whole command that it refuses.
    private static string Short(string word) => word.Length <= 200 ? word : "…";

    private static string AboutHostKey(NodeTarget node, bool areGiven) => areGiven
        ? "If the node was made anew, bring the key known_hosts of Secret k8s-upgrade-creds up to date (ssh-keyscan); if not, find out who answers there"
        : $"If the node was made anew, take its key \"{node.Name}\" out of ConfigMap k8s-upgrade-known-hosts; if not, find out who answers there";

    private static bool Has(string error, string[] words) => words.Any(word => error.Contains(word, StringComparison.OrdinalIgnoreCase));
}
