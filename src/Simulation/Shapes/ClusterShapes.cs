using System.Text.Json.Nodes;
using Stepper.Cluster.Versions;
using Stepper.Simulation.Monitoring;

namespace Stepper.Simulation.Shapes;

/// <summary>Clusters to start from.</summary>
public static class ClusterShapes
{
    private static readonly KubeVersion Running = new(1, 34, 2);

    // Long before any story: old enough for every policy.
    private static readonly DateTimeOffset LongAgo = new(2026, 9, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A control plane and four workers, one with a GPU, at 1.34.2; 1.34.7 can be had.</summary>
    public static ClusterShape Default() => Of(controlPlanes: 1, workers: 4, Running, new KubeVersion(1, 34, 7))
        .Change("k8s-node1", node => node with { Taints = ["nvidia.com/gpu=true:NoSchedule"] });

    /// <summary>Three control-plane nodes and three workers; the next minor can be had.</summary>
    public static ClusterShape HighlyAvailable() => Of(controlPlanes: 3, workers: 3, Running, new KubeVersion(1, 34, 7), new KubeVersion(1, 35, 1));

    /// <summary>So many nodes, with the system's own pods, monitoring, and workloads of each kind.</summary>
    /// <param name="offered">The releases that can be had besides the one that runs.</param>
    public static ClusterShape Of(int controlPlanes, int workers, KubeVersion running, params IEnumerable<KubeVersion> offered) => new()
    {
        Nodes =
        [
            .. Enumerable.Range(1, controlPlanes).Select(number =>
                new NodeShape(controlPlanes == 1 ? "k8s-master" : $"k8s-master{number}", running) { IsControlPlane = true }),
            .. Enumerable.Range(1, workers).Select(number => new NodeShape($"k8s-node{number}", running)),
        ],
        Releases = [.. offered.Prepend(running).Select(release => (release, LongAgo))],
        Objects = [.. Namespaces(), .. System(), .. MonitoringStack(), .. Applications()],
    };

    /// <summary>A big cluster: pods by the ten on each worker, in namespaces of 50, under budgets.</summary>
    public static ClusterShape Big(int workers, int podsPerNode)
    {
        var shape = Of(controlPlanes: 3, workers, Running, new KubeVersion(1, 34, 7));
        List<JsonObject> objects = [];
        for (var index = 0; index < workers * podsPerNode / 50; index++)
        {
            var ns = $"team-{index}";
            objects.Add(Workloads.Namespace(ns));
            for (var app = 0; app < 10; app++)
            {
                objects.Add(Workloads.Deployment(ns, $"app-{app}", 5));
                objects.Add(Workloads.Budget(ns, $"app-{app}", maxUnavailable: 1));
            }
        }

        return shape.With(objects);
    }

    private static IEnumerable<JsonObject> Namespaces() =>
        new[] { "default", "kube-system", "kube-public", "kube-node-lease", "monitoring", "k8s-upgrade" }.Select(Workloads.Namespace);

    private static IEnumerable<JsonObject> System()
    {
        yield return Workloads.Deployment(
            "kube-system", "coredns", 2, "registry.k8s.io/coredns/coredns:v1.12.1", new JsonObject { ["k8s-app"] = "kube-dns" }, change: spec =>
            {
                spec["priorityClassName"] = "system-cluster-critical";
                spec["tolerations"] = new JsonArray(
                    new JsonObject { ["key"] = "CriticalAddonsOnly", ["operator"] = "Exists" },
                    new JsonObject { ["key"] = "node-role.kubernetes.io/control-plane", ["effect"] = "NoSchedule" });
            });
        yield return Workloads.Budget(
            "kube-system", "coredns", minAvailable: 1, selector: new JsonObject { ["matchLabels"] = new JsonObject { ["k8s-app"] = "kube-dns" } });
        yield return Workloads.DaemonSet("kube-system", "kube-proxy", "registry.k8s.io/kube-proxy:v1.34.2");
        yield return Workloads.DaemonSet("kube-system", "calico-node", "docker.io/calico/node:v3.30.3");
        yield return Workloads.ConfigMap("kube-system", "kubelet-config", "kubelet", "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\ncgroupDriver: systemd\n");
    }

    private static IEnumerable<JsonObject> MonitoringStack()
    {
        yield return Workloads.Deployment(
            "monitoring",
            "prometheus-server",
            1,
            "quay.io/prometheus/prometheus:v3.7.3",
            new JsonObject { ["app"] = "prometheus-server", [SimulatedPrometheus.ServesLabel] = "prometheus" },
            new JsonObject { ["simulation/ready-after"] = "20s" });
        yield return Workloads.Deployment("monitoring", "prometheus-prometheus-pushgateway", 1, "quay.io/prometheus/pushgateway:v1.11.1");
        yield return Workloads.DaemonSet("monitoring", "node-exporter", "quay.io/prometheus/node-exporter:v1.9.1");
    }

    private static IEnumerable<JsonObject> Applications()
    {
        yield return Workloads.Deployment("default", "web", 3);
        yield return Workloads.Budget("default", "web", maxUnavailable: 1);
        yield return Workloads.Deployment("default", "wiki", 1, annotations: new JsonObject { ["simulation/ends-after"] = "8s" });
        yield return Workloads.Budget("default", "wiki", minAvailable: 1);
        yield return Workloads.StatefulSet("default", "postgres", 2, annotations: new JsonObject { ["simulation/ends-after"] = "5s" });
        yield return Workloads.Budget("default", "postgres", maxUnavailable: 1);
        yield return Workloads.Deployment("default", "batcher", 2);
        yield return Workloads.CronJob("default", "backup-etcd", "0 3 * * *", "backup-manage", SimulatedCluster.BackupImage);
        yield return Workloads.ServiceAccount("k8s-upgrade", "k8s-upgrade-job");
    }
}
