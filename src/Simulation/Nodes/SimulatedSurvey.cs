using Stepper.Cluster;
using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;

namespace Stepper.Simulation.Nodes;

/// <summary>What a simulated node answers when it is surveyed.</summary>
internal static class SimulatedSurvey
{
    private static readonly Dictionary<DiskUse, string> Paths = new()
    {
        [DiskUse.Archives] = "/var/cache/apt/archives",
        [DiskUse.Programs] = "/usr",
        [DiskUse.Plugins] = "/opt/cni/bin",
        [DiskUse.Images] = "/var/lib/containerd",
        [DiskUse.State] = "/var/lib/stepper",
        [DiskUse.Kubernetes] = "/etc/kubernetes",
        [DiskUse.Temporary] = "/tmp",
        [DiskUse.Etcd] = "/var/lib/etcd",
    };

    /// <param name="clock">The node's own.</param>
    /// <exception cref="SourceException">It can't be read, as it is of a real node.</exception>
    public static NodeSurvey Of(SimulatedNode node, PackageRepository packages, KubeVersion target, DateTimeOffset clock)
    {
        if (node.IsGarbled)
        {
            throw new SourceException($"{node.Name} answered \"clock {clock:ddd MMM d HH:mm:ss 'UTC' yyyy}\" when it was surveyed, which can't be read");
        }

        // In whole seconds, as a node tells it.
        var survey = new NodeSurvey(node.Os, [.. node.MissingTools], DateTimeOffset.FromUnixTimeSeconds(clock.ToUnixTimeSeconds()));
        if (node.MissingTools.Count > 0)
        {
            return survey;
        }

        var isListed = node.Source == target.Line && packages.Of(target.Line).Contains(target);
        return survey with
        {
            Packages = [.. NodeInspection.KubernetesPackages.Where(node.Packages.ContainsKey).Select(name => new SurveyedPackage(name, node.Packages[name], node.Held.Contains(name)))],
            Offered = isListed || (!packages.IsAway && packages.Of(target.Line).Contains(target)) ? NodeInspection.KubernetesPackages : [],
            RepositoryProblem = !isListed && packages.IsAway ? "curl: (7) Failed to connect to pkgs.k8s.io port 443 after 0 ms: Couldn't connect to server" : null,
            Locks = [.. node.Locks],
            Places = [.. Paths.Where(path => path.Key is not DiskUse.Etcd || node.IsControlPlane).Select(path => Place(node, path.Key, path.Value))],
            EtcdBytes = node.EtcdBytes,
            ScratchBytes = node.ScratchBytes,
        };
    }

    private static DiskPlace Place(SimulatedNode node, DiskUse use, string path)
    {
        var disk = DiskOf(node, path);
        var scratch = DiskOf(node, Paths[DiskUse.Kubernetes]) == disk ? node.ScratchBytes : 0;
        return new DiskPlace(use, path, disk.Mount, disk.Mount, disk.IsWritable, Math.Max(0, disk.FreeBytes - scratch), disk.Inodes, disk.FreeInodes);
    }

    private static SimulatedDisk DiskOf(SimulatedNode node, string path) =>
        node.Disks.Where(disk => $"{path}/".StartsWith($"{disk.Mount.TrimEnd('/')}/", StringComparison.Ordinal)).MaxBy(disk => disk.Mount.Length)!;
}
