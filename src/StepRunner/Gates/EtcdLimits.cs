namespace Stepper.StepRunner.Gates;

/// <summary>Where etcd stops being well. Healthy disks write in a few milliseconds; at half a second etcd's own rule book alerts.</summary>
internal static class EtcdLimits
{
    /// <summary>A read through the quorum that takes so long.</summary>
    public static readonly TimeSpan Read = TimeSpan.FromSeconds(1);

    /// <summary>The database's share of its quota.</summary>
    public const double FullAborts = 0.95;

    public const double FullWarns = 0.8;

    /// <summary>The share of slow writes since it started.</summary>
    public const double SlowShareWarns = 0.01;
}
