using Stepper.Cluster.Versions;
using Stepper.Simulation.Nodes;
using Stepper.Simulation.Shapes;
using Stepper.StepRunner.Gates;

namespace Stepper.StepRunner.Tests.Gates;

public sealed class KubeadmPlanGateTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void APlanHolds() => Ask(_cluster).ShouldBe(Verdict.Holds);

    [Fact]
    public void AManualUpgradeThatIsWantedAborts()
    {
        _cluster.Sim.Node("k8s-master").WantsManualUpgrade = true;

        Ask(_cluster).ShouldAbort(
            "kubeadm upgrade plan v1.34.7 on k8s-master ended with 1: [upgrade/init config] FATAL: failed to get component configs: could not download the kubelet configuration from ConfigMap "
            + "\"kubelet-config\": unsupported apiVersion \"kubelet.config.k8s.io/v1alpha1\", you may have to do manual conversion to \"kubelet.config.k8s.io/v1beta1\" and run kubeadm again");
    }

    [Fact]
    public void AnApiServerThatDoesNotAnswerIsAskedThreeTimes()
    {
        var facts = _cluster.Facts(Given.Step(PhaseName.Preflight));
        _cluster.Sim.TakeApiAway(TimeSpan.FromSeconds(45));
        var began = _cluster.Wait.Now;

        _cluster.Run(Gate(_cluster).CheckAsync(facts, default)).ShouldBe(Verdict.Holds);

        (_cluster.Wait.Now - began).ShouldBeGreaterThan(TimeSpan.FromSeconds(3 * 11 + 2 * 15));
    }

    [Fact]
    public void AnApiServerThatStaysAwayAborts()
    {
        var facts = _cluster.Facts(Given.Step(PhaseName.Preflight));
        _cluster.Sim.TakeApiAway(TimeSpan.FromMinutes(10));

        var verdict = _cluster.Run(Gate(_cluster).CheckAsync(facts, default));

        verdict.Kind.ShouldBe(VerdictKind.Aborts);
        verdict.Reason.ShouldMatch("^kubeadm upgrade plan v1.34.7 on k8s-master ended with 1: CoreDNSUnsupportedPlugins: Get .*connection refused.* \\(3 times\\) \\(see: .*\\)$");
    }

    [Theory]
    [InlineData(2, "^$")]
    [InlineData(3, "^kubeadm upgrade plan v1.34.7 on k8s-master ended with 1: CreateJob: Job .* did not complete in 15s: .* \\(3 times\\) ")]
    public void AHealthCheckJobThatDoesNotRunInTimeIsGivenThreeTries(int failures, string reason)
    {
        FailsWith(Enumerable.Repeat("plan-job-stuck", failures));

        Ask(_cluster).Reason.ShouldMatch(reason);

        _cluster.Sim.Node("k8s-master").PlanFailures.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("plan-not-ready", "ControlPlaneNodesReady: there are NotReady control-planes in the cluster: [k8s-master]")]
    [InlineData("plan-coredns-version", "CoreDNSUnsupportedPlugins: start version '1.99.0' not supported; CoreDNSMigration: CoreDNS will not be upgraded: start version '1.99.0' not supported")]
    [InlineData("plan-no-admin-conf", "couldn't create a Kubernetes client from file \"/etc/kubernetes/admin.conf\": failed to load admin kubeconfig: open /etc/kubernetes/admin.conf: no such file or directory")]
    public void AnythingElseIsSaidAtOnceInKubeadmsWords(string failure, string words)
    {
        FailsWith([failure]);
        var facts = _cluster.Facts(Given.Step(PhaseName.Preflight));
        var began = _cluster.Wait.Now;

        _cluster.Run(Gate(_cluster).CheckAsync(facts, default)).ShouldAbort($"kubeadm upgrade plan v1.34.7 on k8s-master ended with 1: {words}");

        (_cluster.Wait.Now - began).ShouldBeLessThan(TimeSpan.FromSeconds(15));
    }

    [Fact]
    public void Incident19_AnErrorThatIsToBeIgnoredIsNone()
    {
        FailsWith(["plan-coredns-plugin"]);
        var gate = new KubeadmPlanGate(_cluster.Sim.Shell, ["CoreDNSUnsupportedPlugins"], _cluster.Wait);

        _cluster.Ask(gate).ShouldBe(Verdict.Holds);
    }

    [Fact]
    public void ANodeThatCannotBeReachedIsANo()
    {
        _cluster.Sim.Node("k8s-master").Ssh = SshState.Refused;

        Ask(_cluster).Reason.ShouldStartWith("can't tell (waiting for kubeadm to have a plan for the target): k8s-master (10.0.0.11, port 22) does not let wizard in");
    }

    [Fact]
    public void AConnectionThatIsLostIsMadeAgain()
    {
        var facts = _cluster.Facts(Given.Step(PhaseName.Preflight));
        _cluster.Sim.Node("k8s-master").Ssh = SshState.Unreachable;
        _cluster.Sim.Time.After(TimeSpan.FromSeconds(20), () => _cluster.Sim.Node("k8s-master").Ssh = SshState.Reachable);

        _cluster.Run(Gate(_cluster).CheckAsync(facts, default)).ShouldBe(Verdict.Holds);
    }

    [Fact]
    public void ANodeThatIsAwayThreeTimesAborts()
    {
        _cluster.Sim.Node("k8s-master").Ssh = SshState.Unreachable;

        Ask(_cluster).Reason.ShouldMatch(@"^kubeadm upgrade plan v1\.34\.7 could not be asked: the connection to k8s-master .*Connection timed out \(3 times\) \(see: sudo kubeadm upgrade plan v1\.34\.7, on k8s-master\)$");
    }

    [Fact]
    public void AControlPlaneThatIsAtTheTargetIsNotAsked()
    {
        var cluster = new TestCluster(ClusterShapes.Of(1, 2, new KubeVersion(1, 34, 7)));
        cluster.Sim.Node("k8s-master").Ssh = SshState.Refused;

        Ask(cluster).ShouldBe(Verdict.Holds);
    }

    [Fact]
    public void AControlPlaneOfWhichOnlyTheKubeletIsAtTheTargetIsAsked()
    {
        var cluster = new TestCluster(ClusterShapes.Default().Change("k8s-master", node => node with { Kubelet = Given.Target }));
        cluster.Sim.Node("k8s-master").Ssh = SshState.Refused;

        Ask(cluster).Kind.ShouldBe(VerdictKind.Aborts);
    }

    [Fact]
    public void WithoutAControlPlaneNodeThereIsNobodyToAsk() =>
        _cluster.Run(Gate(_cluster).CheckAsync(new GateFacts(Given.Step(PhaseName.Preflight), [Given.Node("node1")], []), default)).ShouldAbort("no node has the label node-role.kubernetes.io/control-plane");

    private void FailsWith(IEnumerable<string> failures)
    {
        foreach (var failure in failures)
        {
            _cluster.Sim.Node("k8s-master").PlanFailures.Add(failure);
        }
    }

    private static Verdict Ask(TestCluster cluster) => cluster.Ask(Gate(cluster));

    private static KubeadmPlanGate Gate(TestCluster cluster) => new(cluster.Sim.Shell, [], cluster.Wait);
}
