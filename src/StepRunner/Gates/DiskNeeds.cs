using Stepper.Cluster.NodeShell;

namespace Stepper.StepRunner.Gates;

/// <summary>How much room must be free.</summary>
internal sealed record DiskNeed(long Bytes, long Files)
{
    public static DiskNeed operator +(DiskNeed one, DiskNeed other) => new(one.Bytes + other.Bytes, one.Files + other.Files);
}

/// <summary>
/// What an upgrade writes where, and so how much room there must be: what Kubernetes 1.31 to 1.36 takes for amd64, rounded up to about twice that. Places on one
/// file system need the sum of theirs.
/// </summary>
internal static class DiskNeeds
{
    private const long MiB = 1 << 20;

    /// <param name="etcdBytes">How large etcd's data on that node are.</param>
    public static DiskNeed Of(DiskUse use, bool isControlPlane, long etcdBytes) => use switch
    {
        // kubeadm, kubelet and kubectl, packed, and what may come with them: cri-tools, kubernetes-cni, containerd. All together about 130 MB.
        DiskUse.Archives => new DiskNeed(256 * MiB, 100),

        // dpkg unpacks beside what is there: kubeadm has 75 MB, kubelet and kubectl 60 each.
        DiskUse.Programs => new DiskNeed(400 * MiB, 1000),

        // kubernetes-cni, unpacked beside what is there.
        DiskUse.Plugins => new DiskNeed(150 * MiB, 100),

        // Both as they come and unpacked. A worker needs kube-proxy and pause; unpacked, the API server has 120 MB, the controller manager 107, the scheduler 74.
        DiskUse.Images => isControlPlane ? new DiskNeed(1200 * MiB, 20_000) : new DiskNeed(300 * MiB, 5000),

        // The fetched kubeadm, unpacked to list its images; logs.
        DiskUse.State => new DiskNeed(150 * MiB, 200),

        // kubeadm copies the whole of etcd's data to /etc/kubernetes/tmp, and the manifests.
        DiskUse.Kubernetes => new DiskNeed((isControlPlane ? etcdBytes : 0) + (32 * MiB), 500),

        // What apt and gpg write aside.
        DiskUse.Temporary => new DiskNeed(32 * MiB, 100),

        // etcd makes its log ahead, in pieces of 64 MB; where it can't, it stops.
        DiskUse.Etcd => new DiskNeed(256 * MiB, 100),
        _ => throw new ArgumentOutOfRangeException(nameof(use), use, "No such use."),
    };
}
