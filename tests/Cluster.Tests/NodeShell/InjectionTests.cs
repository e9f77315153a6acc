using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;

namespace Stepper.Cluster.Tests.NodeShell;

/// <summary>
/// Whatever comes from the cluster, the settings or the network, through a real sshd: what can't be valid is refused before ssh is started, and nothing of it
/// is ever run.
/// </summary>
public sealed class InjectionTests : IAsyncLifetime
{
    private static readonly NodeTarget Node = new("node3", "127.0.0.1");
    private static readonly KubeVersion Target = new(1, 34, 7);
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private Sshd _sshd = null!;

    private string Canary => _sshd.PathOf("canary");

    private string[] Hostile =>
    [
        $"$(touch {Canary})", $"`touch {Canary}`", $"'; touch {Canary}; '", $"\"; touch {Canary}; \"", $"\ntouch {Canary}\n", $"-oProxyCommand=touch {Canary}", $"; touch {Canary}",
        $"| touch {Canary}", $"&& touch {Canary} #", "${x:-$(touch " + Canary + ")}", $"x\0$(touch {Canary})", $"<(touch {Canary})", $"%n$(touch {Canary})", "%h", "*", "?x", "~", "{a,b}", "\\",
        "!!", "ü", "--help", "-", "", " ", "$IFS",
    ];

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
    public async Task WhatCannotBeValidIsRefusedBeforeSshIsStarted()
    {
        var script = new NodeScript(ScriptRole.Worker, false, Target, "#!/bin/sh\nexit 0\n", "https://pkgs.k8s.io/core:/stable:", [], [], null);
        await using var shell = Shell(_sshd.Settings, HostKeys.Given(_sshd.KnownHosts));
        var fields = new Dictionary<string, Func<string, Task>>(StringComparer.Ordinal)
        {
            ["node name"] = value => shell.InspectAsync(new NodeTarget(value, "127.0.0.1"), Ct),
            ["InternalIP"] = value => shell.InspectAsync(new NodeTarget("node3", value), Ct),
            ["InternalIP with a zone"] = value => shell.InspectAsync(new NodeTarget("node3", "fe80::1%" + value), Ct),
            ["InternalIP with more"] = value => shell.InspectAsync(new NodeTarget("node3", "127.0.0.1" + (value.Length == 0 ? "." : value)), Ct),
            ["ssh.user"] = async value =>
            {
                await using var another = Shell(_sshd.Settings with { User = value }, HostKeys.Given(_sshd.KnownHosts));
                await another.InspectAsync(Node, Ct);
            },
            ["repository of a script"] = value => shell.StartScriptAsync(Node, script with { Repository = value }, Ct),
            ["repository with more"] = value => shell.StartScriptAsync(Node, script with { Repository = "https://pkgs.k8s.io/core:" + (value.Length == 0 ? "//" : value + " ") }, Ct),
            ["repository of a source"] = value => shell.UseReleaseLineAsync(Node, Target.Line, value, Ct),
            ["kubeadm.patches"] = value => shell.StartScriptAsync(Node, script with { Patches = value.Length == 0 ? "/" : value }, Ct),
            ["kubeadm.patches, below a directory"] = value => shell.StartScriptAsync(Node, script with { Patches = "/etc/" + (value is "-" or "--help" ? "/" : value) }, Ct),
            ["kubeadm.ignorePreflightErrors"] = value => shell.StartScriptAsync(Node, script with { IgnorePreflightErrors = ["Swap", value] }, Ct),
            ["kubeadm.ignorePreflightErrors of a plan"] = value => shell.KubeadmPlanAsync(Node, Target, ["Swap", value], Ct),
            ["kubeadm.skipPhases"] = value => shell.StartScriptAsync(Node, script with { SkipPhases = [value] }, Ct),
            ["run, as the node named it"] = value => shell.FollowScriptAsync(Node, new ScriptRun(value, Target, ScriptState.Running, null), 0, Ct),
            ["name of a snapshot"] = value => shell.SaveEtcdAsync(Node, value, TimeSpan.Zero, Ct),
            ["run with more"] = value => shell.FollowScriptAsync(Node, new ScriptRun("20261122T101010Z-7" + value + "\n", Target, ScriptState.Running, null), 0, Ct),
        };

        foreach (var (field, send) in fields)
        {
            foreach (var value in Hostile)
            {
                var refusal = await RefusalAsync(() => send(value));
                refusal.ShouldNotBeNull($"{field}: \"{value}\" was taken");
                (refusal is ShellException { MayPass: true }).ShouldBeFalse($"{field}: \"{value}\" would be tried again");
            }
        }

        File.Exists(_sshd.PathOf("log")).ShouldBeTrue();
        File.ReadAllText(_sshd.PathOf("log")).ShouldNotContain("Connection from");
        _sshd.LetIn.ShouldBe(0);
        File.Exists(Canary).ShouldBeFalse();
    }

    [Fact]
    public async Task WhatANodesProgramsAnswerIsTextAndNoMore()
    {
        var lines = string.Join('\n', Hostile.Where(value => !value.Contains('\0', StringComparison.Ordinal)));
        await File.WriteAllTextAsync(_sshd.PathOf("madison"), string.Concat(lines.Split('\n').Select(line => $" kubeadm | 1.34.7-1.1{line} | {line} Packages\n kubeadm | {line} | x Packages\n")), Ct);
        await File.WriteAllTextAsync(_sshd.PathOf("lines"), lines, Ct);
        _sshd.Stands("apt-get", $"cat {_sshd.PathOf("lines")}");
        _sshd.Stands("apt-cache", $"cat {_sshd.PathOf("madison")}");
        _sshd.Stands("apt-mark", $"cat {_sshd.PathOf("lines")}");
        _sshd.Stands("dpkg-query", $"while IFS= read -r line; do printf 'hi |%s|%s\\n' \"$line\" \"$line\"; done <{_sshd.PathOf("lines")}");
        _sshd.Stands("dpkg-deb", "mkdir -p unpacked/usr/bin; cp -- \"$(command -v kubeadm)\" unpacked/usr/bin/kubeadm");
        _sshd.Stands("kubeadm", $"cat {_sshd.PathOf("lines")}");
        _sshd.Stands("crictl", $"while IFS= read -r line; do printf '%s/kube-proxy x\\n' \"$line\"; done <{_sshd.PathOf("lines")}");
        await using var shell = Shell(_sshd.Settings, HostKeys.Given(_sshd.KnownHosts));

        var inspection = await shell.InspectAsync(Node, Ct);
        await RefusalAsync(() => shell.AvailableKubeadmAsync(Node, Ct));
        await RefusalAsync(() => shell.FetchAheadAsync(Node, Target, Ct));
        await shell.KubeadmPlanAsync(Node, Target, [], Ct);
        LostFlags.In((await shell.KubeadmDiffAsync(Node, Target, Ct)).Output).ShouldBeNull();

        inspection.Held.ShouldContain("*");
        Should.Throw<SourceException>(() => inspection.Release("kubelet", "node3"));
        File.Exists(Canary).ShouldBeFalse();
    }

    [Fact]
    public async Task WhatIsKnownOfHostKeysIsTextAndNoMore()
    {
        var lines = string.Concat(Hostile.Select(value => $"{value} ssh-ed25519 AAAA\n{value}\nnode3 {value}\n"));
        var given = HostKeys.Given(lines + _sshd.HostKeyLine("node3"));
        var kept = HostKeys.TrustedOnFirstUse(
            _ => Task.FromResult<IReadOnlyDictionary<string, string>>(new Dictionary<string, string>(StringComparer.Ordinal) { ["node3"] = lines + _sshd.HostKeyLine("node3") }), (_, _, _) => Task.CompletedTask);

        foreach (var keys in new[] { given, kept })
        {
            await using var shell = Shell(_sshd.Settings, keys);
            (await RefusalAsync(() => shell.RunHookAsync(Node, "#!/bin/sh\n", Ct))).ShouldBeNull();
        }

        File.Exists(Canary).ShouldBeFalse();
    }

    private SshShell Shell(SshSettings settings, HostKeys keys) => new(settings, keys, new NodeCommands(_sshd.PathOf("state")), TimeProvider.System);

    private static async Task<SourceException?> RefusalAsync(Func<Task> action)
    {
        try
        {
            await action();
            return null;
        }
        catch (SourceException e)
        {
            return e;
        }
    }
}
