using System.Diagnostics;
using Stepper.Cluster.NodeShell;

namespace Stepper.Cluster.Tests.NodeShell;

/// <summary>Which host key is believed, asked of a real sshd.</summary>
public sealed class HostKeysTests : IAsyncLifetime
{
    private const string AnotherKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMl4RUvm2HHzxFVlmGU2J468gE1/T9ViqMhzHnS99iP4";

    private readonly Dictionary<string, string> _remembered = new(StringComparer.Ordinal);
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
    public async Task TheFirstKeyIsRememberedUnderTheNodesName()
    {
        (await RefusalAsync("node3", FirstUse())).ShouldBeNull();

        _remembered.ShouldBe(new Dictionary<string, string> { ["node3"] = _sshd.HostKeyLine("node3") });
    }

    [Fact]
    public async Task TwoNodesOnOneAddressAreTwoNodes()
    {
        _remembered["node4"] = $"node4 {AnotherKey}";

        (await RefusalAsync("node3", FirstUse())).ShouldBeNull();
        (await RefusalAsync("node4", FirstUse())).ShouldNotBeNull().Message.ShouldContain("k8s-upgrade-known-hosts");
    }

    [Fact]
    public async Task ARememberedKeyIsNotReplaced()
    {
        _remembered["node3"] = $"node3 {AnotherKey}";

        (await RefusalAsync("node3", FirstUse())).ShouldNotBeNull().MayPass.ShouldBeFalse();

        _remembered["node3"].ShouldBe($"node3 {AnotherKey}");
    }

    [Fact]
    public async Task AKeyOfAnotherKindIsAnotherKey()
    {
        var start = new ProcessStartInfo("ssh-keygen", ["-q", "-t", "ecdsa", "-N", "", "-f", _sshd.PathOf("ecdsa")]);
        (await ChildProcess.RunAsync(start, null, TestContext.Current.CancellationToken)).ExitCode.ShouldBe(0);
        _remembered["node3"] = "node3 " + (await File.ReadAllTextAsync(_sshd.PathOf("ecdsa.pub"), TestContext.Current.CancellationToken)).Trim();

        var refusal = (await RefusalAsync("node3", FirstUse())).ShouldNotBeNull();

        refusal.MayPass.ShouldBeFalse();
        refusal.Message.ShouldContain("ConfigMap k8s-upgrade-known-hosts");
    }

    [Fact]
    public async Task AKeyThatCouldNotBeRememberedElsewhereIsStillTheOnlyOneForThisProcess()
    {
        using var another = await Sshd.StartAsync();
        var keys = HostKeys.TrustedOnFirstUse(
            _ => Task.FromResult<IReadOnlyDictionary<string, string>>(new Dictionary<string, string>(StringComparer.Ordinal)), (_, _, _) => Task.CompletedTask);

        (await RefusalAsync("node3", keys)).ShouldBeNull();
        (await RefusalAsync("node3", keys, another)).ShouldNotBeNull().MayPass.ShouldBeFalse();
    }

    [Fact]
    public async Task AGivenKeyMayStandUnderTheNodesName() =>
        (await RefusalAsync("node3", HostKeys.Given($"# all of them\nnode2 {AnotherKey}\n{_sshd.HostKeyLine("node3")}\n"))).ShouldBeNull();

    [Fact]
    public async Task AGivenKeyMayStandUnderAddressAndPort() => (await RefusalAsync("node3", HostKeys.Given(_sshd.KnownHosts))).ShouldBeNull();

    [Theory]
    [InlineData("node3")]
    [InlineData("[node3]:PORT")]
    [InlineData("[127.0.0.1]:PORT")]
    public async Task AGivenKeyMayStandUnderAHashedName(string name)
    {
        var file = _sshd.PathOf("hashed");
        await File.WriteAllTextAsync(file, $"{_sshd.HostKeyLine(name.Replace("PORT", $"{_sshd.Settings.Port}", StringComparison.Ordinal))}\n", TestContext.Current.CancellationToken);
        (await ChildProcess.RunAsync(new ProcessStartInfo("ssh-keygen", ["-H", "-f", file]), null, TestContext.Current.CancellationToken)).ExitCode.ShouldBe(0);
        var hashed = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);

        hashed.ShouldStartWith("|1|");
        (await RefusalAsync("node3", HostKeys.Given(hashed))).ShouldBeNull();
        (await RefusalAsync("node3", HostKeys.Given(hashed.Replace(_sshd.HostKeyLine("").Trim(), AnotherKey, StringComparison.Ordinal)))).ShouldNotBeNull().MayPass.ShouldBeFalse();
    }

    [Theory]
    [InlineData("node*,!node4")]
    [InlineData("[node3]:PORT")]
    [InlineData("NODE3")]
    public async Task AGivenKeyMayStandUnderWhatSshTakesForTheName(string names) => (await RefusalAsync(
        "node3", HostKeys.Given($"127.0.0.1 {AnotherKey}\n{_sshd.HostKeyLine(names.Replace("PORT", $"{_sshd.Settings.Port}", StringComparison.Ordinal))}\n"))).ShouldBeNull();

    [Fact]
    public async Task AGivenKeyThatIsRevokedIsRefused() =>
        (await RefusalAsync("node3", HostKeys.Given($"{_sshd.HostKeyLine("node3")}\n@revoked {_sshd.HostKeyLine("*")}\n"))).ShouldNotBeNull().MayPass.ShouldBeFalse();

    [Fact]
    public async Task WhereKeysAreGivenAnUnknownNodeIsRefused() =>
        (await RefusalAsync("node3", HostKeys.Given($"node2 {AnotherKey}\n"))).ShouldNotBeNull().Message.ShouldContain("ssh-keyscan");

    private HostKeys FirstUse() => HostKeys.TrustedOnFirstUse(
        _ => Task.FromResult<IReadOnlyDictionary<string, string>>(new Dictionary<string, string>(_remembered, StringComparer.Ordinal)),
        (node, lines, _) =>
        {
            _remembered[node] = lines;
            return Task.CompletedTask;
        });

    private async Task<ShellException?> RefusalAsync(string name, HostKeys keys, Sshd? sshd = null)
    {
        await using var shell = new SshShell((sshd ?? _sshd).Settings, keys, new NodeCommands(_sshd.PathOf("state")), TimeProvider.System);
        try
        {
            await shell.RunHookAsync(new NodeTarget(name, "127.0.0.1"), "#!/bin/sh\ntrue\n", TestContext.Current.CancellationToken);
            return null;
        }
        catch (ShellException e)
        {
            return e;
        }
    }
}
