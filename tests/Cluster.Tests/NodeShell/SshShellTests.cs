using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;

namespace Stepper.Cluster.Tests.NodeShell;

/// <summary>The real shell over a real sshd.</summary>
public sealed class SshShellTests : IAsyncLifetime
{
    private static readonly NodeTarget Node = new("node3", "127.0.0.1");
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private Sshd _sshd = null!;
    private SshShell _shell = null!;

    public async ValueTask InitializeAsync()
    {
        _sshd = await Sshd.StartAsync();
        Assert.SkipWhen(_sshd.Missing.Length > 0, _sshd.Missing);
        _shell = Shell(HostKeys.Given(_sshd.KnownHosts));
    }

    public async ValueTask DisposeAsync()
    {
        if (_shell is not null)
        {
            await _shell.DisposeAsync();
        }

        _sshd.Dispose();
    }

    [Fact]
    public async Task ARunOutlivesItsConnectionAndTheNextStartAttachesToIt()
    {
        var script = Script($"echo one; {_sshd.UntilGo}; echo \"two é\"; printf 'the end'; exit 7");
        var started = await _shell.StartScriptAsync(Node, script, Ct);
        var first = await _shell.FollowScriptAsync(Node, started, 0, Ct);

        _sshd.Drop();
        var attached = await AgainAsync(() => _shell.StartScriptAsync(Node, Script("echo another"), Ct));
        await _sshd.GoAsync();
        var (rest, last) = await FollowedAsync(started, first.NextByte);

        started.ShouldBe(new ScriptRun(started.Id, new KubeVersion(1, 34, 7), ScriptState.Running, null));
        first.Text.ShouldBe("one\n");
        attached.ShouldBe(started);
        rest.ShouldBe("two é\nthe end");
        last.ShouldBe(last with { State = ScriptState.Ended, ExitCode = 7 });
    }

    [Fact]
    public async Task TheScriptGetsItsOptionsAndNoInput()
    {
        var run = await _shell.StartScriptAsync(Node, Script("cat; printf '%s|' \"$@\"") with { Patches = "/etc/patches" }, Ct);

        (await FollowedAsync(run, 0)).Text.ShouldBe("--role|worker|--release|1.34.7|--repository|https://pkgs.k8s.io/core:/stable:|--patches|/etc/patches|");
    }

    [Fact]
    public async Task ALongLogArrivesWhole()
    {
        var run = await _shell.StartScriptAsync(Node, Script("seq 1 100000"), Ct);

        var (text, last) = await FollowedAsync(run, 0);

        text.ShouldBe(string.Concat(Enumerable.Range(1, 100000).Select(i => $"{i}\n")));
        last.ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task ARunThatWasKilledIsLostAndAnotherOneStarts()
    {
        var run = await _shell.StartScriptAsync(Node, Script("kill -9 $PPID; exit 1"), Ct);

        (await FollowedAsync(run, 0)).Last.State.ShouldBe(ScriptState.Lost);
        (await _shell.StartScriptAsync(Node, Script("exit 0"), Ct)).Id.ShouldNotBe(run.Id);
    }

    [Fact]
    public async Task WhatAKilledRunLeftBehindStillCountsAsTheRun()
    {
        var run = await _shell.StartScriptAsync(Node, Script($"kill -9 $PPID; echo on; {_sshd.UntilGo}"), Ct);
        (await _shell.FollowScriptAsync(Node, run, 0, Ct)).Text.ShouldBe("on\n");

        (await _shell.StartScriptAsync(Node, Script("exit 0"), Ct)).ShouldBe(run);

        await _sshd.GoAsync();
        (await FollowedAsync(run, 0)).Last.State.ShouldBe(ScriptState.Lost);
    }

    [Fact]
    public async Task ARunFromBeforeARebootIsToldFromOneThatWasKilled()
    {
        var run = await _shell.StartScriptAsync(Node, Script($"{_sshd.UntilGo}"), Ct);
        await File.WriteAllTextAsync(_sshd.PathOf($"state/runs/{run.Id}/boot"), "00000000-another-boot\n", Ct);

        (await _shell.FollowScriptAsync(Node, run, 0, Ct)).State.ShouldBe(ScriptState.Rebooted);

        await _sshd.GoAsync();
    }

    [Fact]
    public async Task AnotherProcessThatHasTheNumberOfAKilledRunIsNotTheRun()
    {
        var run = await _shell.StartScriptAsync(Node, Script("kill -9 $PPID; exit 1"), Ct);
        (await FollowedAsync(run, 0)).Last.State.ShouldBe(ScriptState.Lost);

        await File.WriteAllTextAsync(_sshd.PathOf($"state/runs/{run.Id}/process"), $"{Environment.ProcessId} 1\n", Ct);

        (await _shell.FollowScriptAsync(Node, run, 0, Ct)).State.ShouldBe(ScriptState.Lost);
    }

    [Fact]
    public async Task TwoPodsThatStartAtOnceStartOneRun()
    {
        await using var another = Shell(HostKeys.Given(_sshd.KnownHosts));
        var script = Script($"echo begun >>{_sshd.PathOf("begun")}; {_sshd.UntilGo}");

        var runs = await Task.WhenAll(_shell.StartScriptAsync(Node, script, Ct), another.StartScriptAsync(Node, script, Ct));
        await _sshd.GoAsync();

        runs[1].ShouldBe(runs[0]);
        (await FollowedAsync(runs[0], 0)).Last.ExitCode.ShouldBe(0);
        (await File.ReadAllLinesAsync(_sshd.PathOf("begun"), Ct)).ShouldBe(["begun"]);
    }

    [Fact]
    public async Task ARunThatGoesToAnotherVersionIsShownAsWhatItIs()
    {
        var run = await _shell.StartScriptAsync(Node, Script($"{_sshd.UntilGo}"), Ct);

        (await _shell.StartScriptAsync(Node, Script("exit 0") with { Release = new KubeVersion(1, 35, 1) }, Ct)).ShouldBe(run);

        await _sshd.GoAsync();
    }

    [Fact]
    public async Task AnotherPodFollowsFromWhereTheDeadOneWas()
    {
        var run = await _shell.StartScriptAsync(Node, Script($"printf 'a\\377b\\n'; {_sshd.UntilGo}; echo two"), Ct);
        var first = await _shell.FollowScriptAsync(Node, run, 0, Ct);
        await _shell.DisposeAsync();

        _shell = Shell(HostKeys.Given(_sshd.KnownHosts));
        var attached = await _shell.StartScriptAsync(Node, Script("exit 9"), Ct);
        await _sshd.GoAsync();
        var (rest, last) = await FollowedAsync(attached, first.NextByte);

        first.Text.ShouldBe("a\uFFFDb\n");
        first.NextByte.ShouldBe(4);
        rest.ShouldBe("two\n");
        last.ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task ANodeIsInspectedInOneRoundTrip()
    {
        _sshd.Stands("dpkg-query", "printf 'hi |kubeadm|1.34.7-1.1\\nii |kubelet|1.34.6-1.1\\nrc |kubectl|1.33.0-1.1\\n'; exit 1");

        var before = await _shell.InspectAsync(Node, Ct);
        var run = await _shell.StartScriptAsync(Node, Script("exit 0"), Ct);
        await FollowedAsync(run, 0);
        var after = await _shell.InspectAsync(Node, Ct);

        before.Packages.Keys.ShouldBe(["kubeadm", "kubelet"]);
        before.Release("kubelet", "node3").ShouldBe(new KubeVersion(1, 34, 6));
        before.Held.ShouldBe(["kubeadm"]);
        before.Script.ShouldBeNull();
        after.Script.ShouldBe(run with { State = ScriptState.Ended, ExitCode = 0 });
    }

    [Fact]
    public async Task AHookRunsAsRootAndItsEndIsKnown()
    {
        var result = await _shell.RunHookAsync(Node, "#!/bin/sh\nid -u; echo oh >&2; exit 3\n", Ct);

        result.ShouldBe(new CommandResult(3, "0\noh\n"));
    }

    [Fact]
    public async Task AHookThatEndsWith255IsNoLostConnection() =>
        (await _shell.RunHookAsync(Node, "#!/bin/sh\nexit 255\n", Ct)).ExitCode.ShouldBe(255);

    [Fact]
    public async Task AHookThatLeavesAProcessBehindDoesNotHoldUp()
    {
        var result = await _shell.RunHookAsync(Node, $"#!/bin/sh\n({_sshd.UntilGo}) & echo done\n", Ct);

        result.Output.ShouldBe("done\n");
        await _sshd.GoAsync();
    }

    [Fact]
    public async Task KubeadmsPlanIsAskedForTheTarget()
    {
        _sshd.Stands("kubeadm", "echo \"$@\"; echo no >&2; exit 1");

        (await _shell.KubeadmPlanAsync(Node, new KubeVersion(1, 35, 0), [], Ct)).ShouldBe(new CommandResult(1, "upgrade plan v1.35.0\nno\n"));
        (await _shell.KubeadmPlanAsync(Node, new KubeVersion(1, 35, 0), ["Swap", "CreateJob"], Ct)).Output.ShouldBe("upgrade plan --ignore-preflight-errors=Swap,CreateJob v1.35.0\nno\n");
        (await _shell.KubeadmDiffAsync(Node, new KubeVersion(1, 35, 0), Ct)).ShouldBe(new CommandResult(1, "upgrade diff v1.35.0\nno\n"));
    }

    [Fact]
    public async Task ACommandThatIsCancelledEndsAtOnce()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var hook = _shell.RunHookAsync(Node, $"#!/bin/sh\ntouch {_sshd.PathOf("begun")}; {_sshd.UntilGo}\n", stop.Token);
        while (!File.Exists(_sshd.PathOf("begun")))
        {
            await Task.Yield();
        }

        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => hook);
        await _sshd.GoAsync();
    }

    [Fact]
    public async Task ManyCommandsForANodeShareItsConnection()
    {
        _sshd.Stands("kubeadm", "echo \"$SSH_CONNECTION\"");

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _shell.KubeadmPlanAsync(Node, new KubeVersion(1, 35, 0), [], Ct)));

        answers.Select(answer => answer.Output).Distinct(StringComparer.Ordinal).Count().ShouldBe(1);
    }

    [Fact]
    public async Task MoreCommandsThanAConnectionMayCarryFindAnotherWay()
    {
        _sshd.Stands("kubeadm", $"touch {_sshd.PathOf("begun")}.$$; {_sshd.UntilGo}; echo done");

        var answers = Enumerable.Range(0, 14).Select(_ => _shell.KubeadmPlanAsync(Node, new KubeVersion(1, 35, 0), [], Ct)).ToList();
        while (Directory.GetFiles(Path.GetDirectoryName(_sshd.PathOf("begun"))!, "begun.*").Length < 14)
        {
            await Task.Yield();
        }

        await _sshd.GoAsync();
        (await Task.WhenAll(answers)).ShouldAllBe(answer => answer.Output == "done\n");
    }

    [Fact]
    public async Task ACommandGoesOnWhereTheSharedConnectionWasCut()
    {
        (await _shell.RunHookAsync(Node, "#!/bin/sh\necho a\n", Ct)).Output.ShouldBe("a\n");

        _sshd.Drop();

        (await AgainAsync(() => _shell.RunHookAsync(Node, "#!/bin/sh\necho b\n", Ct))).Output.ShouldBe("b\n");
    }

    [Fact]
    public async Task ASudoThatWantsAPasswordIsSaidWithWhatToDo()
    {
        _sshd.Stands("sudo", "echo 'sudo: a password is required' >&2; exit 1");

        var failure = await FailureAsync(() => _shell.InspectAsync(Node, Ct));

        failure.ShouldNotBeNull().MayPass.ShouldBeFalse();
        failure.Message.ShouldContain("sudo: a password is required");
        failure.Message.ShouldContain("NOPASSWD");
    }

    [Fact]
    public async Task ANodeThatIsNotThereMayComeBack()
    {
        await using var shell = new SshShell(_sshd.Settings with { Port = 1 }, HostKeys.Given(_sshd.KnownHosts), Commands(), TimeProvider.System);

        (await FailureAsync(() => shell.InspectAsync(Node, Ct))).ShouldNotBeNull().MayPass.ShouldBeTrue();
    }

    [Fact]
    public async Task AKeyThatTheNodeDoesNotKnowIsSaid()
    {
        await using var shell = new SshShell(_sshd.Settings with { KeyFile = _sshd.PathOf("host") }, HostKeys.Given(_sshd.KnownHosts), Commands(), TimeProvider.System);

        var failure = (await FailureAsync(() => shell.InspectAsync(Node, Ct))).ShouldNotBeNull();

        failure.MayPass.ShouldBeFalse();
        failure.Message.ShouldContain("does not let root in");
    }

    [Theory]
    [InlineData("-oProxyCommand=touch canary")]
    [InlineData("node3.example.org")]
    [InlineData("")]
    public async Task OnlyAnIpAddressIsConnectedTo(string address) =>
        (await FailureAsync(() => _shell.InspectAsync(new NodeTarget("node3", address), Ct))).ShouldNotBeNull().MayPass.ShouldBeFalse();

    // As a step does: a connection that was cut fails what is sent until that is noticed.
    private static async Task<T> AgainAsync<T>(Func<Task<T>> action)
    {
        while (true)
        {
            try
            {
                return await action();
            }
            catch (ShellException e) when (e.MayPass)
            {
                await Task.Yield();
            }
        }
    }

    private static async Task<ShellException?> FailureAsync(Func<Task> action)
    {
        try
        {
            await action();
            return null;
        }
        catch (ShellException e)
        {
            return e;
        }
    }

    private static NodeScript Script(string body) => new(
        ScriptRole.Worker, FirstControlPlane: false, new KubeVersion(1, 34, 7), "#!/bin/sh\n" + body + "\n", "https://pkgs.k8s.io/core:/stable:", [], [], null);

    private async Task<(string Text, ScriptProgress Last)> FollowedAsync(ScriptRun run, long from)
    {
        var text = "";
        while (true)
        {
            var progress = await _shell.FollowScriptAsync(Node, run, from, Ct);
            text += progress.Text;
            from = progress.NextByte;
            if (progress.State is not ScriptState.Running)
            {
                return (text, progress);
            }
        }
    }

    private SshShell Shell(HostKeys keys) => new(_sshd.Settings, keys, Commands(), TimeProvider.System);

    private NodeCommands Commands() => new(_sshd.PathOf("state"));
}
