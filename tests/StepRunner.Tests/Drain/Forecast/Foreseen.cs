using System.Text.Json;
using System.Text.Json.Nodes;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Cluster.Nodes;
using Stepper.StepRunner.Drain.Forecast;

namespace Stepper.StepRunner.Tests.Drain.Forecast;

/// <summary>The pods, nodes and budgets that facts about forecasts are about, read from the API's own JSON.</summary>
internal static class Foreseen
{
    /// <param name="owner"><c>kind/name</c>, of <c>apps/v1</c> but for a Job; null for a pod that stands alone.</param>
    /// <param name="spec">What its spec has besides a container.</param>
    /// <param name="asks">What its container asks for.</param>
    public static SchedulablePod Pod(
        string name, string node = "node1", string? owner = "ReplicaSet/web", string spec = "{}", string asks = "{}", string labels = """{"app":"web"}""", string phase = "Running",
        bool isReady = true)
    {
        var body = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default", ["uid"] = $"uid-{name}", ["labels"] = JsonNode.Parse(labels) },
            ["spec"] = JsonNode.Parse(spec),
            ["status"] = new JsonObject { ["phase"] = phase, ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = isReady ? "True" : "False" }) },
        };
        body["spec"]!["nodeName"] = node;
        body["spec"]!["containers"] ??= new JsonArray(new JsonObject { ["name"] = "main", ["resources"] = new JsonObject { ["requests"] = JsonNode.Parse(asks) } });
        if (owner?.Split('/') is [var kind, var controller])
        {
            body["metadata"]!["ownerReferences"] = new JsonArray(new JsonObject
            {
                ["apiVersion"] = kind == "Job" ? "batch/v1" : kind == "Cluster" ? "postgresql.cnpg.io/v1" : "apps/v1",
                ["kind"] = kind,
                ["name"] = controller,
                ["uid"] = $"uid-{controller}",
                ["controller"] = true,
            });
        }

        return body.Deserialize(Resources.SchedulablePods.Json)!;
    }

    /// <param name="taints">As <c>key=value:Effect</c>.</param>
    public static ClusterNode Node(
        string name, string cpu = "4", string memory = "8Gi", string pods = "110", bool isCordoned = false, (string Name, string Amount)? more = null, (string Name, string Value)? label = null,
        params IReadOnlyList<string> taints)
    {
        var node = Given.Node(name, isCordoned: isCordoned, taints: taints);
        var has = new Dictionary<string, string>(StringComparer.Ordinal) { ["cpu"] = cpu, ["memory"] = memory, ["pods"] = pods };
        if (more is { } extended)
        {
            has[extended.Name] = extended.Amount;
        }

        var labels = new Dictionary<string, string>(node.Node.Metadata.Labels, StringComparer.Ordinal);
        if (label is { } given)
        {
            labels[given.Name] = given.Value;
        }

        return node with { Node = node.Node with { Metadata = node.Node.Metadata with { Labels = labels }, Status = node.Node.Status with { Allocatable = has } } };
    }

    public static PodDisruptionBudget Budget(
        int pods, int healthy, int needed, int mayGo, string name = "web", bool isCounted = true, string? unhealthy = null, string? notCounted = null) => new()
        {
            Metadata = new ObjectMeta { Name = name, Namespace = "default", Generation = 2 },
            Spec = new BudgetSpec { Selector = new LabelSelector { MatchLabels = new Dictionary<string, string>(StringComparer.Ordinal) { ["app"] = "web" } }, UnhealthyPodEvictionPolicy = unhealthy },
            Status = new BudgetStatus
            {
                ObservedGeneration = isCounted ? 2 : 1,
                ExpectedPods = pods,
                CurrentHealthy = healthy,
                DesiredHealthy = needed,
                DisruptionsAllowed = mayGo,
                Conditions = notCounted is null ? [] : [new Condition { Type = "DisruptionAllowed", Status = "False", Reason = "SyncFailed", Message = notCounted }],
            },
        };

    /// <summary>The picture of a cluster from which <c>node1</c> is drained.</summary>
    public static ClusterPicture Picture(IReadOnlyList<ClusterNode> nodes, IReadOnlyList<SchedulablePod> pods, params IReadOnlyList<PodDisruptionBudget> budgets)
    {
        var picture = new ClusterPicture(nodes, new HashSet<string>(["node1"], StringComparer.Ordinal), budgets, new HashSet<string>(StringComparer.Ordinal), ownPod: null);
        picture.Know(nodes);
        foreach (var pod in pods)
        {
            picture.Add(pod);
        }

        return picture;
    }
}
