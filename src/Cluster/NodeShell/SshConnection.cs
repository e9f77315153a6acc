using System.Net;
using System.Text.RegularExpressions;

namespace Stepper.Cluster.NodeShell;

/// <summary>The connection to one node that all commands for it share; opened by the first, and again by the next one after it has ended.</summary>
/// <remarks>One that is not shared is no process: each command opens its own.</remarks>
internal sealed partial class SshConnection : IAsyncDisposable
{
    // Beside the setting's own: a server that looks names up in a slow DNS lets in after half a minute, one whose disk hangs never.
    private static readonly TimeSpan LetIn = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Close = TimeSpan.FromSeconds(5);

    private readonly NodeTarget _node;
    private readonly SshSettings _settings;
    private readonly HostKeys _keys;
    private readonly string _address;
    private readonly string _keyFile;
    private readonly (string KnownHosts, string Log, string? Socket) _files;
    private readonly CancellationTokenSource _closed = new();
    private readonly Lock _lock = new();
    private Task<SshCommand>? _opening;
    private bool _isShared;
    private bool _isRemembered;

    public SshConnection(NodeTarget node, SshSettings settings, HostKeys keys, SshDirectory directory, bool isShared)
    {
        _node = node;
        _settings = settings with { User = NodeWords.User(settings.User) };
        _keys = keys;
        _address = Canonical(node);
        _keyFile = directory.KeyFile;
        _files = directory.ForNode();
        _isShared = isShared && _files.Socket is not null;
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

    /// <summary>Also one that is only just being opened.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        if (_opening is { } opening)
        {
            await Task.WhenAny(opening);
        }

        if (_files.Socket is { } socket && File.Exists(socket))
        {
            using var limit = new CancellationTokenSource(Close, TimeProvider.System);
            try
            {
                await ChildProcess.RunAsync(SshCommand.ClosingShared(socket, _address), null, limit.Token);
            }
            catch (OperationCanceledException)
            {
                // It hangs, and ends by itself a minute after its last use.
            }
        }

        // Of a thousand nodes they would fill the memory that they are in.
        File.Delete(_files.KnownHosts);
        File.Delete(_files.Log);
        _closed.Dispose();
    }

    // As IPAddress writes it: what is sent is what was read, and no form of an address that only some programs take for one. A zone (fe80::1%eth0) is none.
    private static string Canonical(NodeTarget node) =>
        NodeName().IsMatch(node.Name) && Address().IsMatch(node.Address) && IPAddress.TryParse(node.Address, out var address)
            && (node.Address.Contains(':', StringComparison.Ordinal) || address.ToString() == node.Address)
            ? address.ToString()
            : throw new ShellException($"node \"{node.Name}\" has the address \"{node.Address}\"; a node name and an IP address are needed", mayPass: false);

    private async Task<SshCommand> OpenAsync()
    {
        var known = await _keys.ForAsync(_node, _settings.Port, _files.KnownHosts, _closed.Token);
        var command = new SshCommand(_settings, _address, _keyFile, known, _isShared ? _files.Socket : null);
        if (!_isShared)
        {
            return command;
        }

        File.Delete(_files.Log);
        var (exitCode, error) = await OpenSharedAsync(command);
        if (exitCode == 0)
        {
            return command;
        }

        var said = error + (File.Exists(_files.Log) ? await File.ReadAllTextAsync(_files.Log) : "");
        if (!SshFailure.IsOnlyAboutSharing(said))
        {
            throw SshFailure.Of(_node, _settings, _keys.AreGiven, said);
        }

        _isShared = false;
        return command with { ControlPath = null };
    }

    private async Task<(int ExitCode, string Error)> OpenSharedAsync(SshCommand command)
    {
        var atMost = LetIn + _settings.ConnectTimeout;
        using var limit = new CancellationTokenSource(atMost, TimeProvider.System);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _closed.Token);
        try
        {
            var exit = await ChildProcess.RunAsync(command.OpeningShared(_files.Log), null, both.Token);
            return (exit.ExitCode, exit.Error);
        }
        catch (OperationCanceledException e) when (!_closed.IsCancellationRequested)
        {
            throw new ShellException($"{_node.Name} ({_node.Address}, port {_settings.Port}) took the connection and let nobody in within {atMost.TotalSeconds:0} s", mayPass: true, e);
        }
    }

    // What Kubernetes lets a node be called.
    [GeneratedRegex(@"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NodeName();

    [GeneratedRegex(@"^[0-9a-fA-F.:]{2,45}\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Address();
}
