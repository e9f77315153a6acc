using Stepper.Cluster.NodeShell;
using Stepper.Simulation.Nodes;
using Stepper.Simulation.Shapes;
using Stepper.StepRunner.Gates;

namespace Stepper.StepRunner.Tests.Gates;

public sealed class EtcdGateTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void AnEtcdThatIsWholeHolds() => Ask().ShouldBe(Verdict.Holds);

    [Fact]
    public void EachOfThreeMembersIsAskedAndWhatIsOfAllIsToldOnce()
    {
        var cluster = new TestCluster(ClusterShapes.HighlyAvailable());
        cluster.Sim.Node("k8s-master2").Etcd.IsHealthy = false;
        cluster.Sim.Node("k8s-master3").Etcd.SlowBefore = 100;

        var verdict = Ask(cluster);

        verdict.Findings.Select(finding => $"{finding.Kind} {finding.Seen}").ShouldBe(
        [
            $"Aborts etcd's member k8s-master2 (https://{cluster.Sim.Node("k8s-master2").Address}:2379) is not healthy: context deadline exceeded",
            "Warns etcd on k8s-master3 has a slow disk at times: 100 of the 10000 writes of its log took longer than 0.5 s",
        ]);
        verdict.Findings[1].Since.ShouldNotBeNull();
    }

    [Fact]
    public void WithoutAQuorumThereIsNoLeaderAndNobodyAnswers()
    {
        var cluster = new TestCluster(ClusterShapes.HighlyAvailable());
        cluster.Sim.Node("k8s-master2").Etcd.IsHealthy = false;
        cluster.Sim.Node("k8s-master3").Etcd.Runs = false;

        Ask(cluster).ShouldAbort(
            "etcd on k8s-master1 does not answer as a cluster: context deadline exceeded", "etcd on k8s-master1 has no leader",
            "etcd on k8s-master2 does not answer as a cluster: context deadline exceeded", "etcd on k8s-master2 has no leader",
            "etcd of k8s-master3 does not run: its manifest is there, and no container of it runs");
    }

    [Fact]
    public void ALearnerHasNoVote()
    {
        var report = Report() with { Members = [new EtcdMember("k8s-master2", "https://10.0.0.2:2379", IsLearner: true, new EtcdHealth(true, "", TimeSpan.Zero))] };

        Seen(report).ShouldBe(["etcd's member k8s-master2 (https://10.0.0.2:2379) is a learner, which has no vote yet"]);
    }

    [Fact]
    public void AMemberThatHasNeverStartedIsNamedByItsAddress() =>
        Seen(Report() with { Members = [new EtcdMember("", "https://10.0.0.4:2380", IsLearner: true, Health: null)] })
            .ShouldBe(["etcd's member without a name (https://10.0.0.4:2380) was added and has never started"]);

    [Fact]
    public void AMemberThatWasNotAskedIsNeverWell() =>
        Seen(Report() with { Members = [new EtcdMember("k8s-master2", "https://10.0.0.2:2379", IsLearner: false, Health: null)] })
            .ShouldBe(["etcd's member k8s-master2 (https://10.0.0.2:2379) has not said whether it is healthy"]);

    [Fact]
    public void AnAlarmIsToldInEtcdsWords() =>
        Seen(Report() with { Members = [new EtcdMember("k8s-master", "https://10.0.0.1:2379", IsLearner: false, new EtcdHealth(false, "Active Alarm(s): NOSPACE ", TimeSpan.Zero))] })
            .ShouldBe(["etcd's member k8s-master (https://10.0.0.1:2379) is not healthy: Active Alarm(s): NOSPACE"]);

    [Fact]
    public void AnEtcdThatDoesNotRunAborts()
    {
        _cluster.Sim.Node("k8s-master").Etcd.Runs = false;

        Ask().ShouldAbort("etcd of k8s-master does not run: its manifest is there, and no container of it runs");
    }

    [Fact]
    public void ADiskThatTakesSecondsAbortsWithWhatWasSlow()
    {
        _cluster.Sim.Node("k8s-master").Etcd.IsSlow = true;

        Ask().ShouldAbort(
            $"etcd's member k8s-master (https://{_cluster.Sim.Node("k8s-master").Address}:2379) took 2.4 s for a read",
            "etcd on k8s-master is slow: 12 of its last 12 writes of its log to the disk, within 3 s, took longer than 0.5 s",
            "etcd on k8s-master is slow: 12 of its last 12 writes of its database to the disk, within 3 s, took longer than 0.5 s",
            "etcd on k8s-master is slow: 12 of its last 12 requests, within 3 s, took longer than 0.8 s");
    }

    [Theory]
    [InlineData(999, "")]
    [InlineData(1000, "s")]
    public void AReadOfASecondIsSlow(int milliseconds, string found) =>
        Seen(Report() with { Members = [new EtcdMember("k8s-master", "https://10.0.0.1:2379", IsLearner: false, new EtcdHealth(true, "", TimeSpan.FromMilliseconds(milliseconds)))] }).Count
            .ShouldBe(found.Length);

    [Fact]
    public void ALeaderThatChangesAborts()
    {
        _cluster.Sim.Node("k8s-master").Etcd.ChangesLeader = true;

        Ask().ShouldAbort("etcd on k8s-master has changed its leader while it was asked");
    }

    [Fact]
    public void ARestartInTheMiddleAborts()
    {
        var report = Report();

        Seen(report with { After = report.After! with { Started = report.Before!.Started.AddHours(1) } }).ShouldBe(["etcd on k8s-master has been restarted while it was asked"]);
    }

    [Theory]
    [InlineData(79, "Holds")]
    [InlineData(80, "Warns")]
    [InlineData(94, "Warns")]
    [InlineData(95, "Aborts")]
    [InlineData(101, "Aborts")]
    public void ADatabaseNearItsQuotaWarnsAndThenAborts(int percent, string kind)
    {
        _cluster.Sim.Node("k8s-master").Etcd.QuotaBytes = 1000 << 20;
        _cluster.Sim.Node("k8s-master").Etcd.DatabaseBytes = percent * 10L << 20;

        var verdict = Ask();

        verdict.Kind.ToString().ShouldBe(kind);
        verdict.Findings.ShouldAllBe(finding => finding.Seen.StartsWith($"etcd's database on k8s-master has {percent * 10} of the 1000 MiB of its quota; full, it takes no more writes", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void WithoutAQuotaNothingIsTooMuch(long quota)
    {
        _cluster.Sim.Node("k8s-master").Etcd.QuotaBytes = quota;

        Ask().ShouldBe(Verdict.Holds);
    }

    [Fact]
    public void AnExternalEtcdIsAWarningThatNamesIt()
    {
        _cluster.Sim.Node("k8s-master").Etcd.External = "https://10.0.0.7:2379";

        Ask().ShouldWarn(
            "k8s-master has no etcd of its own, its API server uses https://10.0.0.7:2379: members, database and disks of an external etcd can't be asked from here; look at them yourself");
    }

    [Fact]
    public void ANodeThatCannotBeReachedIsANo()
    {
        _cluster.Sim.Node("k8s-master").Ssh = SshState.Refused;

        Ask().Findings.ShouldHaveSingleItem().Seen.ShouldStartWith("can't tell how etcd on k8s-master is: k8s-master (10.0.0.11, port 22) does not let wizard in");
    }

    [Fact]
    public void AConnectionThatIsLostIsMadeAgain()
    {
        var left = 2;
        _cluster.Sim.DropsSsh = _ => left-- > 0;

        Ask().ShouldBe(Verdict.Holds);
    }

    [Fact]
    public void WhatIsSoForAMomentOnlyIsNoReasonToStop()
    {
        _cluster.Sim.Node("k8s-master").Etcd.IsHealthy = false;
        _cluster.Sim.Time.After(TimeSpan.FromSeconds(12), () => _cluster.Sim.Node("k8s-master").Etcd.IsHealthy = true);

        Ask().ShouldBe(Verdict.Holds);
    }

    [Fact]
    public void WhatStaysSoIsToldAfterTheThirdLook()
    {
        _cluster.Sim.Node("k8s-master").Etcd.IsHealthy = false;
        var began = _cluster.Wait.Now;

        Ask().Kind.ShouldBe(VerdictKind.Aborts);

        (_cluster.Wait.Now - began).ShouldBeInRange(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(40));
    }

    [Fact]
    public void WithoutAControlPlaneNodeThereIsNobodyToAsk() =>
        _cluster.Run(Gate(_cluster).LookAsync([Given.Node("k8s-node1")], default)).Kind.ShouldBe(VerdictKind.Aborts);

    private Verdict Ask() => Ask(_cluster);

    private static Verdict Ask(TestCluster cluster) => cluster.Ask(Gate(cluster));

    private static EtcdGate Gate(TestCluster cluster) => new(cluster.Sim.Shell, cluster.Wait);

    private EtcdReport Report() => _cluster.Run(_cluster.Sim.Shell.EtcdAsync(_cluster.Node("k8s-master").Target, default));

    private static IReadOnlyList<string> Seen(EtcdReport report) => [.. EtcdFindings.Of("k8s-master", report).Select(finding => finding.Seen)];
}
