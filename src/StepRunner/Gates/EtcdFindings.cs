using System.Globalization;
using Stepper.Cluster.NodeShell;

namespace Stepper.StepRunner.Gates;

/// <summary>
/// What does not hold of etcd, by what one node said. Healthy disks write in a few milliseconds; half a second is where etcd's own alerting rules begin. Pure.
/// </summary>
internal static class EtcdFindings
{
    // The database's share of its quota.
    private const double FullAborts = 0.95;
    private const double FullWarns = 0.8;

    // The share of slow writes since it started.
    private const double SlowShareWarns = 0.01;

    private const string Certificates =
        "--cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key";

    // A read through the quorum that takes so long.
    private static readonly TimeSpan Read = TimeSpan.FromSeconds(1);

    /// <summary>The command that shows how the cluster of etcd is.</summary>
    public static string Show(string node) => $"{Etcdctl(node)} endpoint status --cluster -w table";

    public static IEnumerable<Finding> Of(string node, EtcdReport report) => report switch
    {
        { External: { } external } =>
        [
            Finding.Warns(
                $"{node} has no etcd of its own, its API server uses {external}: members, database and disks of an external etcd can't be asked from here; look at them yourself",
                "grep etcd-servers /etc/kubernetes/manifests/kube-apiserver.yaml, on " + node),
        ],
        { Runs: false } => [Finding.Aborts($"etcd of {node} does not run: its manifest is there, and no container of it runs", $"sudo crictl ps -a --name etcd, on {node}")],
        { Before: { } before, After: { } after } =>
            OfMembers(node, report).Concat(OfLeader(node, before, after)).Concat(OfDatabase(node, after)).Concat(OfDisk(node, after - before, report.Between)).Concat(OfPast(node, before)),
        _ => [Finding.Aborts($"etcd on {node} did not say how it is", Show(node))],
    };

    private static IEnumerable<Finding> OfMembers(string node, EtcdReport report)
    {
        var show = $"{Etcdctl(node)} endpoint health --cluster -w table";
        if (report.Trouble is { } trouble)
        {
            yield return Finding.Aborts($"etcd on {node} does not answer as a cluster: {trouble}", show);
        }

        foreach (var member in report.Members)
        {
            var (name, list) = ($"etcd's member {(member.Name.Length > 0 ? member.Name : "without a name")} ({member.Address})", $"{Etcdctl(node)} member list -w table");
            switch (member)
            {
                case { Name: "" }:
                    yield return Finding.Aborts($"{name} was added and has never started", list);
                    break;
                case { IsLearner: true }:
                    yield return Finding.Aborts($"{name} is a learner, which has no vote yet", list);
                    break;
                case { Health: { IsHealthy: true } well } when well.Took >= Read:
                    yield return Finding.Aborts($"{name} took {Seconds(well.Took)} s for a read", show);
                    break;
                case { Health.IsHealthy: true }:
                    break;
                case { Health: { } ill }:
                    yield return Finding.Aborts($"{name} is not healthy: {(ill.Says.Length > 0 ? ill.Says.TrimEnd() : "it does not say why")}", show);
                    break;
                case { Health: null } when report.Trouble is null:
                    yield return Finding.Aborts($"{name} has not said whether it is healthy", show);
                    break;
            }
        }
    }

    private static IEnumerable<Finding> OfLeader(string node, EtcdFigures before, EtcdFigures after)
    {
        if (after.Started != before.Started)
        {
            yield return Finding.Aborts($"etcd on {node} has been restarted while it was asked", $"sudo crictl ps -a --name etcd, on {node}", after.Started);
        }

        if (!after.HasLeader)
        {
            yield return Finding.Aborts($"etcd on {node} has no leader", Show(node));
        }
        else if (after.LeaderChanges > before.LeaderChanges)
        {
            yield return Finding.Aborts($"etcd on {node} has changed its leader while it was asked", Metrics(node, "leader_changes"));
        }
    }

    private static IEnumerable<Finding> OfDatabase(string node, EtcdFigures now)
    {
        if (now.QuotaBytes <= 0)
        {
            yield break;
        }

        var share = (double)now.DatabaseBytes / now.QuotaBytes;
        var seen = $"etcd's database on {node} has {Mebibytes(now.DatabaseBytes)} of the {Mebibytes(now.QuotaBytes)} MiB of its quota; full, it takes no more writes. "
            + "Compact and defragment it, or raise --quota-backend-bytes";
        if (share >= FullAborts)
        {
            yield return Finding.Aborts(seen, Show(node));
        }
        else if (share >= FullWarns)
        {
            yield return Finding.Warns(seen, Show(node));
        }
    }

    private static IEnumerable<Finding> OfDisk(string node, EtcdFigures between, TimeSpan length)
    {
        (string What, EtcdLatency Latency, string Longer, string Metric)[] all =
        [
            ("writes of its log to the disk", between.Syncs, "0.5 s", "wal_fsync_duration"),
            ("writes of its database to the disk", between.Commits, "0.5 s", "backend_commit_duration"),
            ("requests", between.Applies, "0.8 s", "apply_duration"),
        ];
        foreach (var (what, latency, longer, metric) in all.Where(each => each.Latency.Slow > 0))
        {
            yield return Finding.Aborts(
                $"etcd on {node} is slow: {latency.Slow} of its last {latency.Count} {what}, within {length.TotalSeconds:0} s, took longer than {longer}", Metrics(node, metric));
        }
    }

    // A disk that is slow at times is told from one that is slow now.
    private static IEnumerable<Finding> OfPast(string node, EtcdFigures before)
    {
        if (before.Syncs.Count > 0 && (double)before.Syncs.Slow / before.Syncs.Count >= SlowShareWarns)
        {
            yield return Finding.Warns(
                $"etcd on {node} has a slow disk at times: {before.Syncs.Slow} of the {before.Syncs.Count} writes of its log took longer than 0.5 s",
                Metrics(node, "wal_fsync_duration"),
                before.Started);
        }
    }

    private static string Etcdctl(string node) => $"kubectl -n kube-system exec etcd-{node} -- etcdctl {Certificates}";

    private static string Metrics(string node, string what) => $"curl -s http://127.0.0.1:2381/metrics | grep {what}, on {node}";

    private static string Seconds(TimeSpan length) => length.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);

    private static long Mebibytes(long bytes) => bytes >> 20;
}
