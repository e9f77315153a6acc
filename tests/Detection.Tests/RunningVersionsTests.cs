using Stepper.Cluster;
using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.Versions;

namespace Stepper.Detection.Tests;

public sealed class RunningVersionsTests
{
    [Fact]
    public void Incident11TheOldestKubeletDecides()
    {
        var versions = RunningVersions.Of([Kubelet("master", "v1.34.9"), Kubelet("node1", "v1.34.7"), Kubelet("node2", "v1.34.9")], [Pod("kube-apiserver", "v1.34.9")]);

        versions.OldestKubelet.ShouldBe(new RunningVersion("kubelet of node1", new KubeVersion(1, 34, 7)));
        versions.IsHalfWay.ShouldBeTrue();
    }

    [Fact]
    public void Incident14VersionsAreNumbers() =>
        RunningVersions.Of([Kubelet("node1", "v1.34.10"), Kubelet("node2", "v1.34.9")], []).OldestKubelet.Version.ShouldBe(new KubeVersion(1, 34, 9));

    [Theory]
    [InlineData("registry.k8s.io/kube-apiserver:v1.35.1")]
    [InlineData("mirror:5000/k8s/kube-apiserver:v1.35.1@sha256:0123")]
    public void AControlPlanePodNewerThanEveryKubeletMakesItHalfWay(string image)
    {
        var versions = RunningVersions.Of([Kubelet("master", "v1.34.9")], [PodOf("kube-apiserver", image)]);

        versions.Highest.ShouldBe(new RunningVersion("kube-apiserver of master", new KubeVersion(1, 35, 1)));
        versions.IsHalfWay.ShouldBeTrue();
    }

    [Fact]
    public void EtcdHasNumbersOfItsOwn() =>
        RunningVersions.Of([Kubelet("master", "v1.34.9")], [Pod("etcd", "3.6.4-0"), Pod("kube-scheduler", "v1.34.9")]).IsHalfWay.ShouldBeFalse();

    [Fact]
    public void AnImageWithoutAVersionIsAnError() =>
        Should.Throw<SourceException>(() => RunningVersions.Of([Kubelet("master", "v1.34.9")], [PodOf("kube-apiserver", "kube-apiserver@sha256:0123")]))
            .Message.ShouldStartWith("kube-apiserver of master reports \"kube-apiserver@sha256:0123\"");

    [Fact]
    public void NoNodesAreAnError() => Should.Throw<SourceException>(() => RunningVersions.Of([], []));

    private static ClusterNode Kubelet(string name, string version) => NodeList.Read(
        new Node { Metadata = new ObjectMeta { Name = name }, Status = new NodeStatus { NodeInfo = new NodeInfo { KubeletVersion = version } } });

    private static Pod Pod(string component, string version) => PodOf(component, $"registry.k8s.io/{component}:{version}");

    private static Pod PodOf(string component, string image) =>
        new() { Spec = new PodSpec { NodeName = "master", Containers = [new Container { Name = component, Image = image }] } };
}
