namespace Stepper.Cluster.NodeShell;

/// <summary>What etcd on a control-plane node says, read by two looks at its figures some seconds apart.</summary>
public sealed record EtcdReport
{
    /// <summary>Where the API server of this node finds etcd, where that is no static pod of it; null where it is one.</summary>
    public string? External { get; init; }

    /// <summary>Whether a container of the static pod runs. Where none does, all else is as if it were unasked.</summary>
    public bool Runs { get; init; }

    /// <summary>All members of the cluster, as this one knows them; empty where they could not be listed.</summary>
    public IReadOnlyList<EtcdMember> Members { get; init; } = [];

    /// <summary>Why the members could not be listed, or not asked for their health, in etcdctl's words; null where they could.</summary>
    public string? Trouble { get; init; }

    /// <summary>The first look; null where etcd is external, or does not run.</summary>
    public EtcdFigures? Before { get; init; }

    public EtcdFigures? After { get; init; }

    /// <summary>How long it was between the two looks.</summary>
    public TimeSpan Between { get; init; }
}

/// <summary>One member of an etcd cluster.</summary>
/// <param name="Name">Empty as long as it has never started.</param>
/// <param name="Address">Where clients find it; where other members do, as long as it has never started.</param>
/// <param name="IsLearner">It has no vote yet.</param>
/// <param name="Health">Whether it answers a read through the quorum; null where it was not asked, since it has never started.</param>
public sealed record EtcdMember(string Name, string Address, bool IsLearner, EtcdHealth? Health);

/// <param name="Says">Why it is not healthy, in etcdctl's words; empty where it is.</param>
/// <param name="Took">How long the read took.</param>
public sealed record EtcdHealth(bool IsHealthy, string Says, TimeSpan Took);

/// <summary>What etcd measures of itself, summed up since it started.</summary>
/// <param name="Started">When it started.</param>
/// <param name="QuotaBytes">What its database may grow to; zero or less where nothing bounds it.</param>
/// <param name="Syncs">Writes of its log to the disk; slow is longer than half a second.</param>
/// <param name="Commits">Writes of its database to the disk; slow is longer than half a second.</param>
/// <param name="Applies">Requests applied; slow is longer than 0.8 s. None where it does not measure that (before 3.5).</param>
public sealed record EtcdFigures(
    DateTimeOffset Started, bool HasLeader, long LeaderChanges, long DatabaseBytes, long QuotaBytes, EtcdLatency Syncs, EtcdLatency Commits, EtcdLatency Applies)
{
    /// <summary>What it wrote and applied between two looks; all else is as at the second.</summary>
    public static EtcdFigures operator -(EtcdFigures after, EtcdFigures before) =>
        after with { Syncs = after.Syncs - before.Syncs, Commits = after.Commits - before.Commits, Applies = after.Applies - before.Applies };
}

/// <param name="Count">How many there were.</param>
/// <param name="Slow">How many of them were slow.</param>
public sealed record EtcdLatency(long Count, long Slow)
{
    public static EtcdLatency operator -(EtcdLatency after, EtcdLatency before) => new(after.Count - before.Count, after.Slow - before.Slow);
}
