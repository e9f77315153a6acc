using Stepper.Cluster.Versions;
using Stepper.Simulation.Nodes;
using Stepper.Simulation.Shapes;
using Stepper.StepRunner.Gates;

namespace Stepper.StepRunner.Tests.Gates;

public sealed class KubeadmDiffGateTests
{
    private const string Remedy = ", since kubeadm writes its manifest from ClusterConfiguration alone; what is to stay, put there under apiServer.extraArgs (kubectl -n kube-system edit configmap kubeadm-config)";

    private static readonly string[] ByHand = ["--oidc-issuer-url=https://sso.example.com/", "--oidc-client-id=kubernetes"];

    [Fact]
    public void FlagsOfKubeadmsOwnHold() => Ask(new TestCluster()).ShouldBe(Verdict.Holds);

    [Theory]
    [InlineData(1, "--oidc-issuer-url")]
    [InlineData(2, "--oidc-issuer-url, --oidc-client-id")]
    public void Incident20_AFlagThatWasSetByHandIsNamed(int count, string flags)
    {
        var cluster = new TestCluster();
        SetByHand(cluster, "k8s-master", ByHand[..count]);

        var verdict = Ask(cluster);

        verdict.ShouldWarn($"the upgrade drops {flags} from the API server on k8s-master{Remedy}");
        verdict.Findings.ShouldAllBe(finding => finding.IsTold && finding.Show == "sudo kubeadm upgrade diff v1.34.7, on k8s-master");
    }

    [Fact]
    public void WherePatchesAreSetTheyMayBringItBack()
    {
        var cluster = new TestCluster();
        SetByHand(cluster, "k8s-master", ByHand);

        cluster.Ask(new KubeadmDiffGate(cluster.Sim.Shell, "/etc/kubernetes/patches")).ShouldWarn(
            $"the upgrade drops --oidc-issuer-url, --oidc-client-id from the API server on k8s-master{Remedy}, unless a patch in /etc/kubernetes/patches sets it, which a diff does not show");
    }

    [Fact]
    public void EachControlPlaneNodeHasAManifestOfItsOwn()
    {
        var cluster = new TestCluster(ClusterShapes.Of(3, 1, new KubeVersion(1, 34, 2)));
        var others = cluster.Sim.Nodes.Where(node => node.IsControlPlane).Skip(1).Select(node => node.Name).ToList();
        SetByHand(cluster, others[0], ByHand[..1]);
        SetByHand(cluster, others[1], ByHand[1..]);

        Ask(cluster).ShouldWarn($"the upgrade drops --oidc-issuer-url from the API server on {others[0]}{Remedy}", $"the upgrade drops --oidc-client-id from the API server on {others[1]}{Remedy}");
    }

    [Fact]
    public void ANodeWhoseApiServerIsAtTheTargetIsNotAsked()
    {
        var cluster = new TestCluster(ClusterShapes.Of(1, 2, new KubeVersion(1, 34, 7)));
        cluster.Sim.Node("k8s-master").Ssh = SshState.Refused;

        Ask(cluster).ShouldBe(Verdict.Holds);
    }

    [Fact]
    public void WhatCannotBeReadIsAWarningToo()
    {
        var cluster = new TestCluster();
        var facts = cluster.Facts(Given.Step(PhaseName.Preflight));
        cluster.Sim.TakeApiAway(TimeSpan.FromMinutes(10));

        var verdict = cluster.Run(Gate(cluster).CheckAsync(facts, default));

        verdict.Findings.ShouldHaveSingleItem().IsTold.ShouldBeTrue();
        verdict.Kind.ShouldBe(VerdictKind.Warns);
        verdict.Reason.ShouldMatch("^whether kubeadm keeps the flags of the API server on k8s-master can't be told: kubeadm upgrade diff v1.34.7 ended with 1: failed to get config map: Get .*connection refused \\(see: ");
    }

    [Fact]
    public void ANodeThatCannotBeReachedIsAWarningToo()
    {
        var cluster = new TestCluster();
        cluster.Sim.Node("k8s-master").Ssh = SshState.Refused;

        Ask(cluster).Reason.ShouldStartWith("whether kubeadm keeps the flags of the API server on k8s-master can't be told: k8s-master (10.0.0.11, port 22) ");
    }

    private static void SetByHand(TestCluster cluster, string node, IEnumerable<string> flags)
    {
        foreach (var flag in flags)
        {
            cluster.Sim.Node(node).FlagsByHand.Add(flag);
        }
    }

    private static Verdict Ask(TestCluster cluster) => cluster.Ask(Gate(cluster));

    private static KubeadmDiffGate Gate(TestCluster cluster) => new(cluster.Sim.Shell, null);
}
