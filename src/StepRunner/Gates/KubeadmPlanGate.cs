using Stepper.Cluster;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;

namespace Stepper.StepRunner.Gates;

/// <summary>
/// <c>kubeadm upgrade plan v&lt;target&gt;</c> on the first control-plane node succeeds and asks for no manual upgrade. That it names the target proves nothing:
/// kubeadm echoes whatever version it is given. Not asked where the control plane is at the target already: the plan of a resumed chain says nothing.
/// </summary>
/// <param name="ignored">Preflight errors that kubeadm is to take for warnings: those of which the node script tells it the same.</param>
internal sealed class KubeadmPlanGate(INodeShell shell, IReadOnlyList<string> ignored, Wait wait) : IGate
{
    // Only of what is known to pass by itself; anything else is a finding at once.
    private const int Tries = 3;
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(15);

    // What the shell gives it.
    private static readonly TimeSpan OneTry = TimeSpan.FromMinutes(10);

    /// <summary>How long it may take.</summary>
    public static TimeSpan AtMost => Tries * (OneTry + Between);

    public string Condition => "kubeadm to have a plan for the target";

    public string Show => "sudo kubeadm upgrade plan, on the first control-plane node";

    public async Task<Verdict> CheckAsync(GateFacts facts, CancellationToken ct)
    {
        if (facts.Nodes.FirstOrDefault(node => node.IsControlPlane) is not { } first)
        {
            return Verdict.Aborts($"no node has the label {ClusterNode.ControlPlaneLabel}", "kubectl get nodes --show-labels");
        }

        if (facts.IsAtTarget(first))
        {
            return Verdict.Holds;
        }

        for (var attempt = 1; ; attempt++)
        {
            var (problem, mayPass) = await AskAsync(first, facts.Step.Target, ct);
            if (problem is null)
            {
                return Verdict.Holds;
            }

            if (!mayPass || attempt == Tries)
            {
                return Verdict.Aborts(mayPass ? $"{problem} ({Tries} times)" : problem, $"sudo kubeadm upgrade plan {Options}v{facts.Step.Target}, on {first.Name}");
            }

            await wait.ForAsync(Between, ct);
        }
    }

    private string Options => ignored.Count == 0 ? "" : $"--ignore-preflight-errors={string.Join(',', ignored)} ";

    // No problem: it has a plan.
    private async Task<(string? Problem, bool MayPass)> AskAsync(ClusterNode node, KubeVersion target, CancellationToken ct)
    {
        try
        {
            var plan = await shell.KubeadmPlanAsync(node.Target, target, ignored, ct);
            return plan.ExitCode != 0
                ? ($"kubeadm upgrade plan v{target} on {node.Name} ended with {plan.ExitCode}: {KubeadmWords.WhyFailed(plan.Output) ?? plan.LastLine}", KubeadmWords.MayPass(plan.Output))
                : (KubeadmWords.ManualUpgrade(plan.Output) is { } manual ? $"kubeadm on {node.Name} wants a manual upgrade first: {manual}" : null, false);
        }
        catch (ShellException e) when (e.MayPass)
        {
            return ($"kubeadm upgrade plan v{target} could not be asked: {e.Message}", true);
        }
    }
}
