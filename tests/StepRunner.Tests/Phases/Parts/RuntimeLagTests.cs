using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Cluster.Nodes;
using Stepper.StepRunner.Phases.Parts;

namespace Stepper.StepRunner.Tests.Phases.Parts;

public sealed class RuntimeLagTests
{
    [Fact]
    public void AControlPlaneBehindTheWorkersNewestIsNamed() =>
        RuntimeLag.Of([Node("k8s-master", "containerd://1.7.24", isControlPlane: true), Node("k8s-node1", "containerd://1.7.24"), Node("k8s-node2", "containerd://2.1.5")])
            .ShouldBe("k8s-master has containerd 1.7.24, older than 2.1.5 on k8s-node2; bring it level yourself while the node is drained, never under running pods");

    [Theory]
    [InlineData("containerd://1.7.24", "containerd://1.7.24")]
    [InlineData("containerd://2.1.5", "containerd://1.7.24")]
    [InlineData("cri-o://1.34.0", "containerd://1.7.24")]
    [InlineData("containerd://1.7.24", "cri-o://1.34.0")]
    public void NothingIsSaidWhereNothingLags(string controlPlane, string worker) =>
        RuntimeLag.Of([Node("k8s-master", controlPlane, isControlPlane: true), Node("k8s-node1", worker)]).ShouldBeNull();

    private static ClusterNode Node(string name, string runtime, bool isControlPlane = false) => new(
        new Node
        {
            Metadata = new ObjectMeta
            {
                Name = name,
                Labels = isControlPlane ? new Dictionary<string, string>(StringComparer.Ordinal) { [ClusterNode.ControlPlaneLabel] = "" } : [],
            },
            Status = new NodeStatus { NodeInfo = new NodeInfo { KubeletVersion = "v1.34.2", ContainerRuntimeVersion = runtime } },
        },
        new Cluster.Versions.KubeVersion(1, 34, 2));
}
