using System.Text;
using System.Text.Json.Nodes;
using Stepper.Cluster.Versions;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;

namespace Stepper.EndToEnd.Tests;

/// <summary>The product as an operator installs it, in a simulated cluster whose nodes are machines of a lab.</summary>
internal static class Installation
{
    private const string Namespace = UpgradedCluster.Namespace;

    // Left out where a drained pod has no other worker to go to: budgets would hold the drain up for ever.
    private static readonly string[] NeedsAnotherWorker = ["web", "postgres", "prometheus-server"];

    /// <summary>
    /// A control plane and workers with the machines' addresses, without the pods whose only purpose is to hold a drain up, and what the program itself prints
    /// for its installation.
    /// </summary>
    public static async Task<ClusterShape> ShapeAsync(NodeLab lab, int workers, KubeVersion running, string settingsFile, JsonObject credentials)
    {
        var shape = ClusterShapes.Of(controlPlanes: 1, workers, running);
        shape = shape with { Objects = [.. shape.Objects.Where(body => body.Name() is not "wiki" && (workers > 1 || !NeedsAnotherWorker.Contains(body.Name())))] };
        RunOnControlPlane(shape.Objects.Single(body => body.Text("kind") == "CronJob"));
        foreach (var node in lab.Names)
        {
            shape = shape.Change(node, each => each with { Address = lab.Address(node), Containerd = "1.7.29" });
        }

        return shape.WithYaml(await RunningProgram.RunAsync(await Repository.ExecutableAsync(), "manifests", "--image", "stepper:0.1.0", "--config", settingsFile)).With(credentials);
    }

    /// <summary>What can't be as it is by default: where everything is, and what would take longer than a test should.</summary>
    public static string Settings(NodeLab lab, Monitoring monitoring, string webhook) =>
        $"""
        prometheusUrl: {monitoring.PrometheusUrl}
        pushgatewayUrl: {monitoring.PushgatewayUrl}
        webhookUrl: {webhook}
        repository: "{lab.Repository}"
        soak: 3s
        alerts:
          minimumUptime: 5s

        """;

    public static JsonObject Credentials(NodeLab lab, string slack) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["metadata"] = new JsonObject { ["name"] = "k8s-upgrade-creds", ["namespace"] = Namespace },
        ["data"] = new JsonObject { ["ssh_key"] = Base64(lab.PrivateKey), ["known_hosts"] = Base64(lab.KnownHosts), ["slack_webhook"] = Base64(slack) },
    };

    /// <summary>As the CronJob's controller makes it.</summary>
    public static JsonObject DetectionJob(SimulatedCluster cluster, int number)
    {
        var template = cluster.Find(Kinds.CronJob, Namespace, "k8s-version-check").At("spec", "jobTemplate")!;
        return new JsonObject
        {
            ["apiVersion"] = "batch/v1",
            ["kind"] = "Job",
            ["metadata"] = new JsonObject { ["name"] = $"k8s-version-check-{number}", ["namespace"] = Namespace, ["labels"] = template["metadata"]!["labels"]!.DeepClone() },
            ["spec"] = template["spec"]!.DeepClone(),
        };
    }

    // As what saves etcd does: it needs etcd's own certificates. And where the only worker is cordoned it has nowhere else to run.
    private static void RunOnControlPlane(JsonObject cronJob) =>
        cronJob["spec"]!["jobTemplate"]!["spec"]!["template"]!["spec"]!["tolerations"] = new JsonArray(new JsonObject { ["key"] = "node-role.kubernetes.io/control-plane", ["operator"] = "Exists" });

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
