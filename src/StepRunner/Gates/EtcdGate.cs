using System.Globalization;
using Stepper.Cluster;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.NodeShell;

namespace Stepper.StepRunner.Gates;

/// <summary>
/// etcd is whole before an API server is swapped on top of it: every member healthy and with a vote, a leader that stays, a database below its quota, and disks
/// that write in time. Each control-plane node is asked over ssh, since only it knows its own disk.
/// </summary>
internal sealed class EtcdGate(INodeShell shell, Wait wait) : IGate
{
    private const string Certificates =
        "--cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key";

    private const int AtOnce = 32;
    private const int Tries = 3;
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(5);

    public string Condition => "etcd to be whole";

    public string Show => $"{Etcdctl("NODE")} endpoint status --cluster -w table";

    public Task<Verdict> CheckAsync(GateFacts facts, CancellationToken ct) => CheckAsync(facts.Nodes, ct);

    /// <summary>Needs no other facts than the nodes: asked again before each control-plane node.</summary>
    public async Task<Verdict> CheckAsync(IReadOnlyList<ClusterNode> nodes, CancellationToken ct)
    {
        var found = await Bounded.SelectAsync([.. nodes.Where(node => node.IsControlPlane)], AtOnce, node => AskAsync(node, ct));
        // What is of the whole cluster each of its members says.
        return found.Count == 0
            ? Verdict.Aborts($"no node has the label {ClusterNode.ControlPlaneLabel}, so there is nobody to ask about etcd", "kubectl get nodes --show-labels")
            : Verdict.Of(found.SelectMany(each => each).DistinctBy(finding => finding.Seen, StringComparer.Ordinal));
    }

    private async Task<IReadOnlyList<Finding>> AskAsync(ClusterNode node, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return [.. Findings(node.Name, await shell.EtcdAsync(node.Target, ct))];
            }
            catch (ShellException e) when (e.MayPass && attempt < Tries)
            {
                await wait.ForAsync(Between, ct);
            }
            catch (SourceException e)
            {
                return [Finding.Aborts($"can't tell how etcd on {node.Name} is: {e.Message}", $"{Etcdctl(node.Name)} endpoint status --cluster -w table")];
            }
        }
    }

    /// <summary>What does not hold, by what one node said. Pure.</summary>
    public static IEnumerable<Finding> Findings(string node, EtcdReport report) => report switch
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
        _ => [Finding.Aborts($"etcd on {node} did not say how it is", $"{Etcdctl(node)} endpoint status --cluster -w table")],
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
                case { Health: { IsHealthy: true } well } when well.Took >= EtcdLimits.Read:
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
            yield return Finding.Aborts($"etcd on {node} has no leader", $"{Etcdctl(node)} endpoint status --cluster -w table");
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
        var seen = $"etcd's database on {node} has {Mebibytes(now.DatabaseBytes)} of the {Mebibytes(now.QuotaBytes)} MiB of its quota; full, it takes no more writes. Compact and defragment it, or raise --quota-backend-bytes";
        if (share >= EtcdLimits.FullAborts)
        {
            yield return Finding.Aborts(seen, $"{Etcdctl(node)} endpoint status --cluster -w table");
        }
        else if (share >= EtcdLimits.FullWarns)
        {
            yield return Finding.Warns(seen, $"{Etcdctl(node)} endpoint status --cluster -w table");
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
            yield return Finding.Aborts($"etcd on {node} is slow: {latency.Slow} of its last {latency.Count} {what}, within {length.TotalSeconds:0} s, took longer than {longer}", Metrics(node, metric));
        }
    }

    // A disk that is slow at times is told from one that is slow now.
    private static IEnumerable<Finding> OfPast(string node, EtcdFigures before)
    {
        if (before.Syncs.Count > 0 && (double)before.Syncs.Slow / before.Syncs.Count >= EtcdLimits.SlowShareWarns)
        {
            yield return Finding.Warns(
                $"etcd on {node} has a slow disk at times: {before.Syncs.Slow} of the {before.Syncs.Count} writes of its log took longer than 0.5 s", Metrics(node, "wal_fsync_duration"), before.Started);
        }
    }

    private static string Etcdctl(string node) => $"kubectl -n kube-system exec etcd-{node} -- etcdctl {Certificates}";

    private static string Metrics(string node, string what) => $"curl -s http://127.0.0.1:2381/metrics | grep {what}, on {node}";

    private static string Seconds(TimeSpan length) => length.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);

    private static long Mebibytes(long bytes) => bytes >> 20;
}
