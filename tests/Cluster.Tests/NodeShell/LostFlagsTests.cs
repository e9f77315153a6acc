using Stepper.Cluster.NodeShell;
using Stepper.Simulation.Printed;

namespace Stepper.Cluster.Tests.NodeShell;

/// <summary>With what kubeadm of 1.31 to 1.36 really printed.</summary>
public sealed class LostFlagsTests
{
    private static readonly string[] ByHand = ["--oidc-issuer-url", "--oidc-client-id"];

    public static TheoryData<string> OfFlagsByHand =>
        [.. Recording.Names.Where(name => name.EndsWith("/diff-flag", StringComparison.Ordinal) || name.EndsWith("minor", StringComparison.Ordinal) && name.Contains("/diff-", StringComparison.Ordinal)), "kubeadm/v1.34/diff-context"];

    public static TheoryData<string> Failures => [.. Recording.Names.Where(name => name.Contains("/diff-", StringComparison.Ordinal) && Recording.Of(name).ExitCode != 0)];

    [Theory]
    [MemberData(nameof(OfFlagsByHand))]
    public void Incident20_AFlagThatWasSetByHandIsLost(string name) => LostFlags.In(Recording.Of(name).Text).ShouldBe(ByHand);

    // The installed kubeadm is asked, since the target's is not there yet: of each minor and the next one.
    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(34)]
    [InlineData(35)]
    public void TheInstalledKubeadmLosesWhatTheTargetsLoses(int minor) =>
        LostFlags.In(Recording.Of($"kubeadm/v1.{minor}/diff-next-minor").Text).ShouldBe(LostFlags.In(Recording.Of($"kubeadm/v1.{minor + 1}/diff-minor").Text));

    [Theory]
    [InlineData("v1.34/diff-drifted", "--authentication-config")]
    [InlineData("v1.34/diff-edited", "--audit-log-path --profiling --authentication-config --service-account-issuer")]
    [InlineData("v1.34/diff-flow", "--oidc-client-id")]
    public void AFlagIsLostHoweverItWasWritten(string name, string lost) => LostFlags.In(Recording.Of($"kubeadm/{name}").Text).ShouldBe(lost.Split(' '));

    [Fact]
    public void WhatIsNoneIsNone()
    {
        const string Diff = """
            --- /etc/kubernetes/manifests/kube-apiserver.yaml
            +++ new manifest
            @@ -13,9 +13,4 @@
            -    # --gone=1 and --none
            -    - --admission-control-config-file=/etc/a--b.yaml # --c
            -    image: registry.k8s.io/kube-apiserver:v1.34.8--x
            -    - -v=4
            +    - --admission-control-config-file=/etc/c.yaml
            --- /etc/kubernetes/manifests/kube-scheduler.yaml
            +++ new manifest
            @@ -31 +31 @@
            -    - --leader-elect=true
            """;

        LostFlags.In(Diff).ShouldBe(["-v"]);
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void AFailureSaysNothingOfFlags(string name) => LostFlags.In(Recording.Of(name).Text).ShouldBeNull();
}
