using Stepper.Cluster;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;

namespace Stepper.StepRunner.Gates.Compatibility;

/// <summary>
/// Whether a kubelet is started with a flag, or a feature gate, that kubelets of the target do not know any more: it would not start. Only the node knows its
/// command line, so it is asked over ssh, and only where the matrix has something to look for.
/// </summary>
internal sealed class KubeletCommandLines(INodeShell shell, Wait wait)
{
    private const int AtOnce = 32;

    // A connection may be lost once.
    private const int Tries = 2;
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(5);

    private const string Component = "kubelet";
    private const string Show = "ssh NODE systemctl cat kubelet";

    public async Task<IReadOnlyList<Finding>> AskAsync(Removals removed, IReadOnlyList<ClusterNode> nodes, MinorVersion target, CancellationToken ct)
    {
        var asked = nodes.Where(node => IsLookedFor(removed, new MinorStep(node.Kubelet.Line, target))).ToList();
        var problems = await Bounded.SelectAsync(asked, AtOnce, node => AskAsync(removed, node, target, ct));
        return [.. NodeProblem.Findings(problems.SelectMany(each => each))];
    }

    private static bool IsLookedFor(Removals removed, MinorStep step) =>
        removed.Flags.Any(flag => flag.Component == Component && step.Reaches(flag.In)) || removed.FeatureGates.Any(gate => gate.IsOf(Component) && step.Reaches(gate.In));

    private async Task<IReadOnlyList<NodeProblem>> AskAsync(Removals removed, ClusterNode node, MinorVersion target, CancellationToken ct)
    {
        try
        {
            var given = await wait.TryAsync(Tries, Between, () => shell.KubeletFlagsAsync(node.Target, ct), ct);
            return [.. Of(removed, node, given, new MinorStep(node.Kubelet.Line, target))];
        }
        catch (SourceException e)
        {
            return [Blocks(node, $"how its kubelet is started can't be told: {e.Message}")];
        }
    }

    private static IEnumerable<NodeProblem> Of(Removals removed, ClusterNode node, KubeletFlags given, MinorStep step)
    {
        var (all, others) = (new CommandFlags(given.Words), new CommandFlags(given.NotKubeadms));
        foreach (var flag in removed.Flags.Where(flag => flag.Component == Component && step.Reaches(flag.In) && (flag.KubeadmRemoves ? others : all).Names.Contains(flag.Flag)))
        {
            yield return Gone(node, $"--{flag.Flag}", flag.In, flag.Evidence);
        }

        foreach (var gate in removed.FeatureGates.Where(gate => gate.IsOf(Component) && step.Reaches(gate.In) && all.FeatureGates.Contains(gate.Name)))
        {
            yield return Gone(node, $"the feature gate {gate.Name}", gate.In, gate.Evidence);
        }
    }

    private static NodeProblem Gone(ClusterNode node, string what, MinorVersion gone, Evidence evidence) => Blocks(
        node, $"its kubelet is started with {what}, which is gone from Kubernetes {gone} on ({evidence}); take it out of /var/lib/kubelet/kubeadm-flags.env, /etc/default/kubelet or kubelet's unit, wherever it stands");

    private static NodeProblem Blocks(ClusterNode node, string what) =>
        new(VerdictKind.Refuses, BlockerClass.ActNow, what, node.Name, "", Show.Replace("NODE", node.Name, StringComparison.Ordinal));
}
