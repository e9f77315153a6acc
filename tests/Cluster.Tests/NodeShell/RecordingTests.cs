using Stepper.Simulation.Printed;

namespace Stepper.Cluster.Tests.NodeShell;

public sealed class RecordingTests
{
    public static TheoryData<string> All => [.. Recording.Names];

    [Theory]
    [MemberData(nameof(All))]
    public void EachSaysWhereItIsFromAndWhatStandsInIt(string name)
    {
        var recording = Recording.Of(name);

        recording.Source.ShouldMatch("^(https://|apt )");
        foreach (var word in recording.Words)
        {
            recording.Text.ShouldContain(word.Value, Case.Sensitive, word.Key);
        }
    }

    [Theory]
    [InlineData("version")]
    [InlineData("images")]
    [InlineData("plan-patch")]
    [InlineData("apply")]
    [InlineData("node-control-plane")]
    [InlineData("node-worker")]
    [InlineData("diff-flag")]
    [InlineData("apply-help")]
    [InlineData("node-help")]
    public void KubeadmOfEachMinorIsRecorded(string what) =>
        Enumerable.Range(31, 6).Where(minor => !Recording.Of($"kubeadm/v1.{minor}/{what}").IsReal).ShouldBeEmpty();

    [Fact]
    public void ItIsPrintedForOtherVersionsAndNodes()
    {
        var text = Recording.Of("kubeadm/v1.34/plan-patch").For(("running", "1.34.9"), ("target", "1.34.10"), ("node", "cp1"), ("nobody", "x"));

        text.ShouldContain("Cluster version: 1.34.9\n");
        text.ShouldContain("\tkubeadm upgrade apply v1.34.10\n");
        text.ShouldContain("kube-apiserver            cp1   v1.34.9   v1.34.10");
        text.ShouldNotContain("1.34.8");
    }
}
