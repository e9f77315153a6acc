using Stepper.Cluster.Versions;
using Stepper.Cluster.Workloads;
using Stepper.StepRunner.Gates;

namespace Stepper.StepRunner.Tests.Gates;

public sealed class SkewGateTests
{
    [Theory]
    [InlineData("1.34.7", "1.34.2", "1.34.2")]
    [InlineData("1.35.0", "1.34.2", "1.34.2")]
    [InlineData("1.34.7", "1.34.7", "1.34.2")]
    [InlineData("1.34.7", "1.34.7", "1.34.7")]
    public async Task WithinThePolicyItHolds(string target, string apiServer, string kubelet) => (await Ask(target, apiServer, kubelet)).ShouldBe(Verdict.Holds);

    [Fact]
    public async Task TwoMinorsAtOnceAbort() =>
        (await Ask("1.36.0", "1.34.2", "1.34.2")).ShouldAbort("1.36.0 is more than one minor above 1.34.2, which runs; kubeadm goes one minor at a time, next is 1.35");

    [Fact]
    public async Task ATargetThatIsOlderAborts() =>
        (await Ask("1.34.1", "1.34.2", "1.34.2")).ShouldAbort(
            "1.34.1 is older than 1.34.2, which runs; kubeadm does not downgrade",
            "node1 is at 1.34.2, newer than the target 1.34.1",
            "kube-apiserver on k8s-master is at 1.34.2, newer than the target 1.34.1");

    [Fact]
    public async Task AKubeletThatLagsTooFarNowAborts() =>
        (await Ask("1.34.7", "1.34.2", "1.30.9")).Reason.ShouldContain("node1: kubelet 1.30.9 is more than 3 minors older than API server 1.34.2");

    [Fact]
    public async Task OneNodeThatIsNewerThanTheTargetAborts() =>
        (await Ask("1.34.3", "1.34.2", "1.34.2", "1.34.7")).ShouldAbort("node2 is at 1.34.7, newer than the target 1.34.3");

    [Fact]
    public async Task ByNumberNotByText() => (await Ask("1.34.10", "1.34.9", "1.34.9")).ShouldBe(Verdict.Holds);

    [Fact]
    public async Task WhereNoControlPlaneIsSeenItAborts() =>
        (await new SkewGate().CheckAsync(new GateFacts(Given.Step(PhaseName.Preflight), [Given.Node("node1")], []), default)).ShouldAbort("no static pod of the control plane was found in kube-system, so its version is not known");

    [Fact]
    public async Task EtcdHasVersionsOfItsOwn() =>
        (await new SkewGate().CheckAsync(
            new GateFacts(Given.Step(PhaseName.Preflight), [Given.Node("node1")], [Pod("kube-apiserver", "v1.34.2"), new ControlPlanePod("k8s-master", "etcd", "registry.k8s.io/etcd:3.6.4-0", true)]),
            default)).ShouldBe(Verdict.Holds);

    private static Task<Verdict> Ask(string target, string apiServer, params IReadOnlyList<string> kubelets) => new SkewGate().CheckAsync(
        new GateFacts(
            Given.Step(PhaseName.Preflight) with { Run = new Run(Version(target), Given.Noon) },
            [.. kubelets.Select((kubelet, index) => Given.Node($"node{index + 1}", kubelet: Version(kubelet)))],
            [Pod("kube-apiserver", "v" + apiServer)]),
        default);

    private static ControlPlanePod Pod(string component, string tag) => new("k8s-master", component, $"registry.k8s.io/{component}:{tag}", IsReady: true);

    private static KubeVersion Version(string text) => KubeVersion.Parse(text, "the test");
}
