using System.Diagnostics;
using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;

namespace Stepper.Cluster.Tests.NodeShell;

/// <summary>The real shell, the real node script, real sudo and apt; kubeadm and kubelet are stand-ins.</summary>
public sealed class NodeLabTests : IClassFixture<NodeLab>, IAsyncDisposable
{
    private const string Master = "k8s-master";
    private const string Worker = "k8s-node1";
    private static readonly KubeVersion Target = new(1, 34, 7);
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private readonly NodeLab _lab;
    private readonly SshShell _shell;

    public NodeLabTests(NodeLab lab)
    {
        Assert.SkipWhen(lab.Missing.Length > 0, lab.Missing);
        _lab = lab;
        _shell = new SshShell(lab.Settings, HostKeys.Given(lab.KnownHosts));
    }

    public ValueTask DisposeAsync() => _shell.DisposeAsync();

    [Fact]
    public async Task TheReleasesOfTheNodesOwnSourceAreKnown() =>
        (await _shell.AvailableKubeadmAsync(_lab.Node(Worker), Ct)).ShouldBe([Target, new(1, 34, 6), new(1, 34, 2), new(1, 34, 1)]);

    [Fact]
    public async Task AnotherReleaseLineMayBeTaken()
    {
        await _shell.UseReleaseLineAsync(_lab.Node(Worker), new MinorVersion(1, 35), _lab.Repository, Ct);
        (await _shell.AvailableKubeadmAsync(_lab.Node(Worker), Ct)).ShouldBe([new(1, 35, 1), new(1, 35, 0)]);

        await _shell.UseReleaseLineAsync(_lab.Node(Worker), new MinorVersion(1, 34), _lab.Repository, Ct);
        (await _shell.AvailableKubeadmAsync(_lab.Node(Worker), Ct)).ShouldContain(Target);
    }

    [Theory]
    [InlineData("1.34.7", "kubeadm kubelet kubectl", null)]
    [InlineData("1.34.99", "", null)]
    [InlineData("1.35.1", "kubeadm kubelet kubectl", null)] // which its own package list does not know
    [InlineData("1.77.0", "", "curl: (22) The requested URL returned error: 40")]
    public async Task ASurveySaysWhetherTheTargetCanBeHad(string target, string offered, string? problem)
    {
        var survey = await _shell.SurveyAsync(_lab.Node(Worker), KubeVersion.Parse(target, "the test"), _lab.Repository, Ct);

        survey.MissingTools.ShouldBeEmpty();
        survey.Packages.Select(package => package.Name).Order().ShouldBe(["kubeadm", "kubectl", "kubelet"]);
        survey.Packages.ShouldAllBe(package => package.IsHeld);
        string.Join(' ', survey.Offered.OrderBy(name => NodeInspection.KubernetesPackages.ToList().IndexOf(name))).ShouldBe(offered);
        (survey.RepositoryProblem ?? "").ShouldStartWith(problem ?? "");
        survey.Locks.ShouldBeEmpty();
        survey.Places.ShouldAllBe(place => place.FreeBytes > 0 && place.IsWritable);
        (TimeProvider.System.GetUtcNow() - survey.Clock).Duration().ShouldBeLessThan(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task ASurveySaysWhoHoldsTheLockOfDpkg()
    {
        await _lab.FaultAsync(Master, "dpkg-locked");
        var survey = await _shell.SurveyAsync(_lab.Node(Master), Target, _lab.Repository, Ct);
        await _lab.MendAsync(Master);

        survey.Locks.ShouldNotBeEmpty();
        survey.Locks.ShouldAllBe(held => held.Holder!.Name == "dpkg");
        (await _shell.SurveyAsync(_lab.Node(Master), Target, _lab.Repository, Ct)).Locks.ShouldBeEmpty();
    }

    [Fact]
    public async Task ARepositoryThatHasNoSuchLineIsAnError()
    {
        var failure = await Should.ThrowAsync<SourceException>(() => _shell.UseReleaseLineAsync(_lab.Node(Worker), new MinorVersion(1, 77), _lab.Repository, Ct));

        failure.Message.ShouldContain("Release.key could not be fetched");
    }

    [Fact]
    public async Task PackagesAreFetchedAheadThoughTheyAreHeldAndNothingIsInstalled()
    {
        // As a hardened node has it: nothing there may be run.
        await _lab.ExecAsync(Worker, "mount", "-t", "tmpfs", "-o", "noexec", "tmpfs", "/tmp");
        var fetched = await _shell.FetchAheadAsync(_lab.Node(Worker), new KubeVersion(1, 34, 6), Ct);
        await _lab.ExecAsync(Worker, "umount", "/tmp");

        // Its container runtime is a stand-in that pulls nothing; a worker needs two images.
        fetched.Output.ShouldContain("registry.k8s.io/kube-proxy:v1.34.6 could not be pulled");
        fetched.Output.ShouldNotContain("kube-apiserver");
        fetched.ExitCode.ShouldBe(1);
        Directory.GetFiles(_lab.PathOn(Worker, "/var/cache/apt/archives"), "*_1.34.6-*.deb").Length.ShouldBe(3);
        var node = await _shell.InspectAsync(_lab.Node(Worker), Ct);
        node.Release("kubelet", Worker).ShouldBe(new KubeVersion(1, 34, 2));
        node.IsHeld.ShouldBeTrue();
    }

    [Fact]
    public async Task OldScratchIsPrunedAndNewIsNot()
    {
        var scratch = Directory.CreateDirectory(_lab.PathOn(Master, "/etc/kubernetes/tmp"));
        var old = scratch.CreateSubdirectory("kubeadm-backup-etcd-old");
        await File.WriteAllTextAsync(Path.Combine(old.FullName, "db"), "x", Ct);
        old.LastWriteTimeUtc = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        scratch.CreateSubdirectory("kubeadm-backup-etcd-new");

        await _shell.PruneKubeadmScratchAsync(_lab.Node(Master), TimeSpan.FromDays(3), Ct);

        scratch.GetDirectories().Select(directory => directory.Name).ShouldNotContain("kubeadm-backup-etcd-old");
        scratch.GetDirectories().Select(directory => directory.Name).ShouldContain("kubeadm-backup-etcd-new");
    }

    [Fact]
    public async Task EtcdSaysHowItIsAndSavesItself()
    {
        var well = await _shell.EtcdAsync(_lab.Node(Master), Ct);
        await File.WriteAllTextAsync(_lab.PathOn(Master, "/lab/etcd-away"), "", Ct);
        var away = await _shell.EtcdAsync(_lab.Node(Master), Ct);
        File.Delete(_lab.PathOn(Master, "/lab/etcd-away"));
        var saved = await _shell.SaveEtcdAsync(_lab.Node(Master), "etcd-1.34.7-1.db", TimeSpan.FromHours(1), Ct);
        var failure = await Should.ThrowAsync<SourceException>(() => _shell.SaveEtcdAsync(_lab.Node(Worker), "etcd-1.34.7-1.db", TimeSpan.FromHours(1), Ct));

        well.Members.ShouldHaveSingleItem().Health!.IsHealthy.ShouldBeTrue();
        (well.After! - well.Before!).Syncs.Count.ShouldBe(12);
        away.Members.ShouldHaveSingleItem().Health!.Says.ShouldBe("context deadline exceeded");
        saved.ShouldBe(new SavedEtcd("/var/lib/stepper/snapshots/etcd-1.34.7-1.db", Reused: false, 20512, 184213, 184213, 9312));
        new FileInfo(_lab.PathOn(Master, saved.Path)).Length.ShouldBe(20512);
        failure.Message.ShouldContain("this node has no static pod of etcd to take a snapshot of");
    }

    [Fact]
    public async Task AControlPlaneIsUpgradedThoughEveryConnectionIsCutAndANodeThatRebootsIsToldApart()
    {
        var node = _lab.Node(Master);
        await File.WriteAllTextAsync(_lab.PathOn(Master, "/lab/slow-apply"), "2", Ct);
        (await _shell.KubeadmPlanAsync(node, Target, ["Swap"], Ct)).ExitCode.ShouldBe(0);
        LostFlags.In((await _shell.KubeadmDiffAsync(node, Target, Ct)).Output).ShouldBe([]);
        await _lab.ExecAsync(Master, "sed", "-i", "/allow-privileged/i\\    - --oidc-client-id=kubernetes", "/etc/kubernetes/manifests/kube-apiserver.yaml");
        LostFlags.In((await _shell.KubeadmDiffAsync(node, Target, Ct)).Output).ShouldBe(["--oidc-client-id"]);

        var started = await _shell.StartScriptAsync(node, Script(Target), Ct);
        (await _shell.InspectAsync(node, Ct)).ScriptRuns.ShouldBeTrue();
        await _lab.ExecAsync(Master, "pkill", "-x", "sshd");
        (await AgainAsync(() => _shell.StartScriptAsync(node, Script(Target), Ct))).Id.ShouldBe(started.Id);
        var (log, last) = await FollowedAsync(node, started);
        var after = await _shell.InspectAsync(node, Ct);

        log.ShouldContain("stage: apply\n");
        log.ShouldEndWith("stage: done\n");
        last.State.ShouldBe(ScriptState.Ended);
        last.ExitCode.ShouldBe(0);
        after.Script.ShouldBe(started with { State = ScriptState.Ended, ExitCode = 0 });
        after.Release("kubelet", Master).ShouldBe(Target);
        after.IsHeld.ShouldBeTrue();

        var next = new KubeVersion(1, 35, 1);
        await File.WriteAllTextAsync(_lab.PathOn(Master, "/lab/slow-plan"), "60", Ct);
        var cut = await _shell.StartScriptAsync(node, Script(next), Ct);
        await _lab.RebootAsync(Master);
        (await AgainAsync(() => _shell.InspectAsync(node, Ct))).Script.ShouldBe(new ScriptRun(cut.Id, next, ScriptState.Rebooted, null));
    }

    [Fact]
    public async Task WhereSystemdRunsTheScriptIsAUnitOfItsOwn()
    {
        Directory.CreateDirectory(_lab.PathOn(Worker, "/run/systemd/system"));
        Stand.In(_lab.PathOn(Worker, "/usr/local/bin"), "systemd-run", """
            printf '%s\n' "$@" >/run/asked
            while [ "${1#--}" != "$1" ]; do shift; done
            env -i PATH="$PATH" setsid "$@" >/dev/null 2>&1 &
            """);

        var run = await _shell.StartScriptAsync(_lab.Node(Worker), Script(Target) with { Role = ScriptRole.Worker, FirstControlPlane = false, Text = "#!/bin/sh\necho \"$HOME\"\n" }, Ct);

        (await FollowedAsync(_lab.Node(Worker), run)).Log.ShouldBe("/root\n");
        var asked = await File.ReadAllLinesAsync(_lab.PathOn(Worker, "/run/asked"), Ct);
        asked.ShouldContain($"--unit=stepper-{run.Id}");
        Directory.Delete(_lab.PathOn(Worker, "/run/systemd/system"));
        if (File.Exists("/usr/bin/systemd-run"))
        {
            // The real one knows all of these; asked for its help it starts nothing.
            var options = asked.TakeWhile(word => word.StartsWith("--", StringComparison.Ordinal)).ToList();
            options.ShouldContain("--collect");
            (await ChildProcess.RunAsync(new ProcessStartInfo("systemd-run", [.. options, "--help"]), null, Ct)).ExitCode.ShouldBe(0);
        }
    }

    [Fact]
    public async Task WhereSystemdDoesNotAnswerTheScriptRunsAllTheSame()
    {
        Directory.CreateDirectory(_lab.PathOn(Worker, "/run/systemd/system"));
        Stand.In(_lab.PathOn(Worker, "/usr/local/bin"), "systemd-run", "echo 'Failed to connect to bus: No such file or directory' >&2; exit 1");

        var run = await _shell.StartScriptAsync(_lab.Node(Worker), OfWorker("echo it runs"), Ct);

        (await FollowedAsync(_lab.Node(Worker), run)).Log.ShouldBe("it runs\n");
        Directory.Delete(_lab.PathOn(Worker, "/run/systemd/system"));
    }

    [Fact]
    public async Task ARunStartedTwiceRunsOnce()
    {
        Directory.CreateDirectory(_lab.PathOn(Worker, "/run/systemd/system"));
        // It did what it was told, and could not say so.
        Stand.In(_lab.PathOn(Worker, "/usr/local/bin"), "systemd-run", """
            while [ "${1#--}" != "$1" ]; do shift; done
            setsid "$@" >/dev/null 2>&1 &
            exit 1
            """);

        var run = await _shell.StartScriptAsync(_lab.Node(Worker), OfWorker("echo once; sleep 0.5"), Ct);

        var (log, last) = await FollowedAsync(_lab.Node(Worker), run);
        log.ShouldBe("once\n");
        last.ExitCode.ShouldBe(0);
        Directory.Delete(_lab.PathOn(Worker, "/run/systemd/system"));
    }

    [Fact]
    public async Task ADiskThatIsFullTakesNoExitCodeAway()
    {
        await _lab.ExecAsync(Worker, "mkdir", "-p", "/var/lib/stepper");
        await _lab.ExecAsync(Worker, "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", "/var/lib/stepper");

        var run = await _shell.StartScriptAsync(_lab.Node(Worker), OfWorker("seq 1 100000; exit 5"), Ct);

        (await FollowedAsync(_lab.Node(Worker), run)).Last.ExitCode.ShouldBe(5);
        var refusal = await Should.ThrowAsync<SourceException>(() => _shell.StartScriptAsync(_lab.Node(Worker), OfWorker("exit 0"), Ct));
        refusal.Message.ShouldContain("No space left on device");
        await _lab.ExecAsync(Worker, "umount", "/var/lib/stepper");
    }

    [Fact]
    public async Task AKubeadmThatOutlivesItsRunStillCountsAsTheRun()
    {
        await File.WriteAllTextAsync(_lab.PathOn(Worker, "/lab/slow-node"), "3", Ct);
        var node = _lab.Node(Worker);
        var run = await _shell.StartScriptAsync(node, Script(new KubeVersion(1, 34, 6)) with { Role = ScriptRole.Worker, FirstControlPlane = false }, Ct);
        for (var (log, from) = ("", 0L); !log.Contains("stage: node", StringComparison.Ordinal);)
        {
            var progress = await _shell.FollowScriptAsync(node, run, from, Ct);
            (log, from) = (log + progress.Text, progress.NextByte);
        }

        await _lab.ExecAsync(Worker, "pkill", "-KILL", "-f", "^/bin/sh /var/lib/stepper|^bash /var/lib/stepper|/var/lib/stepper/scripts/");
        (await _shell.InspectAsync(node, Ct)).ScriptRuns.ShouldBeTrue();
        (await _shell.StartScriptAsync(node, OfWorker("exit 0"), Ct)).Id.ShouldBe(run.Id);

        var (_, last) = await FollowedAsync(node, run);
        last.State.ShouldBe(ScriptState.Lost);
        File.Delete(_lab.PathOn(Worker, "/lab/slow-node"));
    }

    [Theory]
    [InlineData("Defaults use_pty, lecture=always\nDefaults umask=0077, umask_override\nDefaults secure_path=\"/usr/bin:/bin\"\n", "")]
    [InlineData("Defaults requiretty\n", "Defaults:wizard !requiretty")]
    [InlineData("wizard ALL=(ALL) PASSWD: ALL\n", "wizard ALL=(ALL) NOPASSWD: ALL")]
    [InlineData("wizard ALL=(ALL) NOPASSWD: !ALL\n", "wizard ALL=(ALL) NOPASSWD: ALL")]
    public async Task WhateverSudoIsToldItWorksOrSaysWhatItNeeds(string sudoers, string needs)
    {
        var file = _lab.PathOn(Worker, "/etc/sudoers.d/zz-habits");
        await File.WriteAllTextAsync(file, sudoers, Ct);
        try
        {
            var run = await _shell.StartScriptAsync(_lab.Node(Worker), OfWorker("sleep 0.3; umask; command -v ldconfig"), Ct);
            (await FollowedAsync(_lab.Node(Worker), run)).Log.ShouldBe("0022\n/usr/sbin/ldconfig\n");
            needs.ShouldBeEmpty();
        }
        catch (ShellException e) when (!e.MayPass)
        {
            needs.ShouldNotBeEmpty(e.Message);
            e.Message.ShouldContain(needs);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private NodeScript OfWorker(string body) => Script(Target) with { Role = ScriptRole.Worker, FirstControlPlane = false, Text = $"#!/bin/sh\n{body}\n" };

    private NodeScript Script(KubeVersion release) => new(
        ScriptRole.Master, FirstControlPlane: true, release, File.ReadAllText(Path.Combine(NodeLab.Root, "scripts/update_k8s.sh")), _lab.Repository, [], [], null);

    // As a step does: it rides out what may pass.
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

    private async Task<(string Log, ScriptProgress Last)> FollowedAsync(NodeTarget node, ScriptRun run)
    {
        var (log, from) = ("", 0L);
        while (true)
        {
            var progress = await AgainAsync(() => _shell.FollowScriptAsync(node, run, from, Ct));
            (log, from) = (log + progress.Text, progress.NextByte);
            if (progress.State is not ScriptState.Running)
            {
                return (log, progress);
            }
        }
    }
}
