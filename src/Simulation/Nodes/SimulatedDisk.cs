namespace Stepper.Simulation.Nodes;

/// <summary>A file system of a node.</summary>
/// <param name="mount">Where it is mounted.</param>
public sealed class SimulatedDisk(string mount)
{
    public string Mount => mount;

    /// <summary>What is free beside kubeadm's copies of etcd's data, which take their own part of it.</summary>
    public long FreeBytes { get; set; } = 100L << 30;

    public long Inodes { get; set; } = 6_553_600;

    public long FreeInodes { get; set; } = 6_000_000;

    public bool IsWritable { get; set; } = true;
}
