using System.Net;
using Stepper.Simulation.Api;
using Stepper.Simulation.Monitoring;
using Stepper.Simulation.Nodes;

namespace Stepper.Simulation.Faults;

/// <summary>All that can go wrong by name.</summary>
public static class FaultKinds
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Minutes = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ForEver = TimeSpan.FromDays(365);

    public static IReadOnlyList<FaultKind> All { get; } =
    [
        new("api-away", "", "no API server answers", TimeSpan.FromMinutes(2), (cluster, _, length) => cluster.TakeApiAway(length)),
        new("api-429", "", "the API server says that it has too many requests", Moment, Answers(HttpStatusCode.TooManyRequests, "TooManyRequests", "too many requests")),
        new("api-500", "", "the API server answers 500", Moment, Answers(HttpStatusCode.InternalServerError, "InternalError", "etcdserver: request timed out")),
        new("api-503", "", "the API server answers 503", Moment, Answers(HttpStatusCode.ServiceUnavailable, "ServiceUnavailable", "apiserver is shutting down")),
        new("api-drops", "", "connections to the API server are cut", TimeSpan.Zero, (cluster, _, _) => cluster.CutConnections()),
        new("watch-closed", "", "watches end", TimeSpan.Zero, (cluster, _, _) => cluster.Api.Faults.CloseWatches()),
        new("watch-gone", "", "watches end, and old versions are forgotten (410)", TimeSpan.Zero, (cluster, _, _) =>
        {
            cluster.Api.Faults.ForgetHistory();
            cluster.Api.Faults.CloseWatches();
        }),
        new("ssh-unreachable", "node", "the node can't be reached", Minutes, Ssh(SshState.Unreachable)),
        new("ssh-wrong-key", "node", "the node shows another host key", ForEver, Ssh(SshState.WrongHostKey)),
        new("ssh-refused", "node", "the login is refused", ForEver, Ssh(SshState.Refused)),
        new("ssh-drops", "node", "connections to the node drop in the middle", Moment, DropSsh),
        new("script-fails", "node/stage", "the node script fails at a stage, once", ForEver, FailScript),
        new("etcd-down", "node", "the node's member of etcd does not answer", Minutes, (cluster, node, length) => Switch(cluster, length, on => cluster.Node(node).Etcd.IsHealthy = !on)),
        new("etcd-slow", "node", "the disk of the node's etcd takes seconds", Minutes, (cluster, node, length) => Switch(cluster, length, on => cluster.Node(node).Etcd.IsSlow = on)),
        new("node-never-ready", "node", "the node is not ready after its kubelet's restart", ForEver, (cluster, node, length) =>
            Switch(cluster, length, on => cluster.Node(node).NeverReadyAfterRestart = on)),
        new("node-dies", "node", "the machine is gone", ForEver, (cluster, node, length) =>
        {
            cluster.KillNode(node);
            if (length < ForEver)
            {
                cluster.Time.After(length, () => cluster.Boot(node));
            }
        }),
        new("node-reboots", "node", "the machine starts again", TimeSpan.Zero, (cluster, node, _) => cluster.Boot(node)),
        new("clock-ahead", "node", "the node's clock is an hour ahead", ForEver, (cluster, node, length) =>
            Switch(cluster, length, on => cluster.ClockSkew[node] = on ? TimeSpan.FromHours(1) : TimeSpan.Zero)),
        new("prometheus-down", "", "Prometheus does not answer", Minutes, Prometheus(PrometheusState.Down)),
        new("prometheus-fails", "", "Prometheus answers 503", Minutes, Prometheus(PrometheusState.Failing)),
        new("prometheus-garbage", "", "what answers is no Prometheus", Minutes, Prometheus(PrometheusState.Garbage)),
        new("prometheus-restarts", "", "Prometheus has just started", TimeSpan.Zero, (cluster, _, _) => cluster.Prometheus.Restart()),
        new("alert", "name", "a critical alert fires", Minutes, (cluster, name, length) => cluster.Prometheus.Fire(
            new SimulatedAlert(name) { From = cluster.Time.GetUtcNow(), Until = cluster.Time.GetUtcNow() + length })),
        new("pushgateway-down", "", "the Pushgateway does not answer", Minutes, (cluster, _, length) => Switch(cluster, length, on => cluster.Pushgateway.IsDown = on)),
        new("slack-down", "", "Slack answers 500", Minutes, (cluster, _, length) =>
            Switch(cluster, length, on => cluster.Webhooks.Answers = on ? HttpStatusCode.InternalServerError : HttpStatusCode.OK)),
        new("packages-away", "", "the package source does not answer", Minutes, (cluster, _, length) => Switch(cluster, length, on => cluster.Packages.IsAway = on)),
        new("pod-evicted", "", "the step's pod is evicted", TimeSpan.Zero, (cluster, _, _) => EachChainPod(cluster, cluster.Evict)),
        new("pod-killed", "", "the step's process is killed", TimeSpan.Zero, (cluster, _, _) => EachChainPod(cluster, cluster.KillProcess)),
    ];

    private static Action<SimulatedCluster, string, TimeSpan> Answers(HttpStatusCode code, string reason, string message) => (cluster, _, length) =>
    {
        // What a person asks is answered, so that a test can look.
        var rule = cluster.Api.Faults.Answer(call => call.User == ApiUser.Admin.Name ? null : new ApiRefusal(code, reason, message));
        cluster.Time.After(length, rule.Dispose);
    };

    private static Action<SimulatedCluster, string, TimeSpan> Ssh(SshState state) => (cluster, node, length) =>
        Switch(cluster, length, on => cluster.Node(node).Ssh = on ? state : SshState.Reachable);

    private static Action<SimulatedCluster, string, TimeSpan> Prometheus(PrometheusState state) => (cluster, _, length) =>
        Switch(cluster, length, on => cluster.Prometheus.State = on ? state : PrometheusState.Well);

    private static void DropSsh(SimulatedCluster cluster, string node, TimeSpan length)
    {
        var before = cluster.DropsSsh;
        Switch(cluster, length, on => cluster.DropsSsh = on ? name => name == node || before(name) : before);
    }

    private static void FailScript(SimulatedCluster cluster, string place, TimeSpan length)
    {
        var parts = place.Split('/');
        var node = cluster.Node(parts[0]);
        node.Script = node.Script with { FailsAt = parts.Length > 1 ? parts[1] : "kubelet", FailsTimes = 1 };
    }

    private static void EachChainPod(SimulatedCluster cluster, Action<string, string> happens)
    {
        foreach (var pod in cluster.Store.List(Kinds.Pod).Where(pod => pod.Labels().GetValueOrDefault("app") == "k8s-upgrade-chain" && !pod.IsFinished()).ToList())
        {
            happens(pod.Namespace(), pod.Name());
        }
    }

    private static void Switch(SimulatedCluster cluster, TimeSpan length, Action<bool> set)
    {
        set(true);
        if (length < ForEver)
        {
            cluster.Time.After(length, () => set(false));
        }
    }
}
