using Stepper.Cluster.NodeShell;

namespace Stepper.Cluster.Tests.NodeShell;

public sealed class EtcdAnswersTests
{
    [Fact]
    public void ThreeMembersThatAreWellAreRead()
    {
        var report = Recorded("three-members");

        (report.Runs, report.External, report.Trouble).ShouldBe((true, null, null));
        report.Members.Select(member => $"{member.Name} {member.Address} {member.IsLearner} {member.Health!.IsHealthy} {member.Health.Took.TotalMilliseconds:0}").ShouldBe(
        [
            "k8s-master3 https://127.0.0.1:23379 False True 37", "k8s-master1 https://127.0.0.1:21379 False True 34", "k8s-master2 https://127.0.0.1:22379 False True 35",
        ]);
        report.After.ShouldBe(new EtcdFigures(
            new DateTimeOffset(2026, 11, 22, 17, 3, 17, 900, TimeSpan.Zero), HasLeader: true, LeaderChanges: 1, DatabaseBytes: 20480, QuotaBytes: 2L << 30, new(7, 0), new(6, 0), new(0, 0)));
        report.Between.ShouldBe(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void AMemberThatHasNeverStartedHasNoNameAndWasNotAsked() =>
        Recorded("learner").Members[^1].ShouldBe(new EtcdMember("", "http://127.0.0.1:24380", IsLearner: true, Health: null));

    [Fact]
    public void AMemberThatDoesNotAnswerSaysWhyInEtcdctlsWords() =>
        Recorded("member-away").Members[0].Health.ShouldBe(new EtcdHealth(IsHealthy: false, "context deadline exceeded", TimeSpan.FromMilliseconds(5001.057314)));

    [Fact]
    public void WithoutAQuorumTheFiguresAreReadAllTheSame()
    {
        var report = Recorded("no-quorum");

        report.Members.Take(3).ShouldAllBe(member => !member.Health!.IsHealthy);
        (report.After!.HasLeader, report.After.LeaderChanges).ShouldBe((false, 2));
    }

    [Fact]
    public void WhereTheMembersCannotBeListedTheirWordsAreKept()
    {
        var report = Report(Text("three-members", line => line.StartsWith("members", StringComparison.Ordinal) ? "silent context deadline exceeded" : line.StartsWith("health", StringComparison.Ordinal) ? null : line));

        (report.Trouble, report.Members.Count, report.After!.HasLeader).ShouldBe(("context deadline exceeded", 0, true));
    }

    [Fact]
    public void WhatIsMeasuredForEachOperationIsSummedUp()
    {
        var report = Recorded("slow-3.6");

        (report.Before!.Applies, report.After!.Applies).ShouldBe((new EtcdLatency(4, 0), new EtcdLatency(11, 2)));
        (report.After - report.Before).Syncs.ShouldBe(new EtcdLatency(12, 1));
    }

    [Fact]
    public void AnEtcdElsewhereAndOneThatDoesNotRunAreTold()
    {
        Report("external https://10.0.0.7:2379,https://10.0.0.8:2379\n").External.ShouldBe("https://10.0.0.7:2379,https://10.0.0.8:2379");
        Report("stopped\n").ShouldBe(new EtcdReport());
    }

    [Fact]
    public void AnAnswerThatLacksALineIsAnError()
    {
        var whole = File.ReadAllLines(PathOf("slow-3.6"));
        // One of several operations may be missing: it has both of its lines, or none.
        foreach (var lost in whole.Where(line => !line.Contains("apply_duration", StringComparison.Ordinal)))
        {
            Should.Throw<SourceException>(() => Report(Text("slow-3.6", line => line == lost ? null : line)), lost).Message.ShouldStartWith("node3 was asked about its etcd and answered without a \"");
        }
    }

    [Theory]
    [InlineData("members", "members {\"members\":[]}")]
    [InlineData("members", "members {}")]
    [InlineData("members", "members [1]")]
    [InlineData("members", "members Error: context deadline exceeded")]
    [InlineData("members", "members {\"members\":[{\"name\":\"m\"}]}")]
    [InlineData("members", "members {\"members\":[{\"name\":\"m\",\"clientURLs\":[7]}]}")]
    [InlineData("health", "health {}")]
    [InlineData("health", "health [7]")]
    [InlineData("health", "health [{\"endpoint\":\"https://127.0.0.1:21379\",\"health\":true,\"took\":\"soon\"}]")]
    [InlineData("after etcd_server_has_leader", "after etcd_server_has_leader NaN")]
    [InlineData("after etcd_server_has_leader", "after etcd_server_has_leader +Inf")]
    [InlineData("after process_start_time_seconds", "after process_start_time_seconds 2026-11-22")]
    [InlineData("seconds", "seconds soon")]
    public void WhatIsNotAsItMustBeIsAnError(string begins, string instead) =>
        Should.Throw<SourceException>(() => Report(Text("three-members", line => line.StartsWith(begins, StringComparison.Ordinal) ? instead : line)));

    [Theory]
    [InlineData("""{"hash":2485008311,"revision":184213,"totalKey":9312,"totalSize":20480}""")]
    [InlineData("""{"hash":2485008311,"revision":184213,"totalKey":9312,"totalSize":20480,"version":"3.6.0"}""")]
    public void ASnapshotIsReadAsEtcdctlAndEtcdutlTellOfIt(string proof) =>
        EtcdAnswers.Saved(Saved(proof), "node3").ShouldBe(new SavedEtcd("/var/lib/stepper/snapshots/etcd-1.34.7-1.db", Reused: false, 20512, 184213, 184201, 9312));

    [Theory]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("""{"revision":"184213","totalKey":9312}""")]
    public void ASnapshotThatProvesNothingIsAnError(string proof) => Should.Throw<SourceException>(() => EtcdAnswers.Saved(Saved(proof), "node3"));

    private static string Saved(string proof) =>
        "reused no\npath /var/lib/stepper/snapshots/etcd-1.34.7-1.db\nbytes 20512\n"
        + """before [{"Endpoint":"https://127.0.0.1:2379","Status":{"header":{"cluster_id":17495100640981928781,"member_id":7616583982444832909,"revision":184201,"raft_term":2},"version":"3.5.24"}}]"""
        + $"\nproof {proof}\n";

    private static EtcdReport Recorded(string name) => Report(File.ReadAllText(PathOf(name)));

    private static EtcdReport Report(string text) => EtcdAnswers.Report(text, "node3");

    private static string Text(string name, Func<string, string?> change) => string.Join('\n', File.ReadAllLines(PathOf(name)).Select(change).OfType<string>());

    private static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "NodeShell", "Etcd", $"{name}.txt");
}
