using Stepper.Simulation.Monitoring;
using Stepper.Simulation.Shapes;

namespace Stepper.Scenarios.Tests.Chains;

/// <summary>Where a step stops, comes back, or is done by hand beside the chain: what it says of the node is true, and the node is safe.</summary>
public sealed class SafeStopScenarios : ScenarioTests
{
    // The operator's own script, and the right to read it.
    private const string Hook = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: sso, namespace: k8s-upgrade}
        data: {flags.sh: exit 0}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: sso, namespace: k8s-upgrade}
        rules:
          - {apiGroups: [""], resources: [configmaps], resourceNames: [sso], verbs: [get]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: sso, namespace: k8s-upgrade}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: sso}
        subjects:
          - {kind: ServiceAccount, name: k8s-upgrade-job, namespace: k8s-upgrade}
        """;

    [Fact]
    public void ANodeThatIsNeverReadyAgainStaysCordonedAfterTheSecondTryToo()
    {
        var chain = Begin();
        chain.Cluster.Node("k8s-node4").NeverReadyAfterRestart = true;
        chain.Start();
        chain.RunToRest();

        chain.HasFailed(Scenario.Worker("k8s-node4")).ShouldBeTrue(chain.Telling());
        chain.IsCordoned("k8s-node4").ShouldBeTrue(chain.Telling());
        chain.Messages[^1].ShouldContain("k8s-node4 stays cordoned on purpose: its packages were changed");
    }

    [Fact]
    public void ANodeThatAPersonUncordonsDuringTheDrainIsNotUpgradedUnderRunningPods()
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid("k8s-node4 cordoned");
        chain.Uncordon("k8s-node4");
        chain.RunToRest();

        chain.WasTold("k8s-node4 was uncordoned by somebody while it was drained; its packages are not changed under running pods").ShouldBeTrue(chain.Telling());
        chain.Said("k8s-node4 is Ready at").ShouldBe(!chain.HasFailed(Scenario.Worker("k8s-node4")), chain.Telling());
    }

    [Fact]
    public void ASecondTryThatCannotBeginSaysHowTheFirstHasLeftTheNode()
    {
        var chain = Begin();
        chain.Cluster.Node("k8s-node4").Script = chain.Cluster.Node("k8s-node4").Script with { FailsAt = "kubelet", FailsTimes = 1 };
        chain.Start();
        chain.RunUntilSaid("aborted: The node script on k8s-node4");
        chain.Cluster.Prometheus.Fire(new SimulatedAlert("EtcdDown"));
        chain.RunToRest();

        chain.Messages[^1].ShouldContain("still firing: EtcdDown");
        chain.Messages[^1].ShouldContain("k8s-node4 is as an earlier try left it, and stays cordoned: its kubelet is at 1.34.2, it bears the chain's cordon");
    }

    [Fact]
    public void HooksThatTheFirstRunDidNotComeToAreRunByTheNext()
    {
        var chain = Begin(ClusterShapes.Default().WithYaml([Hook]), "afterControlPlane: [k8s-upgrade/sso/flags.sh]");
        chain.Start();
        chain.RunUntilSaid("k8s-master uncordoned");
        chain.Cluster.Prometheus.Fire(new SimulatedAlert("EtcdDown") { Until = chain.Now + TimeSpan.FromMinutes(20) });
        chain.RunToRest();
        chain.HasFailed("k8s-upgrade-master-1-34-7").ShouldBeTrue(chain.Telling());
        chain.Said("hook k8s-upgrade/sso/flags.sh").ShouldBeFalse(chain.Telling());

        chain.Pass(TimeSpan.FromMinutes(30));
        chain.Detect();
        chain.RunToRest();

        chain.Line("hook k8s-upgrade/sso/flags.sh ran on k8s-master");
        chain.MustBeComplete();
    }

    [Fact]
    public void TheBrakeDoesNotKeepWhatAKilledStepHadTaken()
    {
        var chain = Begin(settings: "quiesce: [default/batcher]");
        var before = chain.Replicas("default", "batcher");
        chain.Start();
        chain.RunUntilSaid("Deployment default/batcher quiesced");
        chain.Kill("k8s-upgrade-master-1-34-7");
        chain.PullTheBrake("flood");
        chain.Pass(TimeSpan.FromMinutes(20));
        chain.RunToRest();

        chain.Replicas("default", "batcher").ShouldBe(before, chain.Telling());
        chain.IsCordoned("k8s-master").ShouldBeFalse(chain.Telling());
        chain.WasTold("decided by you: ").ShouldBeTrue(chain.Telling());
    }

    [Fact]
    public void AStepByHandIsNotDoneBesideAnActiveJob()
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid("k8s-node4 cordoned");

        chain.ByHand("--phase", "worker", "--node", "k8s-node3").ShouldBe(1);

        chain.Line("Job k8s-upgrade-worker-1-34-7-k8s-node4 of the chain is active, and may try again");
        chain.IsCordoned("k8s-node3").ShouldBeFalse();
        chain.RunToRest();
        chain.MustBeComplete();
    }

    [Fact]
    public void AWorkerByHandIsNotUpgradedBeforeTheControlPlane()
    {
        var chain = Begin();

        chain.ByHand("--phase", "worker", "--node", "k8s-node3", "--target-version", "1.34.7").ShouldBe(1);

        chain.Line("A worker is never upgraded before the control plane, and kube-apiserver of k8s-master is at 1.34.2").Text.ShouldEndWith("k8s-node3 was not touched");
        chain.IsCordoned("k8s-node3").ShouldBeFalse();
    }

    [Fact]
    public void TheControlPlaneIsNotBegunWhileAWorkerIsAway()
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid("etcd snapshot: Job default");
        chain.Cluster.KillNode("k8s-node3");
        chain.RunToRest();

        chain.WasTold(" UTC (see: kubectl describe node k8s-node3), and workers.maxUnavailable is 1. k8s-master was not touched").ShouldBeTrue(chain.Telling());
        chain.IsCordoned("k8s-master").ShouldBeFalse(chain.Telling());
    }
}
