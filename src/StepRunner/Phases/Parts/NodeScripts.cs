using Stepper.Cluster.Nodes;
using Stepper.Cluster.NodeShell;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>Which call of the node script a step makes on a node.</summary>
/// <param name="text">The script: the operator's, where ConfigMap <c>k8s-upgrade-scripts</c> is mounted, else the shipped one.</param>
internal sealed class NodeScripts(string text, StepperSettings settings)
{
    public NodeScript For(Step step, ClusterNode node) => new(
        node.IsControlPlane ? ScriptRole.Master : ScriptRole.Worker,
        FirstControlPlane: step.Phase is PhaseName.Master,
        step.Target,
        text,
        settings.RepositoryBase,
        settings.Kubeadm.IgnorePreflightErrors,
        settings.Kubeadm.SkipPhases,
        settings.Kubeadm.Patches);
}
