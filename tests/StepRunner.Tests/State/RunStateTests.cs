using Stepper.Simulation.Api;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Tests.State;

public sealed class RunStateTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void AtFirstNoRunIsInFlight() => Read().InFlight.ShouldBeNull();

    [Fact]
    public void WhatWasTakenIsRead()
    {
        Take(Given.Run, Read()).ShouldBeTrue();
        (Read().InFlight! with { Progress = null }).ShouldBe(new InFlight(Given.Run, SnapshotPath: null, Progress: null, ParkedUntil: null));
        Read().InFlight!.Progress!.Value.ShouldBe(_cluster.Wait.Now, TimeSpan.FromSeconds(10));

        _cluster.Run(_cluster.State.SetSnapshotAsync("/mnt/snapshot.db", [], default));
        Read().InFlight!.SnapshotPath.ShouldBe("/mnt/snapshot.db");
    }

    [Fact]
    public void OfTwoWhoTakeAtOnceOneWins()
    {
        var other = new Run(new(1, 35, 0), Given.Noon.AddSeconds(1));
        var seen = Read();

        Take(Given.Run, seen).ShouldBeTrue();
        Take(other, seen).ShouldBeFalse();
        Read().InFlight!.Run.ShouldBe(Given.Run);
    }

    [Fact]
    public void WhoeverLooksAgainMayTakeAStoppedRunsPlace()
    {
        var later = new Run(Given.Target, Given.Noon.AddHours(3));
        Take(Given.Run, Read());
        _cluster.Run(_cluster.State.SetSnapshotAsync("/mnt/snapshot.db", [], default));

        Take(later, Read()).ShouldBeTrue();

        // The snapshot was the other run's.
        (Read().InFlight! with { Progress = null }).ShouldBe(new InFlight(later, SnapshotPath: null, Progress: null, ParkedUntil: null));
    }

    [Fact]
    public void WhatElseIsOnTheNamespaceStays()
    {
        _cluster.Annotate(Kinds.Namespace, null, "k8s-upgrade", ("example.com/owner", "ops"));

        Take(Given.Run, Read());
        Clear(Read()).ShouldBeTrue();

        Annotations().ShouldBe(["example.com/owner=ops"]);
    }

    [Fact]
    public void ClearedTheSnapshotsPathStays()
    {
        Take(Given.Run, Read());
        _cluster.Run(_cluster.State.SetSnapshotAsync("/mnt/snapshot.db", [], default));

        Clear(Read()).ShouldBeTrue();

        Read().InFlight.ShouldBeNull();
        Annotations().ShouldBe(["viktorbarzin.me/k8s-upgrade-last-snapshot=/mnt/snapshot.db"]);
    }

    [Fact]
    public void ARunThatBeganSinceIsNotClearedWithTheOneThatWasMeant()
    {
        var later = new Run(Given.Target, Given.Noon.AddHours(3));
        Take(Given.Run, Read());
        var seen = Read();
        Take(later, Read());

        Clear(seen).ShouldBeFalse();

        Read().InFlight!.Run.ShouldBe(later);
    }

    [Theory]
    [InlineData("2026-11-22T12:00:00Z", null)]
    [InlineData(null, "1.34.7")]
    [InlineData("yesterday", "1.34.7")]
    [InlineData("2026-11-22T12:00:00Z", "1.34")]
    [InlineData("", "")]
    public void HalfARecordIsAnErrorAndNeverNone(string? start, string? target)
    {
        _cluster.Annotate(Kinds.Namespace, null, "k8s-upgrade", ("viktorbarzin.me/k8s-upgrade-in-flight", start), ("viktorbarzin.me/k8s-upgrade-target", target));

        _cluster.FailureOf(_cluster.State.ReadAsync(default)).ShouldBe(
            $"namespace k8s-upgrade has viktorbarzin.me/k8s-upgrade-in-flight=\"{start}\" and viktorbarzin.me/k8s-upgrade-target=\"{target}\", which is no run; right them, or take both away");
    }

    [Fact]
    public void ATimeThatCannotBeReadIsAnError()
    {
        Take(Given.Run, Read());
        _cluster.Annotate(Kinds.Namespace, null, "k8s-upgrade", ("viktorbarzin.me/k8s-upgrade-progress", "soon"));

        _cluster.FailureOf(_cluster.State.ReadAsync(default)).ShouldContain("viktorbarzin.me/k8s-upgrade-progress=\"soon\", which is no time");
    }

    private Flight Read() => _cluster.Run(_cluster.State.ReadAsync(default));

    private bool Clear(Flight seen) => _cluster.Run(_cluster.State.TryClearAsync(seen, default));

    private bool Take(Run run, Flight seen) => _cluster.Run(_cluster.State.TryTakeAsync(run, seen, default)) is not null;

    private List<string> Annotations() =>
        [.. _cluster.Sim.Find(Kinds.Namespace, null, "k8s-upgrade")!["metadata"]!["annotations"]!.AsObject().Select(pair => $"{pair.Key}={pair.Value}")];
}
