using Stepper.StepRunner.Gates;
using Stepper.StepRunner.Gates.Compatibility;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Tests.Gates.Compatibility;

public sealed class UnknownAddonsTests
{
    private static readonly HashSet<string> Powerful = new(StringComparer.Ordinal) { "ops/controller", "trusted/" };

    [Theory]
    [InlineData("kube-system/metrics-server", "registry.k8s.io/metrics-server/metrics-server:v0.8.0", "default", false)]
    [InlineData("storage/csi", "csi:1", "default", true)]
    [InlineData("ops/velero", "velero:1", "controller", false)]
    [InlineData("trusted/anything", "anything:1", "default", false)]
    public void WhatTheClusterLeansOnOrWhatWorksOnTheWholeOfItIsAnAddon(string where, string image, string account, bool isCritical)
    {
        var finding = Ask(Consequence.Warn, KnownMatrix.Workload(where, image, account, isCritical)).ShouldHaveSingleItem();

        finding.Kind.ShouldBe(VerdictKind.Warns);
        finding.Seen.ShouldBe($"whether these addons work with the target is not known, since the compatibility matrix does not have them: {where} ({image})");
    }

    [Theory]
    [InlineData("default/web", "nginx:1.29", "default")]
    [InlineData("ops/postgres", "postgres:18", "default")]
    [InlineData("kube-system/kube-proxy", "registry.k8s.io/kube-proxy:v1.34.2", "kube-proxy")]
    [InlineData("kube-system/coredns", "registry.k8s.io/coredns/coredns:v1.12.1", "coredns")]
    [InlineData("kube-system/etcd-m1", "registry.k8s.io/etcd:3.6.5-0", "default")]
    [InlineData("kube-system/upgrade-health-check", "registry.k8s.io/pause:3.10.1", "default")]
    [InlineData("kube-system/calico-node", "docker.io/calico/node:v3.1 sidecar:1", "calico")]
    [InlineData("k8s-upgrade/k8s-upgrade-preflight", "stepper:1", "controller")]
    public void AnApplicationIsNoneAndSoIsWhatKubeadmBringsOrTheMatrixKnows(string where, string images, string account) =>
        Ask(Consequence.Warn, KnownMatrix.Workload(where, images, account)).ShouldBeEmpty();

    [Fact]
    public void BySettingItIsInTheWay()
    {
        var finding = Ask(Consequence.Abort, KnownMatrix.Workload("kube-system/x", "x:1"), KnownMatrix.Workload("kube-system/x", "x:2")).ShouldHaveSingleItem();

        (finding.Kind, finding.Class).ShouldBe((VerdictKind.Refuses, BlockerClass.ActNow));
        finding.Seen.ShouldEndWith("kube-system/x (x:1), kube-system/x (x:2); write them into it with what they support, or set unknownAddons: warn");
    }

    [Fact]
    public void OfManySomeAreNamed() => Ask(Consequence.Warn, [.. Enumerable.Range(1, 23).Select(number => KnownMatrix.Workload($"kube-system/x{number}", "x:1"))])
        .ShouldHaveSingleItem().Seen.ShouldEndWith(", kube-system/x20 (x:1) and 3 more");

    private static IReadOnlyList<Finding> Ask(Consequence consequence, params IReadOnlyList<Workload> workloads) =>
        UnknownAddons.Of(KnownMatrix.Read().Addons, workloads, Powerful, "k8s-upgrade", consequence).Findings;
}
