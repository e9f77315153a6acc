using System.Text;
using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;
using Stepper.Simulation.Api;
using Stepper.Simulation.Controllers;

namespace Stepper.Simulation.Nodes;

/// <summary>What <c>kubeadm upgrade plan</c> prints.</summary>
internal static class KubeadmPlan
{
    public static CommandResult Of(ControlPlane plane, SimulatedNode node, KubeVersion target)
    {
        if (!node.IsControlPlane)
        {
            return new CommandResult(1, "couldn't create a Kubernetes client from file \"/etc/kubernetes/admin.conf\": failed to load admin kubeconfig\n");
        }

        if (!plane.IsUp)
        {
            return new CommandResult(1, "[upgrade/init config] FATAL: failed to get config map: connect: connection refused\n");
        }

        var running = KubeadmImages.VersionOf(node.StaticPods["kube-apiserver"])!.Value;
        var text = new StringBuilder();
        text.Append(
            "[preflight] Running pre-flight checks.\n"
            + "[upgrade/config] Reading configuration from the \"kubeadm-config\" ConfigMap in namespace \"kube-system\"...\n"
            + "[upgrade] Running cluster health checks\n"
            + "[upgrade] Fetching available versions to upgrade to\n"
            + $"[upgrade/versions] Cluster version: {running}\n"
            + $"[upgrade/versions] kubeadm version: v{node.Installed("kubeadm")}\n"
            + $"[upgrade/versions] Target version: v{target}\n"
            + $"[upgrade/versions] Latest version in the v{running.Line} series: v{target}\n\n");
        if (target != running)
        {
            AddUpgrade(text, plane, node, running, target);
        }

        text.Append(
            "\nThe table below shows the current state of component configs as understood by this version of kubeadm.\n"
            + "Configs that have a \"yes\" mark in the \"MANUAL UPGRADE REQUIRED\" column require manual config upgrade or\n"
            + "resetting to kubeadm defaults before a successful upgrade can be performed. The version to manually\n"
            + "upgrade to is denoted in the \"PREFERRED VERSION\" column.\n\n"
            + "API GROUP                 CURRENT VERSION   PREFERRED VERSION   MANUAL UPGRADE REQUIRED\n"
            + "kubeproxy.config.k8s.io   v1alpha1          v1alpha1            no\n"
            + $"kubelet.config.k8s.io     v1beta1           v1beta1             {(node.WantsManualUpgrade ? "yes" : "no")}\n"
            + "_____________________________________________________________________\n\n");
        return new CommandResult(0, text.ToString());
    }

    private static void AddUpgrade(StringBuilder text, ControlPlane plane, SimulatedNode node, KubeVersion running, KubeVersion target)
    {
        text.Append("Components that must be upgraded manually after you have upgraded the control plane with 'kubeadm upgrade apply':\n");
        text.Append("COMPONENT   NODE          CURRENT   TARGET\n");
        foreach (var each in plane.Store.List(Kinds.Node))
        {
            text.Append($"kubelet     {each.Name(),-13} {each.Text("status", "nodeInfo", "kubeletVersion")}   v{target}\n");
        }

        text.Append($"\nUpgrade to the latest version in the v{running.Line} series:\n\n");
        text.Append("COMPONENT                 NODE          CURRENT    TARGET\n");
        foreach (var component in KubeadmImages.Components)
        {
            text.Append($"{component,-25} {node.Name,-13} v{running}    v{target}\n");
        }

        text.Append($"kube-proxy                              {running}     v{target}\n");
        text.Append($"CoreDNS                                 {KubeadmImages.CoreDns(running)}    {KubeadmImages.CoreDns(target)}\n");
        text.Append($"etcd                      {node.Name,-13} {KubeadmImages.Etcd(running)}    {KubeadmImages.Etcd(target)}\n\n");
        text.Append("You can now apply the upgrade by executing the following command:\n\n");
        text.Append($"\tkubeadm upgrade apply v{target}\n\n_____________________________________________________________________\n\n");
    }
}
