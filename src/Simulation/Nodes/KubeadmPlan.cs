using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;
using Stepper.Simulation.Api;
using Stepper.Simulation.Controllers;
using Stepper.Simulation.Printed;

namespace Stepper.Simulation.Nodes;

/// <summary>What <c>kubeadm upgrade plan</c> prints: as recorded, for this cluster.</summary>
internal static class KubeadmPlan
{
    private const string KubeletRow = "kubelet  ";

    /// <param name="ignored">Preflight errors that are warnings.</param>
    public static CommandResult Of(ControlPlane plane, SimulatedNode node, KubeVersion target, IReadOnlyList<string> ignored)
    {
        var kubeadm = node.Installed("kubeadm");
        var recording = Failure(node, kubeadm, ignored) ?? Recording.OfKubeadm(kubeadm.Minor, What(plane, node, kubeadm, target));
        var running = node.ApiServer ?? target;
        var text = recording.For(
            ("running", running), ("target", target), ("kubeadm", kubeadm), ("node", node.Name), ("line", running.Line),
            ("etcd", KubeadmImages.Etcd(running)), ("newetcd", KubeadmImages.Etcd(target)), ("dns", KubeadmImages.CoreDns(running)), ("newdns", KubeadmImages.CoreDns(target)));
        return new CommandResult(recording.ExitCode, WithKubelets(text, plane, target));
    }

    // Null where it does not fail, or of nothing that is not ignored.
    private static Recording? Failure(SimulatedNode node, KubeVersion kubeadm, IReadOnlyList<string> ignored)
    {
        if (node.PlanFailures is not [var what, ..])
        {
            return null;
        }

        node.PlanFailures.RemoveAt(0);
        var failure = Recording.OfKubeadm(kubeadm.Minor, what);
        var errors = failure.Text.Split('\n').Where(line => line.StartsWith("\t[ERROR ", StringComparison.Ordinal)).Select(line => line["\t[ERROR ".Length..line.IndexOf(']', StringComparison.Ordinal)]).ToList();
        return errors.Count > 0 && errors.TrueForAll(ignored.Contains) ? null : failure;
    }

    private static string What(ControlPlane plane, SimulatedNode node, KubeVersion kubeadm, KubeVersion target) => node switch
    {
        { IsControlPlane: false } => "plan-no-admin-conf",
        _ when !plane.IsUp => "plan-api-away",
        { WantsManualUpgrade: true } => "plan-manual-upgrade",
        _ when target <= node.ApiServer => "plan-at-target",
        _ when target.Line == node.ApiServer?.Line => kubeadm < target ? "plan-newer-patch" : "plan-patch",
        _ => kubeadm < target ? "plan-next-minor" : "plan-minor",
    };

    // The recorded cluster has two nodes, of one version: a row for each.
    private static string WithKubelets(string text, ControlPlane plane, KubeVersion target)
    {
        var lines = text.Split('\n').ToList();
        var first = lines.FindIndex(line => line.StartsWith(KubeletRow, StringComparison.Ordinal));
        if (first < 0)
        {
            return text;
        }

        lines.RemoveAll(line => line.StartsWith(KubeletRow, StringComparison.Ordinal));
        lines.InsertRange(first, plane.Store.List(Kinds.Node).Select(node => $"kubelet     {node.Name(),-12} {node.Text("status", "nodeInfo", "kubeletVersion")}   v{target}"));
        return string.Join('\n', lines);
    }
}
