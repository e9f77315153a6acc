using Stepper.Cluster;
using Stepper.Cluster.NodeShell;

namespace Stepper.Simulation.Nodes;

/// <summary>
/// The etcd of a control-plane node: a member of the cluster that all of them make. The simulated API server does not need it; only those who ask it see how
/// it is.
/// </summary>
public sealed class Etcd
{
    private const long WritesBetween = 12;
    private readonly SortedDictionary<string, (SavedEtcd File, DateTimeOffset Saved)> _files = new(StringComparer.Ordinal);

    /// <summary>Where it is instead, where the node has no static pod of it.</summary>
    public string? External { get; set; }

    /// <summary>Whether its container runs.</summary>
    public bool Runs { get; set; } = true;

    /// <summary>Whether it takes part in the cluster.</summary>
    public bool IsHealthy { get; set; } = true;

    /// <summary>Its disk takes seconds for a write.</summary>
    public bool IsSlow { get; set; }

    /// <summary>It sees another leader each time that it is asked.</summary>
    public bool ChangesLeader { get; set; }

    public long DatabaseBytes { get; set; } = 48 << 20;

    public long QuotaBytes { get; set; } = 2L << 30;

    /// <summary>Those of its writes that were slow, since it started; of 10,000.</summary>
    public long SlowBefore { get; set; }

    /// <summary>Members whose machines are not in this cluster, by name, and whether they are healthy; empty in the default.</summary>
    public IDictionary<string, bool> Others { get; } = new SortedDictionary<string, bool>(StringComparer.Ordinal);

    /// <summary>What a snapshot of it comes to; null for a good one.</summary>
    public Func<SavedEtcd, SavedEtcd>? Spoils { get; set; }

    /// <summary>The names of the snapshots on its node.</summary>
    public IReadOnlyCollection<string> Files => _files.Keys;

    internal static EtcdReport Report(SimulatedNode node, IReadOnlyList<SimulatedNode> nodes, TimeSpan between)
    {
        var etcd = node.Etcd;
        if (etcd.External is { } external)
        {
            return new EtcdReport { External = external };
        }

        if (!etcd.Runs)
        {
            return new EtcdReport();
        }

        var took = etcd.IsSlow ? TimeSpan.FromSeconds(2.4) : TimeSpan.FromMilliseconds(9);
        IReadOnlyList<EtcdMember> all =
        [
            .. nodes.Where(other => other is { IsControlPlane: true, Etcd.External: null })
                .Select(other => Member(other.Name, other.Address, other.IsAlive && other.Etcd is { Runs: true, IsHealthy: true }, took)),
            .. etcd.Others.Select(other => Member(other.Key, other.Key, other.Value, took)),
        ];
        var hasQuorum = all.Count(member => member.Health!.IsHealthy) > all.Count / 2;
        return new EtcdReport
        {
            Runs = true,
            Trouble = hasQuorum ? null : "context deadline exceeded",
            Members = hasQuorum ? all : [],
            Before = etcd.Figures(hasQuorum, writes: 0),
            After = etcd.Figures(hasQuorum, writes: WritesBetween),
            Between = between,
        };
    }

    internal static SavedEtcd Save(SimulatedNode node, string name, TimeSpan reuse, DateTimeOffset now)
    {
        var etcd = node.Etcd;
        if (etcd._files.TryGetValue(name, out var there) && now - there.Saved < reuse)
        {
            return there.File with { Reused = true };
        }

        if (etcd is not { External: null, Runs: true })
        {
            throw new SourceException($"{node.Name} was asked to save its etcd and ended with 1: etcd does not run on this node");
        }

        var good = new SavedEtcd($"/var/lib/stepper/snapshots/{name}", Reused: false, etcd.DatabaseBytes + 32, Revision: 184_213, RevisionBefore: 184_201, Keys: 9_312);
        var saved = etcd.Spoils?.Invoke(good) ?? good;
        etcd._files[name] = (saved, now);
        return saved;
    }

    private static EtcdMember Member(string name, string address, bool isHealthy, TimeSpan took) => new(
        name, $"https://{address}:2379", IsLearner: false, isHealthy ? new EtcdHealth(true, "", took) : new EtcdHealth(false, "context deadline exceeded", TimeSpan.FromSeconds(5)));

    private EtcdFigures Figures(bool hasQuorum, long writes)
    {
        var slow = IsSlow ? writes : 0;
        return new EtcdFigures(
            DateTimeOffset.UnixEpoch.AddDays(20_600), hasQuorum, ChangesLeader ? 3 + writes : 3, DatabaseBytes, QuotaBytes,
            new EtcdLatency(10_000 + writes, SlowBefore + slow), new EtcdLatency(10_000 + writes, slow), new EtcdLatency(10_000 + writes, slow));
    }
}
