using Stepper.Cluster.NodeShell;
using Stepper.StepRunner.Gates;

namespace Stepper.StepRunner.Tests.Gates;

/// <summary>What of a node's own words is in the way of its upgrade.</summary>
public sealed class SurveyJudgeTests
{
    private const string Repository = "https://pkgs.k8s.io/core:/stable:";
    private const long GiB = 1L << 30;

    private static readonly NodeSurvey Fit = new("Debian GNU/Linux 12 (bookworm)", [], Given.Noon)
    {
        Packages = [.. NodeInspection.KubernetesPackages.Select(name => new SurveyedPackage(name, "1.34.2-1.1", IsHeld: true))],
        Offered = NodeInspection.KubernetesPackages,
        Places = [.. Enum.GetValues<DiskUse>().Select(use => Place(use, 20 * GiB))],
        EtcdBytes = 400L << 20,
    };

    [Fact]
    public void AFitNodeHasNoProblem() => Judge(Fit).ShouldBeEmpty();

    [Theory]
    [InlineData(30, null)]
    [InlineData(-30, null)]
    [InlineData(31, "node3 (31 s ahead): its clock is more than 30 s off the one here")]
    [InlineData(-31, "node3 (31 s behind): its clock is more than 30 s off the one here")]
    [InlineData(7200, "node3 (120 min ahead): its clock is more than 30 s off the one here")]
    public void AClockMayBeOffByHalfAMinute(int seconds, string? says) => Said(Judge(Fit with { Clock = Given.Noon.AddSeconds(seconds) })).ShouldBe(says is null ? [] : [says]);

    [Fact]
    public void PlacesOnOneDiskNeedTheSumOfTheirs()
    {
        Judge(Fit with { Places = Free(DiskUse.Programs, 400L << 20) }).ShouldBeEmpty();

        Said(Judge(Fit with { Places = [.. Fit.Places.Select(place => place with { FileSystem = "1", Mount = "/", FreeBytes = GiB })] }, isControlPlane: false))
            .ShouldBe(["node3 (1.0 GiB free, 1.5 GiB needed): / has too little room for the upgrade"]);
    }

    [Fact]
    public void WithWhatIsNeededAPlaceIsFineAndWithAByteLessItIsNot()
    {
        foreach (var use in Enum.GetValues<DiskUse>())
        {
            var need = DiskNeeds.Of(use, isControlPlane: true, Fit.EtcdBytes);
            var at = Place(use, need.Bytes) with { FreeInodes = need.Files };

            Judge(With(at)).ShouldBeEmpty();
            Said(Judge(With(at with { FreeBytes = need.Bytes - 1 }))).ShouldHaveSingleItem().ShouldContain($"/{use} has too little room for the upgrade");
            Said(Judge(With(at with { FreeInodes = need.Files - 1 }))).ShouldHaveSingleItem().ShouldContain($"/{use} has too few inodes for the upgrade");
            Judge(With(at with { Inodes = 0, FreeInodes = 0 })).ShouldBeEmpty();
        }
    }

    [Fact]
    public void AControlPlaneNeedsRoomForACopyOfEtcdsData()
    {
        var survey = Fit with { Places = Free(DiskUse.Kubernetes, 300L << 20), ScratchBytes = 58 * GiB };

        Said(Judge(survey)).ShouldBe(
            ["node3 (300 MiB free, 432 MiB needed; kubeadm's old copies under /etc/kubernetes/tmp take 58.0 GiB): /Kubernetes has too little room for the upgrade"]);
        Judge(survey, isControlPlane: false).ShouldBeEmpty();
    }

    [Fact]
    public void ADiskThatIsMountedToBeReadOnlyIsNoRoom()
    {
        var finding = NodeProblem.Findings(Judge(With(Place(DiskUse.Images, 20 * GiB) with { IsWritable = false }))).Single();

        finding.Seen.ShouldBe("node3 (on /Images): /path/Images can't be written to");
        finding.Show.ShouldBe("ssh wizard@10.0.0.3 findmnt -T /path/Images");
    }

    [Theory]
    [InlineData("apt-daily.service", "apt-get", true)]
    [InlineData("apt-daily-upgrade.service", "unattended-upgr", true)]
    [InlineData(null, "unattended-upgr", true)]
    [InlineData("session-3.scope", "apt-get", false)]
    [InlineData(null, "dpkg", false)]
    public void WhatWorksOnPackagesByItselfIsWaitedForAndAPersonIsAsked(string? unit, string name, bool passes)
    {
        var holder = new LockHolder(812, Given.Noon.AddMinutes(-3), unit, name);
        var finding = NodeProblem.Findings(Judge(Fit with { Locks = [new("/var/lib/dpkg/lock-frontend", holder), new("/var/lib/dpkg/lock", holder)] })).Single();

        finding.ShouldBe(new Finding(
            passes ? VerdictKind.Refuses : VerdictKind.Aborts,
            passes ? BlockerClass.Wait : BlockerClass.ActNow,
            $"node3 ({name}, pid 812{(unit is null ? "" : $" of {unit}")}): apt or dpkg is at work",
            "ssh wizard@10.0.0.3 ps -fp 812",
            holder.Since));
    }

    [Fact]
    public void ANodeScriptThatStillRunsIsInNobodysWay() =>
        Judge(Fit with { Locks = [new("/var/lib/dpkg/lock", new LockHolder(812, Given.Noon, "stepper-20261122T101010Z-77.service", "dpkg"))] }).ShouldBeEmpty();

    [Fact]
    public void ALockOfSomebodyWhoIsNotShownIsNoneTheLess() =>
        Said(Judge(Fit with { Locks = [new("/var/lib/dpkg/lock", null)] })).ShouldBe(["node3 (/var/lib/dpkg/lock is locked by a process that the node does not show): apt or dpkg is at work"]);

    [Fact]
    public void AMissingHoldIsAWarning()
    {
        var problem = Judge(Fit with { Packages = [.. Fit.Packages.Select(package => package with { IsHeld = package.Name != "kubelet" })] }).Single();

        problem.Kind.ShouldBe(VerdictKind.Warns);
        Said([problem]).ShouldBe(["node3: kubelet is not held; the upgrade holds it"]);
    }

    [Fact]
    public void AKubeletThatIsNoPackageCannotBeUpgraded() =>
        Said(Judge(Fit with { Packages = [.. Fit.Packages.Where(package => package.Name == "kubeadm")] }))
            .ShouldBe(["node3: kubelet is not installed as a package, and so apt can't upgrade it"]);

    [Fact]
    public void ThePackagesThatAreNotThereAreNamed() =>
        Said(Judge(Fit with { Offered = ["kubeadm"] })).ShouldBe(["node3: there is no kubelet, kubectl 1.34.7 at https://pkgs.k8s.io/core:/stable:/v1.34/deb/Packages"]);

    [Fact]
    public void ARepositoryThatTheNodeCannotAskIsNoPackage() =>
        Said(Judge(Fit with { Offered = [], RepositoryProblem = "curl: (6) Could not resolve host: pkgs.k8s.io" }))
            .ShouldBe(["node3: it can't ask https://pkgs.k8s.io/core:/stable:/v1.34/deb/Packages: curl: (6) Could not resolve host: pkgs.k8s.io"]);

    [Fact]
    public void WhatIsInstalledAtTheTargetNeedNotBeThereToBeHad() =>
        Judge(Fit with { Offered = ["kubectl"], Packages = [.. Fit.Packages.Select(package => package with { Version = package.Name == "kubectl" ? package.Version : "1.34.7-1.1" })] })
            .ShouldBeEmpty();

    [Fact]
    public void ANodeAtTheTargetNeedsNoRoomAndNoPackages()
    {
        var survey = Fit with { Offered = [], Places = Free(DiskUse.Images, 0), Clock = Given.Noon.AddHours(1) };

        Said(Judge(survey, isAtTarget: true)).ShouldBe(["node3 (60 min ahead): its clock is more than 30 s off the one here"]);
    }

    [Fact]
    public void WithoutAptANodeCannotBeUpgraded() =>
        Said(Judge(new NodeSurvey("Flatcar Container Linux 4081", ["apt-get", "apt-cache", "perl"], Given.Noon)))
            .ShouldBe(["node3 (Flatcar Container Linux 4081): it has no apt; only Debian and Ubuntu nodes can be upgraded"]);

    [Fact]
    public void EachToolThatIsMissingIsNamed() =>
        Said(Judge(new NodeSurvey("Debian GNU/Linux 12 (bookworm)", ["curl", "gpg"], Given.Noon)))
            .ShouldBe(["node3: curl is not installed, and the upgrade needs it", "node3: gpg is not installed, and the upgrade needs it"]);

    [Fact]
    public void NodesWithTheSameProblemAreToldTogetherAndEachByName() =>
        NodeProblem.Findings(Enumerable.Range(1, 40).SelectMany(number => Judge(Fit with { Clock = Given.Noon.AddMinutes(number) }, name: $"node{number}"))).Single().Seen
            .ShouldStartWith("40 nodes: its clock is more than 30 s off the one here: node1 (60 s ahead), node2 (120 s ahead), node3 (180 s ahead), node4 (240 s ahead), node5 (5 min ahead), ");

    private static IReadOnlyList<NodeProblem> Judge(NodeSurvey survey, bool isControlPlane = true, bool isAtTarget = false, string name = "node3") =>
        [.. new SurveyJudge(Given.Target, Repository).Of(Given.Node(name, isControlPlane), isAtTarget, survey, Given.Noon, "ssh wizard@10.0.0.3")];

    private static IEnumerable<string> Said(IEnumerable<NodeProblem> problems) => NodeProblem.Findings(problems).Select(finding => finding.Seen);

    private static DiskPlace Place(DiskUse use, long free) => new(use, $"/path/{use}", $"{use}", $"/{use}", IsWritable: true, free, Inodes: 1_000_000, FreeInodes: 900_000);

    private static NodeSurvey With(DiskPlace at) => Fit with { Places = [.. Fit.Places.Select(place => place.Use == at.Use ? at : place)] };

    private static IReadOnlyList<DiskPlace> Free(DiskUse use, long free) => With(Place(use, free)).Places;
}
