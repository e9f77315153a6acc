using Stepper.Cluster.NodeShell;
using Stepper.Detection;
using Stepper.Simulation.Nodes;
using Stepper.Simulation.Shapes;
using Stepper.StepRunner.Gates;
using SshSettings = Stepper.StepRunner.Settings.SshSettings;

namespace Stepper.StepRunner.Tests.Gates;

/// <summary>All nodes of a simulated cluster, asked over ssh.</summary>
public sealed class NodeSurveyGateTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void NodesThatAreFitAreAskedOnceAndHold()
    {
        var began = _cluster.Wait.Now;

        Ask(_cluster).ShouldBe(Verdict.Holds);

        (_cluster.Wait.Now - began).ShouldBeLessThan(TimeSpan.FromSeconds(2));
        _cluster.Writes.ShouldBeEmpty();
    }

    [Fact]
    public void AllThatIsWrongOnAnyNodeIsToldAtOnce()
    {
        _cluster.Sim.Node("k8s-master").Disks[0].FreeBytes = 1L << 30;
        _cluster.Sim.Node("k8s-node1").Ssh = SshState.WrongHostKey;
        _cluster.Sim.Node("k8s-node2").Ssh = SshState.Unreachable;
        _cluster.Sim.Node("k8s-node3").MissingTools.Add("apt-get");
        _cluster.Sim.Node("k8s-node3").Os = "Rocky Linux 9.4 (Blue Onyx)";
        _cluster.Sim.ClockSkew["k8s-node4"] = TimeSpan.FromSeconds(-47);

        var verdict = Ask(_cluster);

        verdict.ShouldAbort(
            "k8s-master (1.0 GiB free, 2.8 GiB needed): / has too little room for the upgrade",
            "k8s-node1 (10.0.0.12): it shows a host key that is not the known one: Host key verification failed",
            "k8s-node2 (10.0.0.13): can't be reached over ssh: Connection timed out",
            "k8s-node3 (Rocky Linux 9.4 (Blue Onyx)): it has no apt; only Debian and Ubuntu nodes can be upgraded",
            "k8s-node4 (48 s behind): its clock is more than 30 s off the one here");
        verdict.Findings[2].Show.ShouldBe("ssh wizard@10.0.0.13 sudo -n true");
    }

    [Fact]
    public void FortySilentNodesReadAsOne()
    {
        var cluster = new TestCluster(ClusterShapes.Of(1, 60, Given.Running));
        cluster.Sim.Packages.Offer(Given.Target, Given.Noon.AddDays(-9));
        foreach (var number in Enumerable.Range(1, 40))
        {
            cluster.Sim.Node($"k8s-node{number}").Ssh = SshState.Unreachable;
        }

        var seen = Ask(cluster).Findings.ShouldHaveSingleItem().Seen;

        seen.ShouldStartWith("40 nodes: can't be reached over ssh: Connection timed out: k8s-node1 (10.0.0.12), k8s-node2 (10.0.0.13), ");
        seen.ShouldEndWith(", k8s-node40 (10.0.0.51)");
    }

    [Fact]
    public void NoMoreThan32NodesAreAskedAtATime()
    {
        var cluster = new TestCluster(ClusterShapes.Of(1, 99, Given.Running));
        foreach (var node in cluster.Sim.Nodes)
        {
            node.Ssh = SshState.Unreachable;
        }

        var began = cluster.Wait.Now;
        Ask(cluster).Kind.ShouldBe(VerdictKind.Aborts);

        // Each takes 5 s to be given up, twice: a hundred in fours times 32, and a pause between.
        (cluster.Wait.Now - began).ShouldBeInRange(TimeSpan.FromSeconds(45), TimeSpan.FromSeconds(48));
    }

    [Fact]
    public void AConnectionMayBeLostOnce()
    {
        var facts = _cluster.Facts(Given.Step(PhaseName.Preflight));
        _cluster.Sim.Node("k8s-node2").Ssh = SshState.Unreachable;
        _cluster.Sim.Time.After(TimeSpan.FromSeconds(7), () => _cluster.Sim.Node("k8s-node2").Ssh = SshState.Reachable);

        _cluster.Run(Gate(_cluster).CheckAsync(facts, default)).ShouldBe(Verdict.Holds);
    }

    [Fact]
    public void ALockIsWaitedForAsLongAsTheNodeScriptWaits()
    {
        var facts = _cluster.Facts(Given.Step(PhaseName.Preflight));
        Lock("k8s-node2", "apt-get", "apt-daily.service");
        _cluster.Sim.Time.After(TimeSpan.FromMinutes(4), _cluster.Sim.Node("k8s-node2").Locks.Clear);

        _cluster.Run(Gate(_cluster).CheckAsync(facts, default)).ShouldBe(Verdict.Holds);
    }

    [Fact]
    public void ALockThatUnattendedUpgradesKeepIsNoReasonToAct()
    {
        Lock("k8s-node2", "unattended-upgr", "apt-daily-upgrade.service");
        var began = _cluster.Wait.Now;

        Ask(_cluster).ShouldRefuseForNow("k8s-node2 (unattended-upgr, pid 812 of apt-daily-upgrade.service): apt or dpkg is at work");

        (_cluster.Wait.Now - began).ShouldBeInRange(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(6));
    }

    [Fact]
    public void WhereSomebodyMustActAnywayNoLockIsWaitedFor()
    {
        Lock("k8s-node2", "unattended-upgr", "apt-daily-upgrade.service");
        _cluster.Sim.ClockSkew["k8s-node4"] = TimeSpan.FromHours(1);
        var began = _cluster.Wait.Now;

        Ask(_cluster).Findings.Select(finding => finding.Class).Order().ShouldBe([BlockerClass.ActNow, BlockerClass.Wait]);

        (_cluster.Wait.Now - began).ShouldBeLessThan(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void AClockIsComparedWithTheOneOfTheNodeThatAsks()
    {
        foreach (var node in _cluster.Sim.Nodes)
        {
            _cluster.Sim.ClockSkew[node.Name] = TimeSpan.FromMinutes(10);
        }

        Ask(_cluster).Findings.ShouldHaveSingleItem().Seen.ShouldStartWith("5 nodes: its clock is more than 30 s off the one here: k8s-master (10 min ahead), ");
    }

    [Fact]
    public void OfAMinorThePackagesAreLookedForWhereTheyWillComeFrom()
    {
        var step = Given.Step(PhaseName.Preflight) with { Run = Given.Run with { Target = new(1, 35, 1) }, Kind = UpgradeKind.Minor };
        var facts = _cluster.Facts(step);

        _cluster.Sim.Packages.Offer(new(1, 35, 1), Given.Noon.AddDays(-9));
        _cluster.Run(Gate(_cluster).CheckAsync(facts, default)).ShouldBe(Verdict.Holds);

        _cluster.Sim.Packages.IsAway = true;
        _cluster.Run(Gate(_cluster).CheckAsync(facts, default)).Findings.ShouldHaveSingleItem().Seen
            .ShouldStartWith("5 nodes: it can't ask https://pkgs.k8s.io/core:/stable:/v1.35/deb/Packages: curl: (7) Failed to connect");

        _cluster.Sim.Packages.IsAway = false;
        _cluster.Sim.Packages.Withdraw(new(1, 35, 1));
        _cluster.Run(Gate(_cluster).CheckAsync(facts, default)).Findings.ShouldHaveSingleItem().Seen
            .ShouldStartWith("5 nodes: there is no kubeadm, kubelet, kubectl 1.35.1 at https://pkgs.k8s.io/core:/stable:/v1.35/deb/Packages: k8s-master, k8s-node1, ");
    }

    [Fact]
    public void ANodeWithoutAnAddressCannotBeAsked() =>
        _cluster.Run(Gate(_cluster).CheckAsync(new GateFacts(Given.Step(PhaseName.Preflight), [Given.Node("node1")], []), default))
            .ShouldAbort("node1 (no address): node it has no InternalIP in its status; it can't be reached over ssh");

    [Fact]
    public void Incident24_AnAnswerThatCannotBeReadIsNoFitNode()
    {
        _cluster.Sim.Node("k8s-node3").IsGarbled = true;
        _cluster.Sim.Node("k8s-node4").IsGarbled = true;

        Ask(_cluster).Findings.ShouldHaveSingleItem().Seen
            .ShouldMatch(@"^2 nodes: it answered ""clock .*"" when it was surveyed, which can't be read: k8s-node3 \(10\.0\.0\.14\), k8s-node4 \(10\.0\.0\.15\)$");
    }

    private static Verdict Ask(TestCluster cluster) => cluster.Ask(Gate(cluster));

    private static NodeSurveyGate Gate(TestCluster cluster) => new(cluster.Sim.Shell, new SshSettings(), "https://pkgs.k8s.io/core:/stable:", cluster.Wait);

    private void Lock(string node, string process, string unit) =>
        _cluster.Sim.Node(node).Locks.Add(new PackageLock("/var/lib/dpkg/lock-frontend", new LockHolder(812, Given.Noon.AddMinutes(-1), unit, process)));
}
