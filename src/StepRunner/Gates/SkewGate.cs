using Stepper.Cluster.Versions;

namespace Stepper.StepRunner.Gates;

/// <summary>Kubelets and control plane are within Kubernetes' version skew policy, now and at the target, and no node is newer than the target.</summary>
internal sealed class SkewGate : IGate
{
    public string Condition => "versions to be within the skew policy for the target";

    public string Show => "kubectl get nodes; kubectl -n kube-system get pods -l tier=control-plane -o custom-columns='NAME:.metadata.name,IMAGE:.spec.containers[*].image'";

    public Task<Verdict> CheckAsync(GateFacts facts, CancellationToken ct)
    {
        var target = facts.Step.Target;
        var releases = facts.ControlPlane.Select(pod => pod.Release).OfType<KubeVersion>().ToList();
        if (releases.Count == 0)
        {
            return Task.FromResult(Verdict.Aborts("no static pod of the control plane was found in kube-system, so its version is not known", Show));
        }

        var oldest = facts.Nodes.Min(node => node.Kubelet);
        string?[] problems =
        [
            VersionSkew.WhyNot(releases.Min(), target),
            VersionSkew.WhyNot(oldest, target),
            .. facts.Nodes.Select(node => VersionSkew.WhyNotKubelet(node.Kubelet, releases.Min()) is { } why ? $"{node.Name}: {why}" : null),
            .. facts.Nodes.Select(node => VersionSkew.WhyNotKubelet(node.Kubelet, target) is { } why ? $"{node.Name} at the target: {why}" : null),
            .. facts.Nodes.Where(node => node.Kubelet > target).Select(node => $"{node.Name} is at {node.Kubelet}, newer than the target {target}"),
            .. facts.ControlPlane.Where(pod => pod.Release > target).Select(pod => $"{pod.Component} on {pod.Node} is at {pod.Release}, newer than the target {target}"),
        ];
        return Task.FromResult(Verdict.Of(problems.OfType<string>().Distinct(StringComparer.Ordinal).Select(problem => Finding.Aborts(problem, Show))));
    }
}
