using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.Versions;
using Stepper.StepRunner.Gates;
using Stepper.StepRunner.Gates.Compatibility;

namespace Stepper.StepRunner.Tests.Gates.Compatibility;

public sealed class RuntimeFloorsTests
{
    private const string Needs20 = "containerd is older than 2.0, which Kubernetes needs from 1.36 on (\"2.0 and later\", https://containerd.example/releases, read 2026-11-22)";

    [Theory]
    [InlineData("containerd://1.7.20", "1.35")]
    [InlineData("containerd://2.1.4", "1.36")]
    [InlineData("containerd://1.6.20~ds1", "1.34")]
    [InlineData("cri-o://1.20.0", "1.36")]
    [InlineData("containerd://2.2.0-rc.1", "1.36")]
    [InlineData("containerd://v2.0.1-beta.0-12-gabc", "1.36")]
    [InlineData("", "1.34")]
    public void ARuntimeThatIsNewEnoughOrOfWhichNothingIsKnownIsFine(string runtime, string target) => Ask(target, Node("n1", runtime)).ShouldBeEmpty();

    [Fact]
    public void NodesThatAreTooOldAreToldTogether()
    {
        var finding = Ask("1.36", Node("n1", "containerd://1.7.24"), Node("n2", "containerd://2.0.0"), Node("n3", "containerd://1.6.20~ds1")).ShouldHaveSingleItem();

        (finding.Kind, finding.Class, finding.Seen).ShouldBe((VerdictKind.Refuses, BlockerClass.ActNow, $"2 nodes: {Needs20}; upgrade it first: n1 (1.7.24), n3 (1.6.20~ds1)"));
    }

    [Fact]
    public void WhatRunsBelowItAlreadyIsAWarning()
    {
        var finding = Ask("1.36", Node("n1", "containerd://1.7.24", new KubeVersion(1, 36, 0))).ShouldHaveSingleItem();

        (finding.Kind, finding.Seen).ShouldBe((VerdictKind.Warns, $"n1 (1.7.24): {Needs20}"));
    }

    [Theory]
    [InlineData("containerd://dev", "n1 (containerd://dev): whether its containerd is at least 2.0, which Kubernetes 1.36 needs, can't be told")]
    [InlineData("containerd", "n1 (containerd): whether its containerd is at least 2.0, which Kubernetes 1.36 needs, can't be told")]
    [InlineData("", "n1: its container runtime is not reported, so whether it is new enough can't be told")]
    public void WhatCannotBeReadIsNeverFine(string runtime, string seen) => Ask("1.36", Node("n1", runtime)).ShouldHaveSingleItem().Seen.ShouldBe(seen);

    [Theory]
    [InlineData("containerd://2.0.0-rc.1")]
    [InlineData("containerd://1.7.24~beta.1")]
    public void APreReleaseGoesBeforeItsRelease(string runtime) => Ask("1.36", Node("n1", runtime)).ShouldHaveSingleItem().Seen.ShouldStartWith($"n1 ({runtime.Split("//")[1]}): {Needs20}; ");

    [Theory]
    [InlineData("containerd://dev", 36, true)]
    [InlineData("containerd://2.0.0-rc.1", 36, true)]
    [InlineData("", 36, true)]
    [InlineData("containerd://dev", 35, false)]
    [InlineData("", 35, false)]
    public void WhatCannotBeReadIsAWarningWhereTheNodeIsThereAlready(string runtime, int minor, bool isWarning) =>
        Ask("1.36", Node("n1", runtime, new KubeVersion(1, minor, 4))).ShouldHaveSingleItem().Kind.ShouldBe(isWarning ? VerdictKind.Warns : VerdictKind.Refuses);

    private static IReadOnlyList<Finding> Ask(string target, params IReadOnlyList<ClusterNode> nodes) =>
        RuntimeFloors.Of(KnownMatrix.Read().Runtimes, nodes, MinorVersion.TryParse(target, out var minor) ? minor : default).Findings;

    private static ClusterNode Node(string name, string runtime, KubeVersion? kubelet = null)
    {
        var node = Given.Node(name, kubelet: kubelet);
        return node with { Node = node.Node with { Status = new NodeStatus { NodeInfo = new NodeInfo { ContainerRuntimeVersion = runtime } } } };
    }
}
