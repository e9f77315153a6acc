using Stepper.Cluster.Versions;
using Stepper.Cluster.Workloads;

namespace Stepper.StepRunner.Gates.Compatibility;

/// <summary>Whether the programs of the control plane are told something that they do not know any more at the target: they would not start. Pure.</summary>
internal static class ControlPlaneFlags
{
    private const string WhatToDo = "take it out of ConfigMap kube-system/kubeadm-config and of the manifest";

    /// <exception cref="Cluster.SourceException">The release of one can't be read from its image.</exception>
    public static CompatibilityAnswer Of(Removals removed, IReadOnlyList<ControlPlanePod> pods, MinorVersion target)
    {
        var asked = pods.Where(pod => pod.Component != ControlPlanePod.Etcd).ToList();
        return new CompatibilityAnswer(
            "control-plane flags",
            $"{asked.Count} static pods",
            [.. NodeProblem.Findings(asked.SelectMany(pod => Of(removed, pod, new MinorStep(pod.Release!.Value.Line, target))))]);
    }

    private static IEnumerable<NodeProblem> Of(Removals removed, ControlPlanePod pod, MinorStep step)
    {
        var flags = new CommandFlags(pod.CommandLine);
        foreach (var flag in removed.Flags.Where(flag => flag.Component == pod.Component && !flag.KubeadmRemoves && step.Reaches(flag.In) && flags.Names.Contains(flag.Flag)))
        {
            yield return Blocks($"--{flag.Flag}", flag.In, flag.Evidence);
        }

        foreach (var gate in removed.FeatureGates.Where(gate => gate.IsOf(pod.Component) && step.Reaches(gate.In) && flags.FeatureGates.Contains(gate.Name)))
        {
            yield return Blocks($"the feature gate {gate.Name}", gate.In, gate.Evidence);
        }

        foreach (var plugin in removed.AdmissionPlugins.Where(plugin => step.Reaches(plugin.In) && flags.AdmissionPlugins.Contains(plugin.Name)))
        {
            yield return Blocks($"the admission plugin {plugin.Name}", plugin.In, plugin.Evidence);
        }

        NodeProblem Blocks(string what, MinorVersion gone, Evidence evidence) => new(
            VerdictKind.Refuses, BlockerClass.ActNow, $"{pod.Component} is given {what}, which is gone from Kubernetes {gone} on ({evidence}); {WhatToDo}", pod.Node, "",
            $"kubectl -n kube-system get pod {pod.Component}-{pod.Node} -o yaml");
    }
}
