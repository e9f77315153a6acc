using Stepper.Cluster.NodeShell;

namespace Stepper.Scenarios.Tests.Incidents;

/// <summary>What kubeadm did on its own.</summary>
public sealed class KubeadmIncidents : ScenarioTests
{
    private const string Flag = "--authentication-config=/etc/kubernetes/authentication.yaml";

    [Fact]
    public void Incident20_AFlagThatTheUpgradeDropsIsToldBeforeAndTheHookAfterTheControlPlanePutsItBack()
    {
        var chain = Begin(settings: "afterControlPlane: [k8s-upgrade/after/run.sh]\n");
        chain.AddHook();
        var master = chain.Cluster.Node("k8s-master");
        master.FlagsByHand.Add(Flag);
        var wasLost = false;
        chain.Cluster.Hook = (node, _) =>
        {
            wasLost = node.FlagsByHand.Count == 0;
            node.FlagsByHand.Add(Flag);
            return new CommandResult(0, "");
        };
        chain.Start();
        chain.RunUntil(() => chain.Cordons.Count > 0);

        chain.WasTold("Warning: the upgrade drops --authentication-config from the API server on k8s-master, ").ShouldBeTrue(chain.Telling());
        chain.WasTold("(kubectl -n kube-system edit configmap kubeadm-config) (see: sudo kubeadm upgrade diff v1.34.7, on k8s-master)").ShouldBeTrue(chain.Telling());
        master.FlagsByHand.ShouldBe([Flag]);

        chain.RunToRest();
        chain.MustBeComplete();
        wasLost.ShouldBeTrue();
        master.FlagsByHand.ShouldBe([Flag]);
    }

    [Fact]
    public void Incident19_WhatTheSettingsIgnoreIsIgnoredByThePlanToo()
    {
        var chain = Begin(settings: "kubeadm: {ignorePreflightErrors: [CoreDNSUnsupportedPlugins]}\n");
        chain.Cluster.Node("k8s-master").PlanFailures.Add("plan-coredns-plugin");
        chain.Start();
        chain.RunToRest();

        chain.MustBeComplete();
    }
}
