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

    [Fact]
    public async Task ARepositoryThatHasNoSuchLineIsAnError()
    {
        var failure = await Should.ThrowAsync<SourceException>(() => _shell.UseReleaseLineAsync(_lab.Node(Worker), new MinorVersion(1, 77), _lab.Repository, Ct));

        failure.Message.ShouldContain("Release.key could not be fetched");
    }

    [Fact]
    public async Task PackagesAreFetchedAheadThoughTheyAreHeldAndNothingIsInstalled()
    {
        var fetched = await _shell.FetchAheadAsync(_lab.Node(Worker), new KubeVersion(1, 34, 6), Ct);

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
    public async Task AControlPlaneIsUpgradedThoughEveryConnectionIsCutAndANodeThatRebootsIsToldApart()
    {
        var node = _lab.Node(Master);
        await File.WriteAllTextAsync(_lab.PathOn(Master, "/lab/slow-apply"), "2", Ct);
        (await _shell.KubeadmPlanAsync(node, Target, Ct)).ExitCode.ShouldBe(0);

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
        (await AgainAsync(() => _shell.InspectAsync(node, Ct))).Script.ShouldBe(new ScriptRun(cut.Id, next, ScriptState.Lost, null));
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
        (await File.ReadAllLinesAsync(_lab.PathOn(Worker, "/run/asked"), Ct)).ShouldContain($"--unit=stepper-{run.Id}");
        Directory.Delete(_lab.PathOn(Worker, "/run/systemd/system"));
    }

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
