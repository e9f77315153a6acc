using Stepper.StepRunner.Phases.Parts;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Tests.Phases.Parts;

public sealed class EtcdSnapshotTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void WhereTheOperatorWantsNoneNothingIsAsked()
    {
        Take(SnapshotMode.None).ShouldBe("none");

        _cluster.Writes.ShouldBeEmpty();
        _cluster.Sim.Node("k8s-master").Etcd.Files.ShouldBeEmpty();
    }

    [Fact]
    public void ItIsTakenInTheWayThatTheOperatorHasChosen()
    {
        Take(SnapshotMode.CronJob).ShouldBe("/mnt/main/etcd-backup/etcd-snapshot.db");
        Take(SnapshotMode.Ssh).ShouldStartWith("k8s-master:/var/lib/stepper/snapshots/");
    }

    private string Take(SnapshotMode mode)
    {
        var settings = new SnapshotSettings { Mode = mode };
        var snapshot = new EtcdSnapshot(
            settings,
            new SnapshotByJob(_cluster.Api, settings, _cluster.Wait, _cluster.Said.Add),
            new SnapshotBySsh(_cluster.Sim.Shell, _cluster.Nodes, settings, _cluster.Wait, _cluster.Said.Add));
        return _cluster.Run(snapshot.TakeAsync(Given.Run, default));
    }
}
