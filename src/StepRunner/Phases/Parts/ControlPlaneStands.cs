using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Versions;
using Stepper.Cluster.Workloads;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>After kubeadm: the control-plane pods that the node has are Ready with the target's images, and the API server says that it is ready.</summary>
internal sealed class ControlPlaneStands(KubeApi api)
{
    /// <summary>How long it is waited for.</summary>
    public static readonly TimeSpan AtMost = TimeSpan.FromMinutes(5);

    /// <exception cref="AbortException">It does not stand within five minutes.</exception>
    public async Task MustStandAsync(string node, KubeVersion target, CancellationToken ct)
    {
        var still = "";
        var stands = await api.ObserveUntilAsync(Resources.Pods, "kube-system", ControlPlanePods.Query, AtMost, seen =>
        {
            var pods = seen.Values.Select(ControlPlanePod.Read).Where(pod => pod.Node == node).ToList();
            still = pods.Count == 0
                ? "no static pod of it is to be seen"
                : string.Join(", ", pods.Where(pod => !pod.IsReady || (pod.Release is { } release && release != target))
                    .Select(pod => $"{pod.Component} is {(pod.IsReady ? "" : "not Ready, ")}at {pod.Image}"));
            return still.Length == 0 ? "stands" : null;
        }, ct);
        if (stands is null)
        {
            throw new AbortException($"The control plane of {node} does not stand at {target} after {AtMost.TotalMinutes:0} min: {still}");
        }

        if (await api.ProbeAsync("readyz", ct) is { } problem)
        {
            throw new AbortException($"The control plane of {node} is at {target}, but {problem}");
        }
    }
}
