using System.Net;
using System.Text.RegularExpressions;

namespace Stepper.Cluster.NodeShell;

/// <summary>The connection to one node that all commands for it share; opened by the first, and again by the next one after it has ended.</summary>
internal sealed partial class SshConnection
{
    private readonly NodeTarget _node;
    private readonly SshSettings _settings;
    private readonly HostKeys _keys;
    private readonly string _address;
    private readonly string _keyFile;
    private readonly (string KnownHosts, string Log, string? Socket) _files;
    private readonly Lock _lock = new();
    private Task<SshCommand>? _opening;
    private bool _isShared;
    private bool _isRemembered;

    public SshConnection(NodeTarget node, SshSettings settings, HostKeys keys, SshDirectory directory)
    {
        _node = node;
        _settings = settings;
        _keys = keys;
        _address = IPAddress.TryParse(node.Address, out var address) && NodeName().IsMatch(node.Name)
            ? address.ToString()
            : throw new ShellException($"node \"{node.Name}\" has the address \"{node.Address}\"; a node name and an IP address are needed", mayPass: false);
        _keyFile = directory.KeyFile;
        _files = directory.ForNode();
        _isShared = _files.Socket is not null;
    }

    /// <summary>How the next command is run. Not cancelled with the command that happened to ask first: others wait for it too.</summary>
    public Task<SshCommand> ReadyAsync(CancellationToken ct)
    {
        lock (_lock)
        {
            // The socket is there as long as the connection is.
            if (_opening is null || (_opening.IsCompleted && !(_opening.IsCompletedSuccessfully && (!_isShared || File.Exists(_files.Socket)))))
            {
                _opening = OpenAsync();
            }

            return _opening.WaitAsync(ct);
        }
    }

    /// <summary>To be called after a command got through: the node's key is the one that is known from now on.</summary>
    public async Task AcceptedAsync(SshCommand command, CancellationToken ct)
    {
        if (!_isRemembered)
        {
            await _keys.AcceptedAsync(_node, command.Known, ct);
            _isRemembered = true;
        }
    }

    public async Task CloseAsync()
    {
        if (_opening is { IsCompletedSuccessfully: true } && _isShared && File.Exists(_files.Socket))
        {
            await ChildProcess.RunAsync((await _opening).ClosingShared(), null, CancellationToken.None);
        }
    }

    private async Task<SshCommand> OpenAsync()
    {
        var known = await _keys.ForAsync(_node, _files.KnownHosts, CancellationToken.None);
        var command = new SshCommand(_settings, _address, _keyFile, known, _isShared ? _files.Socket : null);
        if (!_isShared)
        {
            return command;
        }

        File.Delete(_files.Log);
        var exit = await ChildProcess.RunAsync(command.OpeningShared(_files.Log), null, CancellationToken.None);
        if (exit.ExitCode == 0)
        {
            return command;
        }

        var said = exit.Error + (File.Exists(_files.Log) ? await File.ReadAllTextAsync(_files.Log) : "");
        if (!SshFailure.IsOnlyAboutSharing(said))
        {
            throw SshFailure.Of(_node, _settings, _keys.AreGiven, said);
        }

        _isShared = false;
        return command with { ControlPath = null };
    }

    // What Kubernetes lets a node be called.
    [GeneratedRegex(@"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NodeName();
}
