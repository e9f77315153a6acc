using Stepper.Cluster.NodeShell;
using Stepper.Simulation.Nodes;
using Stepper.Simulation.Shapes;
using Stepper.StepRunner.Phases.Parts;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Tests.Phases.Parts;

public sealed class SnapshotBySshTests
{
    private const string Name = "etcd-1.34.7-1795348800.db";
    private const string Place = $"k8s-master:/var/lib/stepper/snapshots/{Name}";

    private readonly TestCluster _cluster = new();

    [Fact]
    public void ItSaysTheNodeAndThePath() => Take().ShouldBe(Place);

    [Fact]
    public void ItIsTakenOnTheFirstControlPlaneNode()
    {
        var cluster = new TestCluster(ClusterShapes.HighlyAvailable());

        cluster.Run(Snapshot(cluster).TakeAsync(Given.Run, default)).ShouldBe($"k8s-master1:/var/lib/stepper/snapshots/{Name}");
    }

    [Fact]
    public void NothingIsWrittenToTheApi()
    {
        Take();

        _cluster.Writes.ShouldBeEmpty();
    }

    [Fact]
    public void ASnapshotOf200BytesIsNone()
    {
        Spoil(good => good with { Bytes = 200 });

        AbortOf().ShouldBe($"The etcd snapshot {Place} has 200 bytes; fewer than 1024 are no snapshot");
    }

    [Fact]
    public void ASnapshotWithoutAKeyIsNone()
    {
        Spoil(good => good with { Keys = 0 });

        AbortOf().ShouldBe($"The etcd snapshot {Place} has no key in it");
    }

    [Fact]
    public void ASnapshotOfAnOlderStateIsNone()
    {
        Spoil(good => good with { Revision = good.RevisionBefore - 1 });

        AbortOf().ShouldBe($"The etcd snapshot {Place} is of revision 184200, and etcd was at 184201 before it was saved");
    }

    [Fact]
    public void ASnapshotOfThatVeryStateIsOne()
    {
        Spoil(good => good with { Revision = good.RevisionBefore });

        Take().ShouldBe(Place);
    }

    [Fact]
    public void WhatTheNodeSaysAgainstItIsTold()
    {
        Etcd.Runs = false;

        AbortOf().ShouldBe("The etcd snapshot could not be taken: k8s-master was asked to save its etcd and ended with 1: etcd does not run on this node");
    }

    [Fact]
    public void ARetryUsesWhatThisRunTookWithinTheHour()
    {
        Take();
        _cluster.Sim.Time.Pass(TimeSpan.FromMinutes(58));
        Spoil(good => good with { Bytes = 200 });

        Take().ShouldBe(Place);

        _cluster.Said.ShouldContain($"the etcd snapshot {Place} of this run is used");
    }

    [Fact]
    public void AnOlderOneIsTakenAnew()
    {
        Take();
        _cluster.Sim.Time.Pass(TimeSpan.FromMinutes(61));
        Spoil(good => good with { Bytes = 200 });

        AbortOf().ShouldContain("has 200 bytes");
    }

    [Fact]
    public void OneOfThisRunThatProvedNothingIsTakenAnew()
    {
        Spoil(good => good with { Keys = 0 });
        AbortOf();
        Etcd.Spoils = null;

        Take().ShouldBe(Place);

        _cluster.Said.ShouldContain($"the etcd snapshot {Place} of this run has no key in it; another one is taken");
    }

    [Fact]
    public void AnotherRunTakesItsOwn()
    {
        Take();
        _cluster.Run(Snapshot(_cluster).TakeAsync(new Run(Given.Target, Given.Noon.AddMinutes(30)), default));

        Etcd.Files.ShouldBe([Name, "etcd-1.34.7-1795350600.db"]);
    }

    [Fact]
    public void AConnectionThatIsLostIsMadeAgainAndWhatWasSavedIsFound()
    {
        var left = 2;
        _cluster.Sim.DropsSsh = _ => left-- > 0;

        Take().ShouldBe(Place);

        _cluster.Said[^1].ShouldBe($"the etcd snapshot {Place} of this run is used");
    }

    [Fact]
    public void ANodeThatStaysAwayIsToldWithWhy()
    {
        _cluster.Sim.Node("k8s-master").Ssh = SshState.Unreachable;

        AbortOf().ShouldMatch("^The etcd snapshot could not be taken: the connection to k8s-master .*Connection timed out$");
    }

    [Fact]
    public void ItEndsWithTheTimeThatItHas() =>
        _cluster.AbortOf(Snapshot(_cluster, TimeSpan.FromSeconds(3)).TakeAsync(Given.Run, default)).ShouldBe("The etcd snapshot on k8s-master was not taken within 0 min");

    private Etcd Etcd => _cluster.Sim.Node("k8s-master").Etcd;

    private void Spoil(Func<SavedEtcd, SavedEtcd> spoils) => Etcd.Spoils = spoils;

    private string Take() => _cluster.Run(Snapshot(_cluster).TakeAsync(Given.Run, default));

    private string AbortOf() => _cluster.AbortOf(Snapshot(_cluster).TakeAsync(Given.Run, default));

    private static SnapshotBySsh Snapshot(TestCluster cluster, TimeSpan? timeout = null) =>
        new(cluster.Sim.Shell, cluster.Nodes, new SnapshotSettings { Mode = SnapshotMode.Ssh, Timeout = timeout ?? TimeSpan.FromMinutes(10) }, cluster.Wait, cluster.Said.Add);
}
