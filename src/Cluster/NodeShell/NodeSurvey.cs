namespace Stepper.Cluster.NodeShell;

/// <summary>What a node says of itself before anything is changed on it. Where tools are missing it says no more than its name and its clock.</summary>
/// <param name="Os">Its operating system as it calls itself: <c>Debian GNU/Linux 12 (bookworm)</c>; <c>unknown</c> where it does not say.</param>
/// <param name="MissingTools">What the node script and stepper's other programs need, and the node does not have.</param>
/// <param name="Clock">Its own clock, in whole seconds, just before it ended its answer.</param>
public sealed record NodeSurvey(string Os, IReadOnlyList<string> MissingTools, DateTimeOffset Clock)
{
    /// <summary>Which of the Kubernetes packages are installed, and as what.</summary>
    public IReadOnlyList<SurveyedPackage> Packages { get; init; } = [];

    /// <summary>Which of the Kubernetes packages can be had at the target: from the node's own package list, else from the repository as the node sees it.</summary>
    public IReadOnlyList<string> Offered { get; init; } = [];

    /// <summary>Why the node could not ask the repository; null where it could, or need not.</summary>
    public string? RepositoryProblem { get; init; }

    /// <summary>The locks of apt and dpkg that somebody holds.</summary>
    public IReadOnlyList<PackageLock> Locks { get; init; } = [];

    /// <summary>Every place that an upgrade writes to, with the room there.</summary>
    public IReadOnlyList<DiskPlace> Places { get; init; } = [];

    /// <summary>How large etcd's data are, in bytes; 0 where the node has no etcd.</summary>
    public long EtcdBytes { get; init; }

    /// <summary>How much kubeadm's copies under <c>/etc/kubernetes/tmp</c> take, in bytes.</summary>
    public long ScratchBytes { get; init; }
}

/// <param name="Version">As apt has it: <c>1.34.7-1.1</c>.</param>
public sealed record SurveyedPackage(string Name, string Version, bool IsHeld);

/// <param name="File">The lock's file.</param>
/// <param name="Holder">Null where the node can't see who holds it.</param>
public sealed record PackageLock(string File, LockHolder? Holder);

/// <param name="Since">When that process was started.</param>
/// <param name="Unit">The unit of systemd that it belongs to: a service's, or a login's such as <c>session-3.scope</c>; null where there is none.</param>
/// <param name="Name">As the kernel calls it, 15 letters at most: <c>unattended-upgr</c>.</param>
public sealed record LockHolder(int Pid, DateTimeOffset Since, string? Unit, string Name);

/// <summary>What an upgrade writes.</summary>
public enum DiskUse
{
    /// <summary>The packages as apt fetches them.</summary>
    Archives,

    /// <summary>What the packages install.</summary>
    Programs,

    /// <summary>The network plug-ins, a package of their own.</summary>
    Plugins,

    /// <summary>Container images.</summary>
    Images,

    /// <summary>What stepper and the node script keep on the node.</summary>
    State,

    /// <summary>kubeadm's configuration, and on a control-plane node its copies of etcd's data.</summary>
    Kubernetes,

    /// <summary>What apt and gpg write aside.</summary>
    Temporary,

    /// <summary>etcd's data. Only where the node has an etcd.</summary>
    Etcd,
}

/// <summary>A place that an upgrade writes to. Where it does not exist yet the figures are those of what it would be made in.</summary>
/// <param name="FileSystem">Tells whether two places share their room.</param>
/// <param name="Mount">Where that is mounted.</param>
/// <param name="FreeBytes">For others than root.</param>
/// <param name="Inodes">How many files the file system can have; 0 where it has no such limit.</param>
public sealed record DiskPlace(DiskUse Use, string Path, string FileSystem, string Mount, bool IsWritable, long FreeBytes, long Inodes, long FreeInodes);
