namespace Stepper.Cluster.Versions;

/// <summary>
/// What Kubernetes' version skew policy allows (https://kubernetes.io/releases/version-skew-policy/): a kubelet is never newer than an API server
/// and at most three minors older; kubeadm goes up one minor at a time and never down.
/// </summary>
public static class VersionSkew
{
    private const int KubeletMayLagMinors = 3;

    /// <summary>Why kubeadm can't take a cluster from <paramref name="running"/> to <paramref name="target"/>; null when it can.</summary>
    public static string? WhyNot(KubeVersion running, KubeVersion target)
    {
        if (target < running)
        {
            return $"{target} is older than {running}, which runs; kubeadm does not downgrade";
        }

        if (target.Major != running.Major || target.Minor > running.Minor + 1)
        {
            return $"{target} is more than one minor above {running}, which runs; kubeadm goes one minor at a time, next is {running.Line.Next}";
        }

        return null;
    }

    /// <summary>Why a kubelet can't work with an API server; null when the policy allows it.</summary>
    public static string? WhyNotKubelet(KubeVersion kubelet, KubeVersion apiServer)
    {
        if (kubelet.Line > apiServer.Line)
        {
            return $"kubelet {kubelet} is newer than API server {apiServer}";
        }

        return kubelet.Major != apiServer.Major || apiServer.Minor - kubelet.Minor > KubeletMayLagMinors
            ? $"kubelet {kubelet} is more than {KubeletMayLagMinors} minors older than API server {apiServer}"
            : null;
    }
}
