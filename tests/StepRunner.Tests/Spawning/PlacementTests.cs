using Stepper.Cluster.Nodes;
using Stepper.StepRunner.Spawning;

namespace Stepper.StepRunner.Tests.Spawning;

public sealed class PlacementTests
{
    private static readonly Step Worker = Given.Step(PhaseName.Worker, "node3");

    [Fact]
    public void ANodeThatIsWellIsFit() => WhyNot(Given.Node("node1")).ShouldBeNull();

    [Fact]
    public void OrdinaryTaintsDoNotMakeANodeUnfit() =>
        WhyNot(Given.Node("node1", taints: ["node-role.kubernetes.io/control-plane:NoSchedule", "nvidia.com/gpu=true:NoExecute"])).ShouldBeNull();

    [Fact]
    public void TheReasonIsSaid()
    {
        WhyNot(Given.Node("node3")).ShouldBe("it is the node to drain");
        WhyNot(Given.Node("node1", isReady: false)).ShouldBe("it is not Ready");
        WhyNot(Given.Node("node1", isCordoned: true)).ShouldBe("it is cordoned");
        WhyNot(Given.Node("node1", hostname: null)).ShouldBe("it has no label kubernetes.io/hostname");
    }

    [Theory]
    [InlineData("node.kubernetes.io/unreachable:NoExecute")]
    [InlineData("node.kubernetes.io/disk-pressure:NoSchedule")]
    [InlineData("node.kubernetes.io/out-of-service=nodeshutdown:NoExecute")]
    [InlineData("ToBeDeletedByClusterAutoscaler=1795350000:NoSchedule")]
    [InlineData("karpenter.sh/disrupted:NoSchedule")]
    public void TroubleIsNeverTolerated(string taint) =>
        WhyNot(Given.Node("node1", taints: ["nvidia.com/gpu=true:NoSchedule", taint])).ShouldBe($"it has the taint {taint.Split('=', ':')[0]}");

    [Fact]
    public void TheTaintOfACordonThatIsGoneIsNone() => WhyNot(Given.Node("node1", taints: ["node.kubernetes.io/unschedulable:NoSchedule"])).ShouldBeNull();

    [Fact]
    public void TheStepOfANodeThatIsDoneDrainsNothingAndMayRunThere() =>
        Hosts([Given.Node("node2", isCordoned: true), Given.Node("node3")], best: "node2", done: ["node3"]).ShouldBe(["node3"]);

    [Fact]
    public void AWishIsNoTrouble() => WhyNot(Given.Node("node1", taints: ["DeletionCandidateOfClusterAutoscaler=1:PreferNoSchedule"])).ShouldBeNull();

    [Fact]
    public void TheBestComesFirstThenDoneWorkersThenTheControlPlaneThenAny()
    {
        ClusterNode[] nodes =
            [Given.Node("k8s-master", isControlPlane: true), Given.Node("node1"), Given.Node("node2"), Given.Node("node3"), Given.Node("node4"), Given.Node("node5"), Given.Node("node10")];

        Hosts(nodes, best: "node2", done: ["k8s-master", "node5", "node10"]).ShouldBe(["node2", "node5", "node10", "k8s-master", "node1", "node4"]);
    }

    [Fact]
    public void ABestThatIsNotFitIsLeftOut() =>
        Hosts([Given.Node("k8s-master", isControlPlane: true), Given.Node("node1", isReady: false), Given.Node("node2")], best: "node1", done: []).ShouldBe(["k8s-master", "node2"]);

    [Fact]
    public void InAClusterOfOneNodeNoneIsFit() =>
        Placement.Hosts(Given.Step(PhaseName.Master, "only"), "only", [Given.Node("only", isControlPlane: true)], new HashSet<string>(StringComparer.Ordinal)).ShouldBeEmpty();

    private static string? WhyNot(ClusterNode node) => Placement.WhyNot(node, Worker, new HashSet<string>(StringComparer.Ordinal));

    private static IEnumerable<string> Hosts(IReadOnlyList<ClusterNode> nodes, string best, IEnumerable<string> done) =>
        Placement.Hosts(Worker, best, nodes, done.ToHashSet(StringComparer.Ordinal)).Select(node => node.Name);
}
