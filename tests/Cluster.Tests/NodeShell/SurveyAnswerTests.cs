using Stepper.Cluster.NodeShell;

namespace Stepper.Cluster.Tests.NodeShell;

/// <summary>What a node says when it is surveyed; and that nothing counts as said that was not.</summary>
public sealed class SurveyAnswerTests
{
    private const string Whole =
        """
        os Debian GNU/Linux 12 (bookworm)
        package kubeadm 1.34.2-1.1 held
        package kubectl 1.34.2-1.1 free
        offered kubeadm
        offered kubelet
        lock /var/lib/dpkg/lock-frontend 812 1795348700 apt-daily-upgrade.service unattended-upgr
        lock /var/lib/apt/lists/lock 77 1795348700 - a name of it
        lock /var/lib/dpkg/lock
        place archives 65024 rw 1048576 6553600 6000000 /var/cache/apt/archives /
        place programs 65024 ro 1048576 6553600 6000000 /usr /
        place plugins 65024 rw 1048576 6553600 6000000 /opt/cni/bin /
        place images 37 rw 2048 0 0 /data/containerd /mnt/a disk
        place state 65024 rw 1048576 6553600 6000000 /var/lib/stepper /
        place kubernetes 65024 rw 1048576 6553600 6000000 /etc/kubernetes /
        place temporary 65024 rw 1048576 6553600 6000000 /tmp /
        place etcd 65024 rw 1048576 6553600 6000000 /var/lib/etcd /
        etcd-data 4096
        scratch 0
        clock 1795348800

        """;

    [Fact]
    public void AWholeAnswerIsRead()
    {
        var survey = SurveyAnswer.Read(Whole, "node3");

        survey.Os.ShouldBe("Debian GNU/Linux 12 (bookworm)");
        survey.Clock.ShouldBe(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));
        survey.Packages.ShouldBe([new("kubeadm", "1.34.2-1.1", IsHeld: true), new("kubectl", "1.34.2-1.1", IsHeld: false)]);
        survey.Offered.ShouldBe(["kubeadm", "kubelet"]);
        survey.RepositoryProblem.ShouldBeNull();
        survey.Locks[0].Holder.ShouldBe(new LockHolder(812, survey.Clock.AddSeconds(-100), "apt-daily-upgrade.service", "unattended-upgr"));
        survey.Locks[1].Holder.ShouldBe(new LockHolder(77, survey.Clock.AddSeconds(-100), null, "a name of it"));
        survey.Locks[2].ShouldBe(new PackageLock("/var/lib/dpkg/lock", null));
        survey.Places.Single(place => place.Use is DiskUse.Images).ShouldBe(new DiskPlace(DiskUse.Images, "/data/containerd", "37", "/mnt/a disk", true, 2048, 0, 0));
        survey.Places.Single(place => place.Use is DiskUse.Programs).IsWritable.ShouldBeFalse();
        survey.EtcdBytes.ShouldBe(4096);
    }

    [Fact]
    public void WhereToolsAreMissingTheNodeSaysNoMoreThanThat()
    {
        var survey = SurveyAnswer.Read("os Flatcar 4081\nmissing apt-get\nmissing perl\nclock 1795348800\n", "node3");

        survey.MissingTools.ShouldBe(["apt-get", "perl"]);
        survey.Places.ShouldBeEmpty();
    }

    [Fact]
    public void ARepositoryThatCouldNotBeAskedIsSaidInItsOwnWords() =>
        SurveyAnswer.Read(Whole.Replace("offered kubeadm\noffered kubelet", "unasked curl: (6) Could not resolve host: pkgs.k8s.io", StringComparison.Ordinal), "node3")
            .RepositoryProblem.ShouldBe("curl: (6) Could not resolve host: pkgs.k8s.io");

    [Theory]
    [InlineData("os ", "os")]
    [InlineData("clock ", "clock")]
    [InlineData("etcd-data ", "etcd-data")]
    [InlineData("scratch ", "scratch")]
    [InlineData("place images ", "place Images")]
    [InlineData("place temporary ", "place Temporary")]
    public void Incident24_WhatWasNotSaidIsNotFine(string line, string missing) =>
        Should.Throw<SourceException>(() => SurveyAnswer.Read(string.Join('\n', Whole.Split('\n').Where(each => !each.StartsWith(line, StringComparison.Ordinal))), "node3"))
            .Message.ShouldStartWith($"node3 was surveyed and answered without \"{missing}\"");

    [Theory]
    [InlineData("clock 1795348800", "clock Sun Nov 22 12:00:00 UTC 2026")]
    [InlineData("clock 1795348800", "clock -1")]
    [InlineData("clock 1795348800", "clock 99999999999999")]
    [InlineData("clock 1795348800", "clock ")]
    [InlineData("clock 1795348800", "clock 1795348800\nclock 1795348801")]
    [InlineData("etcd-data 4096", "etcd-data ")]
    [InlineData("scratch 0", "scratch 12K")]
    [InlineData("rw 2048 0 0 /data", "rw - 0 0 /data")]
    [InlineData("rw 2048 0 0 /data", "rw 2048 0 - /data")]
    [InlineData("rw 2048 0 0 /data", "rw 2048 0 0 data")]
    [InlineData("rw 2048 0 0 /data", "rw 99999999999999999999 0 0 /data")]
    [InlineData("rw 2048 0 0 /data", "rx 2048 0 0 /data")]
    [InlineData("place images", "place 3")]
    [InlineData("place images", "place etcd")]
    [InlineData("place images", "place cellar")]
    [InlineData("1.34.2-1.1 held", "1.34.2-1.1")]
    [InlineData("1.34.2-1.1 held", "1.34.2-1.1 perhaps")]
    [InlineData("lock-frontend 812 1795348700", "lock-frontend 0 1795348700")]
    [InlineData("lock-frontend 812 1795348700", "lock-frontend 812 yesterday")]
    [InlineData("offered kubeadm", "kubeadm is offered")]
    [InlineData("os Debian GNU/Linux 12 (bookworm)", "os Debian\nos Ubuntu")]
    public void Incident24_WhatCannotBeReadIsNotFine(string said, string instead) =>
        Should.Throw<SourceException>(() => SurveyAnswer.Read(Whole.Replace(said, instead, StringComparison.Ordinal), "node3")).Message.ShouldStartWith("node3 ");
}
