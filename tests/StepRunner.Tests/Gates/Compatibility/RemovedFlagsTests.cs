using Stepper.Cluster.Versions;
using Stepper.Cluster.Workloads;
using Stepper.StepRunner.Gates;
using Stepper.StepRunner.Gates.Compatibility;

namespace Stepper.StepRunner.Tests.Gates.Compatibility;

public sealed class RemovedFlagsTests
{
    private const string Gone = ", which is gone from Kubernetes 1.35 on (\"removed in 1.35\", https://k8s.example/1.35, read 2026-11-22); ";

    private static readonly MinorVersion Target = new(1, 35);

    private static readonly Removals Removed = KnownMatrix.Read().Removed;

    [Theory]
    [InlineData("--old-audit=/var/log", "--old-audit")]
    [InlineData("--old_audit /var/log", "--old-audit")]
    [InlineData("-old-audit", "--old-audit")]
    [InlineData("--feature-gates=Newest=true,Everywhere=false", "the feature gate Everywhere")]
    [InlineData("--feature-gates Everywhere=true --v=2", "the feature gate Everywhere")]
    [InlineData("--enable-admission-plugins=NodeRestriction,OldPolicy", "the admission plugin OldPolicy")]
    [InlineData("--disable-admission-plugins=OldPolicy", "the admission plugin OldPolicy")]
    public void WhatAnApiServerOfTheTargetDoesNotKnowIsNamed(string flags, string what)
    {
        var finding = Ask("kube-apiserver", flags).ShouldHaveSingleItem();

        (finding.Kind, finding.Class).ShouldBe((VerdictKind.Refuses, BlockerClass.ActNow));
        finding.Seen.ShouldBe($"m1: kube-apiserver is given {what}{Gone}take it out of ConfigMap kube-system/kubeadm-config and of the manifest");
        finding.Show.ShouldBe("kubectl -n kube-system get pod kube-apiserver-m1 -o yaml");
    }

    [Theory]
    [InlineData("kube-apiserver", "--old-audit-log=x --feature-gates=KubeletsOnly=true,LongGone=true")]
    [InlineData("kube-scheduler", "--old-audit=x")]
    [InlineData("etcd", "--feature-gates=Everywhere=true")]
    public void WhatIsAnothersOrWasGoneBeforeIsInNobodysWay(string component, string flags) => Ask(component, flags).ShouldBeEmpty();

    [Fact]
    public void WhatAlreadyRunsAtTheTargetsMinorHasGotOverIt() => Ask("kube-apiserver", "--old-audit=x", "v1.35.0").ShouldBeEmpty();

    [Theory]
    [InlineData("authentication: {oldWay: true}", "authentication.oldWay")]
    [InlineData("swap: {behavior: Endless}", "swap.behavior: Endless")]
    [InlineData("swap: {behavior: [Other, Endless]}", "swap.behavior: Endless")]
    [InlineData("featureGates: {KubeletsOnly: true}", "the feature gate KubeletsOnly")]
    [InlineData("featureGates: {Everywhere: false}", "the feature gate Everywhere")]
    public void WhatAKubeletOfTheTargetRefusesOfItsConfigurationIsNamed(string yaml, string what) =>
        OfConfiguration(yaml).ShouldBe([$"the kubelet configuration has {what}{Gone}take it out of ConfigMap kube-system/kubelet-config"]);

    [Theory]
    [InlineData("authentication: {newWay: true}\nswap: {behavior: Limited}\nfeatureGates: {LongGone: true}")]
    [InlineData("oldWay: true\nswap: Endless")]
    public void AllElseItTakes(string yaml) => OfConfiguration(yaml).ShouldBeEmpty();

    [Theory]
    [InlineData(null, "there is no kubelet configuration in ConfigMap kube-system/kubelet-config, so ")]
    [InlineData("", "there is no kubelet configuration in ConfigMap kube-system/kubelet-config, so ")]
    [InlineData("a: {", "ConfigMap kube-system/kubelet-config can't be read: line 2: ")]
    public void AConfigurationThatCannotBeReadIsNeverFine(string? yaml, string seen) => OfConfiguration(yaml).ShouldHaveSingleItem().ShouldStartWith(seen);

    private static IReadOnlyList<Finding> Ask(string component, string flags, string version = "v1.34.2") => ControlPlaneFlags.Of(
        Removed, [new ControlPlanePod("m1", component, $"registry.k8s.io/{component}:{version}", IsReady: true) { CommandLine = [component, .. flags.Split(' ')] }], Target).Findings;

    private static IEnumerable<string> OfConfiguration(string? yaml) => KubeletConfiguration.Of(Removed, yaml, new MinorStep(new MinorVersion(1, 34), Target)).Select(finding => finding.Seen);
}
