using System.Text;
using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;
using Stepper.Simulation.Printed;

namespace Stepper.Cluster.Tests.NodeShell;

public sealed class NodeAnswersTests
{
    [Fact]
    public void ReleasesAreReadFromMadisonTheNewestFirst() =>
        NodeAnswers.Releases(
            """
               kubeadm | 1.34.9-1.1 | https://pkgs.k8s.io/core:/stable:/v1.34/deb  Packages
               kubeadm | 1.34.10-1.1 | https://pkgs.k8s.io/core:/stable:/v1.34/deb  Packages
               kubeadm | 1.34.10-2.1 | https://pkgs.k8s.io/core:/stable:/v1.34/deb  Packages
               kubeadm | 1.35.0~rc.1-1.1 | https://pkgs.k8s.io/core:/prerelease:/v1.35/deb  Packages
               kubeadm | 1.35.0-rc.1-00 | https://pkgs.k8s.io/core:/prerelease:/v1.35/deb  Packages
            W: nothing to see here
            """).ShouldBe([new KubeVersion(1, 34, 10), new KubeVersion(1, 34, 9)]);

    [Theory]
    [InlineData("apt/madison-1.34", "1.34.8 1.34.7 1.34.6 1.34.5 1.34.4 1.34.3 1.34.2 1.34.1 1.34.0")]
    [InlineData("apt/madison-1.33", "1.33.5 1.33.4 1.33.3 1.33.2 1.33.1 1.33.0")]
    [InlineData("apt/madison-two-minors", "1.34.7 1.34.6 1.34.2 1.34.1 1.33.10 1.33.9 1.33.5")]
    [InlineData("apt/madison-none", "")]
    [InlineData("apt/no-such-version", "")]
    public void ReleasesAreReadFromWhatMadisonReallyPrints(string recording, string releases) =>
        string.Join(' ', NodeAnswers.Releases(Recording.Of(recording).Text)).ShouldBe(releases);

    [Fact]
    public void AnInspectionIsRead()
    {
        var node = NodeAnswers.Inspection(
            "package kubeadm 1.34.7-1.1\npackage containerd.io 1.7.27-1\nheld kubeadm\n"
            + "run 20261122T101010Z-77\nrelease 1.34.7\nstate ended\nexit 3\n", "node3");

        node.Packages["kubeadm"].ShouldBe("1.34.7-1.1");
        node.Held.ShouldBe(["kubeadm"]);
        node.Script.ShouldBe(new ScriptRun("20261122T101010Z-77", new KubeVersion(1, 34, 7), ScriptState.Ended, 3));
    }

    [Fact]
    public void AnAnswerWithoutItsPartsIsAnError() =>
        Should.Throw<SourceException>(() => NodeAnswers.Inspection("held kubeadm\nrun 20261122T101010Z-77\n", "node3")).Message.ShouldContain("node3 answered without a \"state\" that can be read");

    [Fact]
    public void ARunThatGoesOnShowsWholeLinesOnly() =>
        Progress("state running\nsize 20\nlog\nstage: kubeadm\nstage: k", from: 0)
            .ShouldBe(new ScriptProgress(ScriptState.Running, null, "stage: kubeadm\n", 15));

    [Fact]
    public void ARunThatEndedShowsItsLastHalfLine() =>
        Progress("state ended\nexit 0\nsize 34\nlog\nbye", from: 31).ShouldBe(new ScriptProgress(ScriptState.Ended, 0, "bye", 34));

    [Fact]
    public void TheEndIsNotToldBeforeTheWholeLogIs() =>
        Progress("state ended\nexit 0\nsize 99\nlog\none\ntwo\nth", from: 0).ShouldBe(new ScriptProgress(ScriptState.Running, null, "one\ntwo\n", 8));

    [Fact]
    public void ALineLongerThanAnAnswerIsCutBetweenTwoCharacters()
    {
        var bytes = Encoding.UTF8.GetBytes("state running\nsize 99\nlog\n" + "aaé");

        // Four bytes are asked for, and the last character has two of them.
        NodeAnswers.Progress(bytes, 0, most: 4, "node3").ShouldBe(new ScriptProgress(ScriptState.Running, null, "aa", 2));
    }

    [Theory]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80 }, 5)]
    [InlineData(new byte[] { 0xC3, 0x28, 0xFF, 0xFE, 0x41 }, 4)]
    public void ALineThatIsNoTextGoesOnToo(byte[] line, int next)
    {
        var answer = NodeAnswers.Progress([.. "state running\nsize 99\nlog\n"u8, .. line], 0, most: 5, "node3");

        answer.NextByte.ShouldBe(next);
        answer.Text.ShouldNotBeEmpty();
    }

    [Fact]
    public void APackageOfTwoArchitecturesIsListedTwice() =>
        NodeAnswers.Inspection("package containerd 1.7.24~ds1-6\npackage containerd 1.7.24~ds1-6\n", "node3").Packages.Count.ShouldBe(1);

    [Theory]
    [InlineData("rebooted", ScriptState.Rebooted)]
    [InlineData("lost", ScriptState.Lost)]
    public void ARebootIsToldFromAKilledRun(string said, ScriptState state) => Progress($"state {said}\nsize 0\nlog\n", from: 0).State.ShouldBe(state);

    [Fact]
    public void ALogThatSaysLogIsStillOne() =>
        Progress("state ended\nexit 0\nsize 8\nlog\nlog\nlog\n", from: 0).Text.ShouldBe("log\nlog\n");

    private static ScriptProgress Progress(string answer, long from) =>
        NodeAnswers.Progress(Encoding.UTF8.GetBytes(answer), from, NodeCommands.MostOfLog, "node3");
}
