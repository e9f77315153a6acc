using System.Net;
using System.Net.Sockets;
using Stepper.Cluster.NodeShell;

namespace Stepper.Cluster.Tests.NodeShell;

/// <summary>How connections are made, shared, bounded and ended.</summary>
public sealed class SshConnectionTests : IAsyncLifetime
{
    private static readonly NodeTarget Node = new("node3", "127.0.0.1");
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private Sshd _sshd = null!;

    public async ValueTask InitializeAsync()
    {
        _sshd = await Sshd.StartAsync();
        Assert.SkipWhen(_sshd.Missing.Length > 0, _sshd.Missing);
    }

    public ValueTask DisposeAsync()
    {
        _sshd.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task NoConnectionIsLeftBehind()
    {
        await using (var shell = Shell(_sshd.Settings))
        {
            await shell.RunHookAsync(Node, "#!/bin/sh\nexit 0\n", Ct);
            _sshd.Shared.ShouldBe(1);
        }

        await UntilAsync(() => _sshd.Shared == 0);
    }

    [Fact]
    public async Task OnlySoManyConnectionsAreOpen()
    {
        using var directory = SshDirectory.Make(_sshd.Settings);
        await using var connections = new SshConnections(2, node => new SshConnection(node, _sshd.Settings, HostKeys.Given(_sshd.KnownHosts), directory, isShared: true));

        foreach (var name in new[] { "node1", "node2", "node3", "node4", "node1" })
        {
            await connections.UseAsync(Node with { Name = name }, connection => connection.ReadyAsync(Ct));
        }

        await UntilAsync(() => _sshd.Shared == 2);
        _sshd.LetIn.ShouldBe(5);
    }

    [Fact]
    public async Task OneThatIsOnlyJustOpenedIsEndedToo()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var shell = Shell(_sshd.Settings with { Port = ((IPEndPoint)silent.LocalEndpoint).Port, ConnectTimeout = TimeSpan.FromHours(1) });
        var asked = shell.RunHookAsync(Node, "#!/bin/sh\nexit 0\n", Ct);
        using var taken = await silent.AcceptSocketAsync(Ct);

        await shell.DisposeAsync();

        await Should.ThrowAsync<ShellException>(() => asked);
        while (await taken.ReceiveAsync(new byte[512], Ct) > 0)
        {
            // ssh has closed it, and so is no more.
        }
    }

    [Fact]
    public async Task AServerThatSaysNothingAndOneThatHangsUpMayBeBetterLater()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var patient = Shell(_sshd.Settings with { Port = ((IPEndPoint)silent.LocalEndpoint).Port, ConnectTimeout = TimeSpan.FromSeconds(1) });
        (await RefusalAsync(patient.RunHookAsync(Node, "#!/bin/sh\n", Ct))).MayPass.ShouldBeTrue();

        using var closing = new TcpListener(IPAddress.Loopback, 0);
        closing.Start();
        await using var shell = Shell(_sshd.Settings with { Port = ((IPEndPoint)closing.LocalEndpoint).Port });
        var asked = RefusalAsync(shell.RunHookAsync(Node, "#!/bin/sh\n", Ct));
        (await closing.AcceptSocketAsync(Ct)).Dispose();
        (await asked).MayPass.ShouldBeTrue();
    }

    [Fact]
    public async Task AProgramThatNeverEndsIsGivenUp()
    {
        var time = new HandTime();
        await using var shell = new SshShell(_sshd.Settings, HostKeys.Given(_sshd.KnownHosts), new NodeCommands(_sshd.PathOf("state")), time);
        var hook = RefusalAsync(shell.RunHookAsync(Node, $"#!/bin/sh\ntouch {_sshd.PathOf("begun")}; {_sshd.UntilGo}\n", Ct));
        await UntilAsync(() => File.Exists(_sshd.PathOf("begun")));

        time.Over();

        (await hook).Message.ShouldContain("did not come to its end within 30 min");
        await _sshd.GoAsync();
    }

    [Theory]
    [InlineData("mounted as it is", 0x1A4)]
    [InlineData("for root and a group", 0x120)]
    [InlineData("with the line ends of Windows", 0x124)]
    public async Task TheKeyIsTakenAsItIsMounted(string how, int mode)
    {
        var key = await File.ReadAllTextAsync(_sshd.PathOf("key"), Ct);
        var file = _sshd.PathOf("another");
        await File.WriteAllTextAsync(file, how.Contains("Windows", StringComparison.Ordinal) ? key.Replace("\n", "\r\n", StringComparison.Ordinal) : key.TrimEnd(), Ct);
        File.SetUnixFileMode(file, (UnixFileMode)mode);
        await using var shell = Shell(_sshd.Settings with { KeyFile = file });

        (await shell.RunHookAsync(Node, "#!/bin/sh\nexit 0\n", Ct)).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task WhereTheFirstPlaceCannotBeWrittenToAnotherIsTaken()
    {
        var directory = SshDirectory.Make(_sshd.Settings, ["/proc", _sshd.PathOf("bin")]);

        File.GetUnixFileMode(directory.KeyFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.GetUnixFileMode(Path.GetDirectoryName(directory.KeyFile)!).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        // Where ssh adds its own 17 bytes while it makes one.
        directory.ForNode().Socket.ShouldNotBeNull().Length.ShouldBeLessThan(104 - 17);
        directory.Dispose();
        File.Exists(directory.KeyFile).ShouldBeFalse();
        Should.Throw<ShellException>(() => SshDirectory.Make(_sshd.Settings, ["/proc", "/sys"])).MayPass.ShouldBeFalse();

        var deep = Directory.CreateDirectory(Path.Combine(_sshd.PathOf("bin"), new string('d', 60))).FullName;
        using var far = SshDirectory.Make(_sshd.Settings, [deep]);
        far.ForNode().Socket.ShouldBeNull();
        await using var connection = new SshConnection(Node, _sshd.Settings, HostKeys.Given(_sshd.KnownHosts), far, isShared: true);
        (await connection.ReadyAsync(Ct)).ControlPath.ShouldBeNull();
    }

    private SshShell Shell(SshSettings settings) => new(settings, HostKeys.Given(_sshd.KnownHosts), new NodeCommands(_sshd.PathOf("state")), TimeProvider.System);

    private static async Task UntilAsync(Func<bool> so)
    {
        while (!so())
        {
            Ct.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static async Task<ShellException> RefusalAsync(Task action)
    {
        try
        {
            await action;
        }
        catch (ShellException e)
        {
            return e;
        }

        throw new InvalidOperationException("It was not refused.");
    }

    /// <summary>Whose time limits are over when the test says so.</summary>
    private sealed class HandTime : TimeProvider
    {
        private readonly List<Action> _limits = [];

        public void Over() => _limits.ForEach(limit => limit());

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _limits.Add(() => callback(state));
            return new NoTimer();
        }

        private sealed class NoTimer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
