using System.Net;
using System.Text.Json.Nodes;
using Stepper.Cluster.Versions;
using Stepper.Simulation.Api;
using Stepper.Simulation.Monitoring;
using Stepper.Simulation.Nodes;
using Stepper.Simulation.Shapes;
using Stepper.StepRunner.Gates;
using Stepper.StepRunner.Gates.Compatibility;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Tests.Gates.Compatibility;

public sealed class CompatibilityGateTests
{
    private static readonly KubeVersion Minor = new(1, 35, 1);

    private readonly TestCluster _cluster = new(ClusterShapes.Default().Change("k8s-master", node => node with
    {
        ComponentFlags = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["kube-scheduler"] = ["--feature-gates=Everywhere=true"] },
    }));

    private MatrixFile _file = KnownMatrix.File;

    [Fact]
    public void APatchAsksNothingThatRunsAndIsInNobodysWay()
    {
        List<string> asked = [];
        var facts = _cluster.Facts(Given.Step(PhaseName.Preflight));
        _cluster.Sim.Api.Requested += call => asked.Add($"{call}");
        _cluster.Sim.Prometheus.State = PrometheusState.Down;

        Ask(facts).Select(answer => (answer.What, answer.Seen, answer.Findings.Count)).ShouldBe([("container runtime", "containerd 1.7.24 on 5", 0)]);
        asked.ShouldBeEmpty();
    }

    [Fact]
    public void AMinorAsksEverything()
    {
        var answers = Ask();

        answers.Select(answer => (answer.What, answer.Seen)).ShouldBe(
        [
            ("addon calico", "3.30.3"), ("unknown addons", "none"), ("removed APIs", "by Prometheus, 7 days: none"), ("control-plane flags", "3 static pods"), ("kubelets", "5 nodes"),
            ("container runtime", "containerd 1.7.24 on 5"),
        ]);
        answers.SelectMany(answer => answer.Findings).Select(finding => finding.Seen.Split(" is ")[0]).ShouldBe(["calico 3.30.3 in kube-system/calico-node", "k8s-master: kube-scheduler"]);
        Verdict(answers).ShouldBe(Readiness.Blocked);
    }

    [Fact]
    public void HeldWinsOnAMix()
    {
        _cluster.Sim.Create(Workloads.Deployment("default", "meshed", 1, change: spec =>
            spec["initContainers"] = new JsonArray(new JsonObject { ["name"] = "proxy", ["image"] = "registry.local/mesh/proxy:1.20.0", ["restartPolicy"] = "Always" })));
        _cluster.Sim.Time.Pass(TimeSpan.FromMinutes(1));

        var answers = Ask();

        answers.Single(answer => answer.What == "addon mesh").Findings.ShouldHaveSingleItem().Class.ShouldBe(BlockerClass.DecidedByYou);
        answers.ShouldContain(answer => answer.Findings.Any(finding => finding.Class == BlockerClass.ActNow));
        Verdict(answers).ShouldBe(Readiness.Held);
    }

    [Fact]
    public void AControlPlaneThatIsThereAlreadyIsNotAskedAgain()
    {
        var facts = Facts();
        facts = facts with { ControlPlane = [.. facts.ControlPlane.Select(pod => pod with { Image = pod.Image.Replace("v1.34.2", "v1.35.1", StringComparison.Ordinal) })] };

        Ask(facts).Select(answer => answer.What).ShouldBe(["kubelets", "container runtime"]);
    }

    [Fact]
    public void AnAddonIsOneByItsRightsInTheWholeCluster()
    {
        _cluster.Sim.Create(Workloads.ServiceAccount("default", "robot"));
        _cluster.Sim.Create(Workloads.Deployment("default", "robot", 2, "registry.local/robot:7", change: spec => spec["serviceAccountName"] = "robot"));
        _cluster.Sim.Create(new JsonObject
        {
            ["apiVersion"] = "rbac.authorization.k8s.io/v1",
            ["kind"] = "ClusterRoleBinding",
            ["metadata"] = new JsonObject { ["name"] = "robot" },
            ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = "k8s-upgrade" },
            ["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["name"] = "robot", ["namespace"] = "default" }),
        });
        _cluster.Sim.Time.Pass(TimeSpan.FromMinutes(1));

        Ask().Single(answer => answer.What == "unknown addons").Findings.ShouldHaveSingleItem().Seen.ShouldEndWith("does not have them: default/robot (registry.local/robot:7)");
    }

    [Fact]
    public void AKubeletsFlagsAreAskedForOnItsNode()
    {
        _cluster.Sim.Node("k8s-node2").KubeletFlags.Add("--old-way");
        _cluster.Sim.Node("k8s-node3").KubeletFlags.Add("--feature-gates=KubeletsOnly=true");
        _cluster.Sim.Node("k8s-node4").Ssh = SshState.Refused;

        Ask().Single(answer => answer.What == "kubelets").Findings.Select(finding => finding.Seen.Split(", which")[0]).ShouldBe(
        [
            "k8s-node2: its kubelet is started with --old-way",
            "k8s-node3: its kubelet is started with the feature gate KubeletsOnly",
            "k8s-node4: how its kubelet is started can't be told: k8s-node4 (10.0.0.15, port 22) does not let wizard in: Permission denied (publickey)",
        ]);
    }

    [Fact]
    public void WhatIsNotAnsweredInTimeIsToActOn()
    {
        _cluster.Sim.Prometheus.Slowness = TimeSpan.FromHours(1);
        foreach (var node in _cluster.Sim.Nodes)
        {
            node.Ssh = SshState.Unreachable;
        }

        var began = _cluster.Wait.Now;
        var facts = Facts();
        _cluster.Sim.Api.Faults.IsDown = true;

        Ask(facts).SelectMany(answer => answer.Findings).ShouldHaveSingleItem().Seen.ShouldBe("all that runs: whether this works with the target can't be told: not all was answered within 10 min");
        (_cluster.Wait.Now - began).ShouldBeLessThan(TimeSpan.FromMinutes(11));
    }

    [Fact]
    public void WhatCannotBeAskedIsEachToActOn()
    {
        _cluster.Sim.Prometheus.State = PrometheusState.Down;
        var facts = Facts();
        _cluster.Sim.Api.Faults.Answer(call => call.Resource is "pods" or "configmaps", HttpStatusCode.Forbidden, "Forbidden", "no", times: 100);

        var findings = Ask(facts).Where(answer => answer.Seen == "not known").SelectMany(answer => answer.Findings).ToList();

        findings.Select(finding => finding.Seen.Split(':')[0]).ShouldBe(["addons", "removed APIs", "kubelets"]);
        findings.ShouldAllBe(finding => finding.Kind == VerdictKind.Refuses && finding.Class == BlockerClass.ActNow && finding.Seen.Contains("can't be told", StringComparison.Ordinal));
    }

    [Fact]
    public void AMatrixThatCannotBeReadLetsNothingThrough()
    {
        _file = new MatrixFile(MatrixFile.Path, () => "addon: []");

        var finding = Ask(_cluster.Facts(Given.Step(PhaseName.Preflight))).ShouldHaveSingleItem().Findings.ShouldHaveSingleItem();

        (finding.Kind, finding.Class, finding.Show).ShouldBe((VerdictKind.Refuses, BlockerClass.ActNow, "kubectl -n k8s-upgrade get configmap k8s-upgrade-compat -o yaml"));
        finding.Seen.ShouldBe("the compatibility matrix can't be read: /compat/compat.yaml:1: unknown key addon; did you mean addons?");
    }

    private static Readiness Verdict(IReadOnlyList<CompatibilityAnswer> answers) => StepRunner.Gates.Verdict.Of(answers.SelectMany(answer => answer.Findings)).Readiness;

    private GateFacts Facts() => _cluster.Facts(Given.Step(PhaseName.Preflight) with { Run = new Run(Minor, Given.Noon) });

    private IReadOnlyList<CompatibilityAnswer> Ask(GateFacts? facts = null) => _cluster.Run(new CompatibilityGate(
        _file, new WorkloadReader(_cluster.Api), new RequestedApis(_cluster.Prometheus, _cluster.Api), new KubeletCommandLines(_cluster.Sim.Shell, _cluster.Wait), _cluster.Api, _cluster.Wait, Consequence.Warn, "k8s-upgrade")
        .AskAsync(facts ?? Facts(), default));
}
