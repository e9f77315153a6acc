using Stepper.Cluster;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.NodeShell;

namespace Stepper.StepRunner.Gates;

/// <summary>
/// <c>kubeadm upgrade plan v&lt;target&gt;</c> on the first control-plane node succeeds and asks for no manual upgrade. That it names the target proves nothing:
/// kubeadm echoes whatever version it is given. Not asked where the control plane is at the target already: the plan of a resumed chain says nothing.
/// </summary>
internal sealed class KubeadmPlanGate(INodeShell shell, Wait wait) : IGate
{
    // kubeadm makes a health-check Job in kube-system that is flaky by itself.
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

        var command = $"sudo kubeadm upgrade plan v{facts.Step.Target}, on {first.Name}";
        var said = "";
        for (var attempt = 1; attempt <= Tries; attempt++)
        {
            try
            {
                var plan = await shell.KubeadmPlanAsync(first.Target, facts.Step.Target, ct);
                if (plan.ExitCode == 0)
                {
                    return KubeadmWords.ManualUpgrade(plan.Output) is { } manual
                        ? Verdict.Aborts($"kubeadm on {first.Name} wants a manual upgrade first: {manual}", command)
                        : Verdict.Holds;
                }

                said = $"kubeadm upgrade plan v{facts.Step.Target} on {first.Name} ended with {plan.ExitCode}: {KubeadmWords.WhyFailed(plan.Output) ?? plan.LastLine}";
            }
            catch (ShellException e) when (e.MayPass)
            {
                said = $"kubeadm upgrade plan v{facts.Step.Target} could not be asked: {e.Message}";
            }

            if (attempt < Tries)
            {
                await wait.ForAsync(Between, ct);
            }
        }

        return Verdict.Aborts($"{said} ({Tries} times)", command);
    }
}
