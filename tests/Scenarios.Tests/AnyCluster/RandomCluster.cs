using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Stepper.Cluster.Versions;
using Stepper.Simulation.Shapes;

namespace Stepper.Scenarios.Tests.AnyCluster;

/// <param name="Version">Of the machine: packages and static pods.</param>
/// <param name="Kubelet">That runs; null: as <paramref name="Version"/>.</param>
/// <param name="Taint">Null for none.</param>
internal sealed record RandomNode(string Name, KubeVersion Version, KubeVersion? Kubelet, string? Taint, bool IsCordoned, bool HasOtherLabel);

/// <param name="Budget">As <c>minAvailable 1</c>; null for none.</param>
/// <param name="Selector">How the budget selects.</param>
internal sealed record RandomApp(string Kind, int Replicas, string? Budget, string Selector, int EndsAfter);

/// <param name="Node">An index into the nodes.</param>
/// <param name="Stage">Of the node script, that fails.</param>
internal sealed record RandomFailure(int Node, string Stage, int Times);

/// <param name="What">What happens to the pod of the step, or to the API server.</param>
internal sealed record RandomTrouble(int AfterMinutes, string What);

/// <summary>A cluster as one might be found, what goes wrong in it, and how the operator has set stepper up.</summary>
internal sealed record RandomCluster(
    IReadOnlyList<RandomNode> Nodes, int ControlPlanes, IReadOnlyList<RandomApp> Apps, IReadOnlyList<RandomFailure> Failures, IReadOnlyList<RandomTrouble> Troubles, string Budgets)
{
    public static readonly KubeVersion Before = new(1, 34, 2);
    public static readonly KubeVersion Target = new(1, 34, 7);

    public string Settings => $"soak: 1m\nalertWait: 12m\nquiesce: [default/web]\ndrain:\n  timeout: 4m\n  budgets: {Budgets}\n";

    /// <summary>Whether the chain can do it once nothing is in its way: by this version only with one control-plane node and a node beside it.</summary>
    public bool CanBeDone => ControlPlanes == 1 && Nodes.Count > 1;

    /// <summary>Whether a step may be killed, and then says nothing any more.</summary>
    public bool HasKills => Troubles.Any(trouble => trouble.What == "killed");

    public ClusterShape Shape => ClusterShapes.Of(0, 0, Before, Target) with
    {
        Nodes = [.. Nodes.Select((node, index) => new NodeShape(node.Name, node.Version)
        {
            IsControlPlane = index < ControlPlanes,
            Kubelet = node.Kubelet,
            Taints = node.Taint is null ? [] : [node.Taint],
            IsCordoned = node.IsCordoned,
            HostnameLabel = node.HasOtherLabel ? $"host-{index}" : null,
        })],
    };

    public IEnumerable<JsonObject> Objects => Apps.SelectMany((app, index) => ObjectsOf(app, index));

    public static Gen<RandomCluster> Any =>
        from controlPlanes in Gen.Frequency((9, Gen.Constant(1)), (1, Gen.Constant(3)))
        from workers in Gen.Frequency((1, Gen.Constant(0)), (12, Gen.Choose(1, 5)), (5, Gen.Choose(6, 11)))
        from halfWay in Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true)))
        from nodes in Gen.CollectToList(Enumerable.Range(0, controlPlanes + workers), index => Node(index, controlPlanes, halfWay))
        from appCount in Gen.Choose(0, 5)
        from apps in Gen.ListOf(App, appCount)
        from failureCount in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(1, 2)))
        from failures in Gen.ListOf(Failure(controlPlanes + workers), failureCount)
        from troubleCount in Gen.Frequency((2, Gen.Constant(0)), (2, Gen.Choose(1, 3)))
        from troubles in Gen.ListOf(Trouble, troubleCount)
        from budgets in Gen.Frequency((3, Gen.Constant("unstick")), (1, Gen.Constant("wait")))
        select new RandomCluster([.. nodes], controlPlanes, [.. apps], [.. failures], [.. troubles], budgets);

    public override string ToString() => string.Join('\n', [
        $"{ControlPlanes} control-plane nodes, budgets {Budgets}", .. Nodes.Select(node => node.ToString()), .. Apps.Select(app => app.ToString()),
        .. Failures.Select(failure => failure.ToString()), .. Troubles.Select(trouble => trouble.ToString())]);

    private static Gen<RandomNode> Node(int index, int controlPlanes, bool halfWay) =>
        from isNew in Gen.Choose(0, 9)
        from onlyPackages in Gen.Choose(0, 9)
        from taint in Gen.Frequency<string?>((8, Gen.Constant<string?>(null)), (2, Gen.Elements<string?>("nvidia.com/gpu=true:NoSchedule", "team=ml:NoExecute", "node.kubernetes.io/out-of-service=x:NoSchedule")))
        from cordoned in Gen.Choose(0, 9)
        from label in Gen.Choose(0, 4)
        let isControlPlane = index < controlPlanes
        let version = halfWay && (isControlPlane || isNew < 5) ? Target : Before
        select new RandomNode(
            isControlPlane ? $"k8s-master{(controlPlanes == 1 ? "" : index + 1)}" : $"k8s-node{index - controlPlanes + 1}",
            version,
            version == Target && onlyPackages < 2 ? Before : null,
            isControlPlane ? null : taint,
            cordoned < 1,
            label == 0);

    private static Gen<RandomApp> App =>
        from kind in Gen.Frequency((4, Gen.Constant("Deployment")), (2, Gen.Constant("StatefulSet")), (1, Gen.Constant("DaemonSet")), (1, Gen.Constant("Pod")))
        from replicas in Gen.Choose(1, 4)
        from budget in Gen.Elements<string?>(null, null, "minAvailable 1", "minAvailable 2", "minAvailable 50%", "maxUnavailable 0", "maxUnavailable 1", "maxUnavailable 50%")
        from selector in Gen.Frequency((6, Gen.Constant("labels")), (2, Gen.Constant("expressions")), (1, Gen.Constant("empty")), (1, Gen.Constant("twice")))
        from endsAfter in Gen.Choose(0, 45)
        select new RandomApp(kind, replicas, budget, selector, endsAfter);

    private static Gen<RandomFailure> Failure(int nodes) =>
        from node in Gen.Choose(0, nodes - 1)
        from stage in Gen.Elements("source", "kubeadm", "apply", "node", "kubelet", "hold", "restart")
        from times in Gen.Choose(1, 3)
        select new RandomFailure(node, stage, times);

    private static Gen<RandomTrouble> Trouble =>
        from minutes in Gen.Choose(1, 60)
        from what in Gen.Elements("evicted", "killed", "api away", "prometheus down")
        select new RandomTrouble(minutes, what);

    // Each in a namespace of its own, since the empty selector takes all there is in one.
    private static IEnumerable<JsonObject> ObjectsOf(RandomApp app, int index)
    {
        var (ns, name) = ($"team-{index}", $"app-{index}");
        yield return Workloads.Namespace(ns);
        var ends = new JsonObject { ["simulation/ends-after"] = $"{app.EndsAfter}s" };
        yield return app.Kind switch
        {
            "Deployment" => Workloads.Deployment(ns, name, app.Replicas, annotations: ends),
            "StatefulSet" => Workloads.StatefulSet(ns, name, app.Replicas, annotations: ends),
            "DaemonSet" => Workloads.DaemonSet(ns, name, toleratesEverything: app.Replicas > 2),
            _ => BarePod(ns, name),
        };
        for (var budget = 0; app.Budget is not null && budget < (app.Selector == "twice" ? 2 : 1); budget++)
        {
            var parts = app.Budget.Split(' ');
            JsonNode amount = int.TryParse(parts[1], out var number) ? JsonValue.Create(number) : JsonValue.Create(parts[1]);
            yield return Workloads.Budget(
                ns, $"{name}-{budget}", minAvailable: parts[0] == "minAvailable" ? amount : null, maxUnavailable: parts[0] == "maxUnavailable" ? amount : null, Selector(app, name));
        }
    }

    private static JsonObject Selector(RandomApp app, string name) => app.Selector switch
    {
        "expressions" => new JsonObject { ["matchExpressions"] = new JsonArray(new JsonObject { ["key"] = "app", ["operator"] = "In", ["values"] = new JsonArray(name, "another") }) },
        "empty" => [],
        _ => new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = name } },
    };

    private static JsonObject BarePod(string ns, string name) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Pod",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns, ["labels"] = new JsonObject { ["app"] = name } },
        ["spec"] = new JsonObject
        {
            ["terminationGracePeriodSeconds"] = 30,
            ["restartPolicy"] = "Always",
            ["containers"] = new JsonArray(new JsonObject { ["name"] = name, ["image"] = "registry.local/app:1" }),
        },
    };
}
