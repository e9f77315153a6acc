using System.Text.Json.Nodes;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.StepRunner.Phases.Parts;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Tests.Phases.Parts;

public sealed class SnapshotByJobTests
{
    private const string Name = "pre-upgrade-etcd-1-34-7-1795348800";

    private readonly TestCluster _cluster = new();

    [Fact]
    public void ItLiesWhereTheLogOfItsJobSays() => Take().ShouldBe("/mnt/main/etcd-backup/etcd-snapshot.db");

    [Fact]
    public void ThePrefixStandsBeforeIt() => Take(new SnapshotSettings { PathPrefix = "nas:" }).ShouldBe("nas:/mnt/main/etcd-backup/etcd-snapshot.db");

    [Theory]
    [InlineData("Backup done: /b/etcd.db (1024 bytes)", "/b/etcd.db")]
    [InlineData("2026-11-22 INFO Backup done: /b/etcd.db (48234528 bytes) in 3s\r\n", "/b/etcd.db")]
    [InlineData("Backup done: /b/old.db (2048 bytes)\nBackup done: /b/new.db (4096 bytes)\n", "/b/new.db")]
    public void TheLineMayStandAnywhereInTheLog(string log, string path)
    {
        Says(log);

        Take().ShouldBe(path);
    }

    [Fact]
    public void ASnapshotOf200BytesIsNone()
    {
        Says("Backup done: /b/etcd.db (200 bytes)");

        AbortOf().ShouldBe("The etcd snapshot /b/etcd.db has 200 bytes; fewer than 1024 are no snapshot");
    }

    [Theory]
    [InlineData("Backup done: /b/etcd.db (1023 bytes)", "The etcd snapshot /b/etcd.db has 1023 bytes; fewer than 1024 are no snapshot")]
    [InlineData("Backup done: /b/etcd.db (0 bytes)", "The etcd snapshot /b/etcd.db has 0 bytes; fewer than 1024 are no snapshot")]
    public void ATooSmallOneIsNone(string log, string abort)
    {
        Says(log);

        AbortOf().ShouldBe(abort);
    }

    [Theory]
    [InlineData("")]
    [InlineData("snapshot saved")]
    [InlineData("Backup done: /b/etcd.db")]
    [InlineData("Backup done: /b/etcd.db (many bytes)")]
    [InlineData("backup done: /b/etcd.db (4096 bytes)")]
    public void WithoutTheLineThereIsNoProof(string log)
    {
        Says(log);

        AbortOf().ShouldEndWith("has no line \"Backup done: <file> (<n> bytes)\", so there is no proof of a snapshot");
    }

    [Fact]
    public void AJobThatFailsIsNoSnapshotWhateverItsLogSays()
    {
        Says("Backup done: /b/etcd.db (4096 bytes)", exitCode: 1);

        AbortOf().ShouldStartWith($"The etcd snapshot Job default/{Name} failed: ");
    }

    [Fact]
    public void AJobThatNeverStartsIsWaitedForAndToldInTheSchedulersWords()
    {
        ChangeTemplate(spec => spec["template"]!["spec"]!["nodeSelector"] = new JsonObject { ["disk"] = "none" });
        var began = _cluster.Wait.Now;

        AbortOf().ShouldMatch($"^The etcd snapshot Job default/{Name} was not complete after 10 min: its pod {Name}-[a-z0-9]+ has no node: 0/5 nodes are available: .*node affinity/selector");
        (_cluster.Wait.Now - began).ShouldBe(TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void AnImageThatCannotBeHadIsToldInTheKubeletsWords()
    {
        _cluster.Sim.Programs.Set(SimulatedCluster.BackupImage, TimeSpan.FromHours(1), "");
        _cluster.Sim.Time.After(TimeSpan.FromMinutes(5), () => _cluster.Sim.Registry.Change(Kinds.Pod, "default", Pod.Name(), pod => pod["status"]!["containerStatuses"] = JsonNode.Parse(
            """[{"name":"backup-manage","state":{"waiting":{"reason":"ImagePullBackOff","message":"Back-off pulling image \"registry.local/backup-etcd:1\""}}}]""")));

        AbortOf().ShouldMatch($"was not complete after 10 min: container backup-manage of its pod {Name}-[a-z0-9]+ on k8s-[a-z0-9]+ waits: ImagePullBackOff, Back-off pulling image \"registry.local/backup-etcd:1\"$");
    }

    [Fact]
    public void AJobWithoutAPodIsToldToBeOne()
    {
        ChangeTemplate(spec => spec["suspend"] = true);

        AbortOf().ShouldBe($"The etcd snapshot Job default/{Name} was not complete after 10 min: it has no pod; see why: kubectl describe job -n default {Name}");
    }

    [Fact]
    public void AJobThatTakesTooLongIsToldToBeAtIt()
    {
        _cluster.Sim.Programs.Set(SimulatedCluster.BackupImage, TimeSpan.FromHours(1), "");

        AbortOf().ShouldMatch($"is Running; see what it does: kubectl logs -n default {Name}-[a-z0-9]+$");
    }

    [Fact]
    public void OneOfThisRunWhoseLogProvesNothingIsTakenAnew()
    {
        Says("snapshot saved");
        AbortOf();
        Says("Backup done: /b/etcd.db (4096 bytes)");

        Take().ShouldBe("/b/etcd.db");

        _cluster.Said.ShouldContain(line => line.EndsWith("so there is no proof of a snapshot; another one is taken", StringComparison.Ordinal));
    }

    [Fact]
    public void OneOfThisRunWhosePodIsGoneIsTakenAnew()
    {
        Take().ShouldBe("/mnt/main/etcd-backup/etcd-snapshot.db");
        _cluster.Sim.Registry.Delete(Kinds.Pod, "default", Pod.Name());
        Says("Backup done: /b/new.db (4096 bytes)");

        Take().ShouldBe("/b/new.db");
    }

    [Fact]
    public void WithoutACronJobTheAbortSaysWhatToDo() =>
        _cluster.AbortOf(Snapshot(new SnapshotSettings { CronJob = new ObjectName("default", "backup") }).TakeAsync(Given.Run, default)).ShouldBe(
            "There is no CronJob default/backup to take the etcd snapshot with; name yours in setting snapshot.cronJob, or set snapshot.mode");

    [Fact]
    public void ARetryUsesWhatThisRunTookWithinTheHour()
    {
        Take();
        var first = Job.Uid();
        _cluster.Sim.Time.Pass(TimeSpan.FromMinutes(58));

        Take().ShouldBe("/mnt/main/etcd-backup/etcd-snapshot.db");

        Job.Uid().ShouldBe(first);
    }

    [Fact]
    public void AnOlderOneIsTakenAnew()
    {
        Take();
        var first = Job.Uid();
        _cluster.Sim.Time.Pass(TimeSpan.FromMinutes(61));

        Take();

        Job.Uid().ShouldNotBe(first);
    }

    [Fact]
    public void ALogOfTheOlderOneProvesNothing()
    {
        _cluster.Sim.GarbageStays = TimeSpan.FromMinutes(30);
        Says("Backup done: /b/old.db (4096 bytes)");
        Take().ShouldBe("/b/old.db");
        _cluster.Sim.Time.Pass(TimeSpan.FromMinutes(61));
        Says("Backup done: /b/new.db (4096 bytes)");

        Take().ShouldBe("/b/new.db");
    }

    [Fact]
    public void ARetryTakesAFailedOneAnew()
    {
        Says("disk full", exitCode: 1);
        AbortOf();
        Says("Backup done: /b/etcd.db (4096 bytes)");

        Take().ShouldBe("/b/etcd.db");
    }

    [Fact]
    public void AnotherRunTakesItsOwn()
    {
        Take();
        _cluster.Run(Snapshot(new SnapshotSettings()).TakeAsync(new Run(Given.Target, Given.Noon.AddMinutes(30)), default));

        _cluster.Sim.Store.List(Kinds.Job, "default").Count(job => job.Name().StartsWith("pre-upgrade-etcd-1-34-7-", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public void NoFieldOfTheCronJobIsLost()
    {
        ChangeTemplate(spec =>
        {
            spec["activeDeadlineSeconds"] = 900;
            spec["ttlSecondsAfterFinished"] = 3600;
            spec["template"]!["metadata"] = JsonNode.Parse("""{"labels":{"team":"storage"},"annotations":{"a/b":"c"}}""");
            var pod = spec["template"]!["spec"]!;
            pod["hostNetwork"] = true;
            pod["priorityClassName"] = "system-node-critical";
            pod["tolerations"] = JsonNode.Parse("""[{"operator":"Exists"}]""");
            pod["volumes"] = JsonNode.Parse("""[{"name":"backup","hostPath":{"path":"/mnt/main","type":"Directory"}}]""");
            pod["containers"]![0]!["env"] = JsonNode.Parse("""[{"name":"KEEP","value":"7"},{"name":"NODE","valueFrom":{"fieldRef":{"fieldPath":"spec.nodeName"}}}]""");
            pod["containers"]![0]!["securityContext"] = JsonNode.Parse("""{"capabilities":{"drop":["ALL"]}}""");
        });
        _cluster.Sim.Registry.Change(Kinds.CronJob, "default", "backup-etcd", cronJob =>
            cronJob["spec"]!["jobTemplate"]!["metadata"] = JsonNode.Parse("""{"labels":{"app":"backup"},"annotations":{"example.com/why":"upgrade"}}"""));

        Take();

        var template = _cluster.Sim.Find(Kinds.CronJob, "default", "backup-etcd")!["spec"]!["jobTemplate"]!;
        Lost(template["spec"], Job["spec"], "spec").ShouldBeEmpty();
        Lost(template["metadata"], Job["metadata"], "metadata").ShouldBeEmpty();
    }

    [Fact]
    public void WhereNoContainerHasTheUsualNameTheFirstOnesLogIsRead()
    {
        ChangeTemplate(spec => spec["template"]!["spec"]!["containers"]![0]!["name"] = "save");

        Take().ShouldBe("/mnt/main/etcd-backup/etcd-snapshot.db");
    }

    private JsonObject Pod => _cluster.Sim.Store.List(Kinds.Pod, "default").Single(pod => pod.Name().StartsWith(Name, StringComparison.Ordinal));

    private JsonObject Job => _cluster.Sim.Find(Kinds.Job, "default", Name)!;

    // Each field of the one that is not in the other, or is another there.
    private static IEnumerable<string> Lost(JsonNode? from, JsonNode? to, string path) => from switch
    {
        JsonObject fields => fields.SelectMany(field => Lost(field.Value, to.At(field.Key), $"{path}.{field.Key}")),
        JsonArray items => items.SelectMany((item, index) => Lost(item, (to as JsonArray)?.ElementAtOrDefault(index), $"{path}[{index}]")),
        _ => JsonNode.DeepEquals(from, to) ? [] : [path],
    };

    private void Says(string log, int exitCode = 0) => _cluster.Sim.Programs.Set(SimulatedCluster.BackupImage, TimeSpan.FromSeconds(25), log, exitCode);

    private void ChangeTemplate(Action<JsonNode> change) =>
        _cluster.Sim.Registry.Change(Kinds.CronJob, "default", "backup-etcd", cronJob => change(cronJob["spec"]!["jobTemplate"]!["spec"]!));

    private string Take(SnapshotSettings? settings = null) => _cluster.Run(Snapshot(settings ?? new SnapshotSettings()).TakeAsync(Given.Run, default));

    private string AbortOf() => _cluster.AbortOf(Snapshot(new SnapshotSettings()).TakeAsync(Given.Run, default));

    private SnapshotByJob Snapshot(SnapshotSettings settings) => new(_cluster.Api, settings, _cluster.Wait, _cluster.Said.Add);
}
