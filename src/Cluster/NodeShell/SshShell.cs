using System.ComponentModel;
using System.Text;
using Stepper.Cluster.Versions;

namespace Stepper.Cluster.NodeShell;

/// <summary>
/// Nodes over the <c>ssh</c> program of OpenSSH: as <c>ssh.user</c>, and there as root by <c>sudo -n</c>. All commands for a node share a connection, but for
/// the survey; at most 32 run at a time. To be disposed of: connections are closed and the copy of the key is deleted.
/// </summary>
public sealed class SshShell : INodeShell, IAsyncDisposable
{
    private const int AtOnce = 32;

    // How ssh says that it has no connection, or no more.
    private const int ConnectionFailed = 255;

    private readonly SshSettings _settings;
    private readonly HostKeys _keys;
    private readonly NodeCommands _commands;
    private readonly Slots _slots = new(AtOnce);
    private readonly Lazy<SshDirectory> _directory;
    private readonly SshConnections _connections;
    private readonly TimeProvider _time;

    public SshShell(SshSettings settings, HostKeys keys)
        : this(settings, keys, new NodeCommands(), TimeProvider.System)
    {
    }

    internal SshShell(SshSettings settings, HostKeys keys, NodeCommands commands, TimeProvider time)
    {
        _settings = settings;
        _keys = keys;
        _commands = commands;
        _time = time;
        // Not before the first command: most of what stepper does needs no node, nor a key.
        _directory = new Lazy<SshDirectory>(() => SshDirectory.Make(settings));
        _connections = new SshConnections(AtOnce, node => new SshConnection(node, settings, keys, _directory.Value, isShared: true));
    }

    public async Task<IReadOnlyList<KubeVersion>> AvailableKubeadmAsync(NodeTarget node, CancellationToken ct) =>
        NodeAnswers.Releases(await AskAsync(node, NodeCommands.Available, "for the releases of kubeadm", ct));

    public async Task<NodeInspection> InspectAsync(NodeTarget node, CancellationToken ct) =>
        NodeAnswers.Inspection(await AskAsync(node, _commands.Inspect, "what is installed", ct), node.Name);

    public async Task<NodeSurvey> SurveyAsync(NodeTarget node, KubeVersion target, string repository, CancellationToken ct) =>
        SurveyAnswer.Read(await AskOnceAsync(node, _commands.Survey(target, repository), "whether it can be upgraded", ct), node.Name);

    public async Task<KubeletFlags> KubeletFlagsAsync(NodeTarget node, CancellationToken ct) =>
        KubeletFlags.Read(await AskOnceAsync(node, _commands.Kubelet, "how its kubelet was started", ct), node.Name);

    public Task<CommandResult> KubeadmPlanAsync(NodeTarget node, KubeVersion target, IReadOnlyList<string> ignored, CancellationToken ct) =>
        ResultAsync(node, NodeCommands.Plan(target, ignored), ct);

    public Task<CommandResult> KubeadmDiffAsync(NodeTarget node, KubeVersion target, CancellationToken ct) =>
        ResultAsync(node, NodeCommands.Diff(target), ct);

    public Task PruneKubeadmScratchAsync(NodeTarget node, TimeSpan olderThan, CancellationToken ct) =>
        AskAsync(node, NodeCommands.Prune(olderThan), "to prune /etc/kubernetes/tmp", ct);

    public Task UseReleaseLineAsync(NodeTarget node, MinorVersion line, string repository, CancellationToken ct) =>
        AskAsync(node, NodeCommands.Source(line, repository), $"to take its packages from {line}", ct);

    public Task<CommandResult> FetchAheadAsync(NodeTarget node, KubeVersion target, CancellationToken ct) =>
        ResultAsync(node, _commands.Fetch(target), ct);

    public async Task<ScriptRun> StartScriptAsync(NodeTarget node, NodeScript script, CancellationToken ct) =>
        NodeAnswers.Run(await AskAsync(node, _commands.Start(script), "to start the node script", ct), node.Name);

    public async Task<ScriptProgress> FollowScriptAsync(NodeTarget node, ScriptRun run, long fromByte, CancellationToken ct)
    {
        var reply = await SendAsync(node, _commands.Follow(run.Id, fromByte), ct);
        return NodeAnswers.Progress(reply.MustBeGood(node, "how the node script goes on"), fromByte, NodeCommands.MostOfLog, node.Name);
    }

    public Task<CommandResult> RunHookAsync(NodeTarget node, string script, CancellationToken ct) => ResultAsync(node, _commands.Hook(script), ct);

    public async Task<EtcdReport> EtcdAsync(NodeTarget node, CancellationToken ct) =>
        EtcdAnswers.Report(await AskAsync(node, _commands.Etcd, "how its etcd is", ct), node.Name);

    public async Task<SavedEtcd> SaveEtcdAsync(NodeTarget node, string name, TimeSpan reuse, CancellationToken ct) =>
        EtcdAnswers.Saved(await AskAsync(node, _commands.Snapshot(name, reuse), "to save its etcd", ct), node.Name);

    public async ValueTask DisposeAsync()
    {
        await _connections.DisposeAsync();
        if (_directory.IsValueCreated)
        {
            _directory.Value.Dispose();
        }
    }

    private async Task<string> AskAsync(NodeTarget node, NodeCommand command, string forWhat, CancellationToken ct) =>
        Encoding.UTF8.GetString((await SendAsync(node, command, ct)).MustBeGood(node, forWhat));

    // What is asked of all nodes, once: to share would take two more processes for each, and one that stays.
    private async Task<string> AskOnceAsync(NodeTarget node, NodeCommand command, string forWhat, CancellationToken ct)
    {
        var reply = await _slots.UseAsync(
            async () =>
            {
                await using var connection = new SshConnection(node, _settings, _keys, _directory.Value, isShared: false);
                return await SendInTimeAsync(node, connection, command, ct);
            },
            ct);
        return Encoding.UTF8.GetString(reply.MustBeGood(node, forWhat));
    }

    private async Task<CommandResult> ResultAsync(NodeTarget node, NodeCommand command, CancellationToken ct)
    {
        var reply = await SendAsync(node, command, ct);
        // These programs write all to one stream; what is in the other is ssh's own talk.
        return new CommandResult(reply.ExitCode, Encoding.UTF8.GetString(reply.Output));
    }

    private Task<Reply> SendAsync(NodeTarget node, NodeCommand command, CancellationToken ct) => _slots.UseAsync(
        () => _connections.UseAsync(node, connection => SendInTimeAsync(node, connection, command, ct)), ct);

    private async Task<Reply> SendInTimeAsync(NodeTarget node, SshConnection connection, NodeCommand command, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(command.Program.Within, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            return await SendNowAsync(node, connection, command, both.Token);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new ShellException($"{node.Name} took \"{command.Program.Name}\" and did not come to its end within {command.Program.Within.TotalMinutes:0} min", mayPass: true, e);
        }
        catch (Win32Exception e)
        {
            throw new ShellException($"the program ssh can't be started here: {e.Message}. It is in the package openssh-client", mayPass: false, e);
        }
    }

    private async Task<Reply> SendNowAsync(NodeTarget node, SshConnection connection, NodeCommand command, CancellationToken ct)
    {
        var ssh = await connection.ReadyAsync(ct);
        var exit = await ChildProcess.RunAsync(ssh.Running(command.Line), command.Input, ct);
        var answer = RemoteAnswer.Read(exit.Output);
        if (answer is { HasBegun: false } && exit.ExitCode == ConnectionFailed)
        {
            throw SshFailure.Of(node, _settings, _keys.AreGiven, exit.Error);
        }

        await connection.AcceptedAsync(ssh, ct);
        if (answer is { HasBegun: true, ExitCode: { } code })
        {
            return new Reply(code, answer.Output, exit.Error);
        }

        if (exit.IsCut)
        {
            throw new SourceException($"{node.Name} answered more than is read of any answer");
        }

        throw answer.HasBegun
            ? new ShellException($"the connection to {node.Name} ended with {exit.ExitCode} in the middle of \"{command.Program.Name}\": {SshFailure.Says(exit.Error)}", mayPass: true)
            : SshFailure.NotBegun(node, _settings, exit.ExitCode, exit.Error + "\n" + Encoding.UTF8.GetString(exit.Output));
    }

    private sealed record Reply(int ExitCode, byte[] Output, string Error)
    {
        public byte[] MustBeGood(NodeTarget node, string what) =>
            ExitCode == 0 ? Output : throw new SourceException($"{node.Name} was asked {what} and ended with {ExitCode}: {SshFailure.Says(Error)}");
    }
}
