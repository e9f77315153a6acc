using System.Text;
using Stepper.Cluster.NodeShell;

namespace Stepper.Cluster.Tests.NodeShell;

/// <summary>The programs that ask etcd and have it save itself, run here by a real <c>sh</c> against a real etcd.</summary>
public sealed class EtcdProgramsTests : IClassFixture<RealEtcd>
{
    private const string Name = "etcd-1.34.7-1795348800.db";
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly RealEtcd _etcd;

    public EtcdProgramsTests(RealEtcd etcd)
    {
        Assert.SkipWhen(etcd.Missing.Length > 0, etcd.Missing);
        _etcd = etcd;
    }

    [Fact]
    public async Task ARealEtcdSaysHowItIs()
    {
        var asked = _etcd.AnswerAsync(_etcd.Commands.Etcd);
        await _etcd.WriteAsync(times: 12, asked);
        var report = EtcdAnswers.Report(await asked, "node3");

        var member = report.Members.ShouldHaveSingleItem();
        (member.Name, member.Health!.IsHealthy).ShouldBe(("k8s-master", true));
        (report.After!.HasLeader, report.After.QuotaBytes, report.Trouble).ShouldBe((true, 2L << 30, null));
        report.After.Syncs.Count.ShouldBeGreaterThan(report.Before!.Syncs.Count);
        report.After.DatabaseBytes.ShouldBePositive();
    }

    [Fact]
    public async Task ASnapshotOfARealEtcdIsProvedAndFoundAgainAndOnlyTheNewestThreeStay()
    {
        var store = _etcd.PathOf("state/snapshots");
        Directory.CreateDirectory(store);
        File.SetUnixFileMode(_etcd.PathOf("state"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var day in Enumerable.Range(1, 4))
        {
            var old = Path.Combine(store, $"etcd-1.34.{day}-1.db");
            await File.WriteAllTextAsync(old, "old", TestContext.Current.CancellationToken);
            File.SetLastWriteTimeUtc(old, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-day));
        }

        await File.WriteAllTextAsync(Path.Combine(store, "somebody-elses.db"), "", TestContext.Current.CancellationToken);

        var saved = await SaveAsync(Name);
        var again = await SaveAsync(Name);

        (saved.Reused, saved.Path, saved.Revision, saved.RevisionBefore).ShouldBe((false, Path.Combine(store, Name), saved.RevisionBefore, saved.RevisionBefore));
        saved.Revision.ShouldBeGreaterThanOrEqualTo(3);
        saved.Keys.ShouldBeGreaterThanOrEqualTo(2);
        saved.Bytes.ShouldBe(new FileInfo(saved.Path).Length);
        again.ShouldBe(saved with { Reused = true });
        File.GetUnixFileMode(saved.Path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.GetFiles(store).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe([$"etcd-1.34.1-1.db", "etcd-1.34.2-1.db", Name, $"{Name}.said", "somebody-elses.db"]);
        Directory.GetDirectories(_etcd.PathOf("data")).Select(Path.GetFileName).ShouldBe(["member"]);

        // One that was changed since is no longer what was proved.
        await File.AppendAllTextAsync(saved.Path, "x", TestContext.Current.CancellationToken);
        (await SaveAsync(Name)).Reused.ShouldBeFalse();
        (await SaveAsync(Name, TimeSpan.Zero)).Reused.ShouldBeFalse();
    }

    [Theory]
    [InlineData("etcdctl", "case \"$*\" in *' save '*) for last; do :; done; head -c 9000 /dev/zero >\"$last\" ;; *) exec /usr/bin/etcdctl \"$@\" ;; esac", "the snapshot is not whole: it does not end with its own checksum")]
    [InlineData("etcdctl", "case \"$*\" in *' save '*) echo 'Error: context deadline exceeded' >&2; exit 1 ;; *) exec /usr/bin/etcdctl \"$@\" ;; esac", "etcdctl snapshot save failed: context deadline exceeded")]
    [InlineData("etcdctl", "case \"$*\" in *' status '*--write-out*snapshot* | *'snapshot status'*) echo 'Error: invalid database' >&2; exit 1 ;; *) exec /usr/bin/etcdctl \"$@\" ;; esac", "the snapshot can't be read: ")]
    [InlineData("df", "printf 'Filesystem 1024-blocks Used Available Capacity Mounted on\\n/dev/vda 9 9 102400 100%% /\\n'", " has 100 MiB free, and 512 MiB are needed to save a database of 0 MiB and leave room")]
    [InlineData("crictl", "[ \"$1\" != ps ] || exit 0", "etcd does not run on this node")]
    [InlineData("crictl", "echo 'FATA[0002] connect: connect endpoint failed' >&2; echo 'unknown service runtime.v1' >&2; exit 1", "crictl could not list the containers of this node: unknown service runtime.v1")]
    public async Task ASnapshotThatIsNoneIsNotKept(string program, string does, string says)
    {
        var kept = program == "crictl" ? await File.ReadAllTextAsync(_etcd.PathOf("bin/crictl"), TestContext.Current.CancellationToken) : null;
        _etcd.Stands(program, does);

        var exit = await _etcd.RunAsync(_etcd.Commands.Snapshot("etcd-1.34.8-7.db", Hour));

        _etcd.StandsNoMore(program);
        if (kept is not null)
        {
            Stand.In(_etcd.PathOf("bin"), program, kept);
        }

        exit.ExitCode.ShouldBe(1);
        exit.Error.ShouldContain(says);
        File.Exists(_etcd.PathOf("state/snapshots/etcd-1.34.8-7.db")).ShouldBeFalse();
        Directory.GetDirectories(_etcd.PathOf("data")).Select(Path.GetFileName).ShouldBe(["member"]);
    }

    [Theory]
    [InlineData("", "this node has no static pod of etcd, and no API server that says where another etcd is")]
    [InlineData("    - --etcd-servers=https://10.0.0.7:2379\n", "external https://10.0.0.7:2379")]
    public async Task AnEtcdElsewhereIsToldByTheApiServersManifest(string flag, string says)
    {
        var manifests = Directory.CreateDirectory(_etcd.PathOf("elsewhere")).FullName;
        await File.WriteAllTextAsync(Path.Combine(manifests, "kube-apiserver.yaml"), $"    - kube-apiserver\n{flag}", TestContext.Current.CancellationToken);

        var exit = await _etcd.RunAsync(new NodeCommands(_etcd.PathOf("state"), manifests).Etcd);

        (exit.Error + Encoding.UTF8.GetString(exit.Output)).ShouldContain(says);
    }

    [Theory]
    [InlineData("--key-file=$(touch x)")]
    [InlineData("--key-file=relative")]
    [InlineData("--listen-client-urls=http://127.0.0.1:2379")]
    [InlineData("--listen-client-urls=https://127.0.0.1:2379;id")]
    public async Task AManifestThatIsNotAsKubeadmMakesItIsNotUsed(string flag)
    {
        var manifests = Directory.CreateDirectory(_etcd.PathOf("strange")).FullName;
        var name = flag.Split('=')[0];
        var lines = (await File.ReadAllLinesAsync(_etcd.PathOf("manifests/etcd.yaml"), TestContext.Current.CancellationToken))
            .Select(line => line.Contains(name + "=", StringComparison.Ordinal) ? $"    - {flag}" : line);
        await File.WriteAllLinesAsync(Path.Combine(manifests, "etcd.yaml"), lines, TestContext.Current.CancellationToken);

        var exit = await _etcd.RunAsync(new NodeCommands(_etcd.PathOf("state"), manifests).Etcd);

        exit.ExitCode.ShouldBe(1);
        exit.Error.ShouldContain($"the manifest of etcd on this node has no ");
    }

    private async Task<SavedEtcd> SaveAsync(string name, TimeSpan? reuse = null) => EtcdAnswers.Saved(await _etcd.AnswerAsync(_etcd.Commands.Snapshot(name, reuse ?? Hour)), "node3");
}
