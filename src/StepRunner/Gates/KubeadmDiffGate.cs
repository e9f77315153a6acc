using Stepper.Cluster;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;

namespace Stepper.StepRunner.Gates;

/// <summary>
/// No flag of an API server is lost in the upgrade: kubeadm writes its manifest anew from ClusterConfiguration, whatever a person has put into the manifest.
/// Asked by <c>kubeadm upgrade diff</c> on every control-plane node that is not done, since each has a manifest of its own. It only warns, also of what it can't read.
/// </summary>
/// <remarks>
/// The kubeadm that is installed is asked: it takes any target, and what an upgrade would drop is the same by it and by the target's own, which is not on the
/// node yet (recorded for each step from 1.31 to 1.36).
/// </remarks>
/// <param name="patches">The folder on the nodes whose patches kubeadm puts over its manifests, which the diff does not; null for none.</param>
internal sealed class KubeadmDiffGate(INodeShell shell, string? patches) : IGate
{
    private const int AtOnce = 32;
    private const string ApiServer = "kube-apiserver";

    /// <summary>How long it may take.</summary>
    public static TimeSpan AtMost => TimeSpan.FromMinutes(3);

    public string Condition => "kubeadm to keep the flags of the API server";

    public string Show => "sudo kubeadm upgrade diff, on each control-plane node";

    public async Task<Verdict> CheckAsync(GateFacts facts, CancellationToken ct)
    {
        var pending = facts.Nodes.Where(node => node.IsControlPlane && !facts.ControlPlane.Any(pod => pod.Node == node.Name && pod.Component == ApiServer && pod.Release == facts.Step.Target)).ToList();
        var found = await Bounded.SelectAsync(pending, AtOnce, node => AskAsync(node, facts.Step.Target, ct));
        return Verdict.Of(found.OfType<Finding>());
    }

    private async Task<Finding?> AskAsync(ClusterNode node, KubeVersion target, CancellationToken ct)
    {
        var show = $"sudo kubeadm upgrade diff v{target}, on {node.Name}";
        try
        {
            var diff = await shell.KubeadmDiffAsync(node.Target, target, ct);
            return diff.ExitCode != 0
                ? Untold(node, $"kubeadm upgrade diff v{target} ended with {diff.ExitCode}: {KubeadmWords.WhyFailed(diff.Output) ?? diff.LastLine}", show)
                : LostFlags.In(diff.Output) switch
                {
                    null => Untold(node, $"kubeadm upgrade diff v{target} says nothing of its manifest", show),
                    [] => null,
                    var lost => Told($"the upgrade drops {string.Join(", ", lost)} from the API server on {node.Name}, since kubeadm writes its manifest from ClusterConfiguration alone; {Remedy}", show),
                };
        }
        catch (SourceException e)
        {
            return Untold(node, e.Message, show);
        }
    }

    private string Remedy =>
        $"what is to stay, put there under apiServer.extraArgs (kubectl -n kube-system edit configmap kubeadm-config){(patches is null ? "" : $", unless a patch in {patches} sets it, which a diff does not show")}";

    private static Finding Untold(ClusterNode node, string why, string show) => Told($"whether kubeadm keeps the flags of the API server on {node.Name} can't be told: {why}", show);

    private static Finding Told(string seen, string show) => Finding.Warns(seen, show) with { IsTold = true };
}
