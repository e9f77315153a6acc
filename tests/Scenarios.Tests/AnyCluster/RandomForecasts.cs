using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Nodes;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;
using Stepper.StepRunner.Drain;
using Stepper.StepRunner.Drain.Forecast;

namespace Stepper.Scenarios.Tests.AnyCluster;

/// <summary>
/// What a forecast claims to know, held against what the simulated scheduler and the simulated eviction API then do with the same pods: they share no code with it.
/// </summary>
public sealed class RandomForecasts
{
    private const int Cases = 60;
    private static readonly Uri ApiServer = new("https://kubernetes.default.svc/");

    [Fact]
    public void WhatIsToldOfRoomAgreesWithWhatTheSchedulerDoes()
    {
        var (told, right, untold, homeless) = (0, 0, 0, 0);
        for (var seed = 1; seed <= Cases; seed++)
        {
            var drained = Drain(AnyRooms.Sample(10, new Rnd((ulong)seed), 1).First(), seed);
            homeless += drained.Forecast.Room.Homeless;
            told += drained.Tally.Told;
            right += drained.Tally.AsForecast;
            untold += drained.Tally.Untold;
        }

        var figures = $"{right} of {told} right, {untold} not told, {homeless} without room";
        ((double)right / told).ShouldBeGreaterThanOrEqualTo(0.98, figures);
        ((double)untold / (told + untold)).ShouldBeLessThan(0.25, figures);
        homeless.ShouldBeGreaterThan(Cases / 2, figures);
    }

    [Fact]
    public void WhatIsToldOfBudgetsAgreesWithWhatTheEvictionsAreAnswered()
    {
        var (told, right, held) = (0, 0, 0);
        for (var seed = 1; seed <= Cases; seed++)
        {
            var drained = Drain(AnyBudgets.Sample(10, new Rnd((ulong)seed), 1).First(), seed);
            told += drained.Tally.Told;
            right += drained.Tally.AsForecast;
            held += drained.Forecast.Budgets.Sum(group => group.Blocked);
        }

        var figures = $"{right} of {told} right, {held} held up";
        ((double)right / told).ShouldBeGreaterThanOrEqualTo(0.98, figures);
        held.ShouldBeGreaterThan(Cases / 2, figures);
    }

    private static Gen<ClusterShape> AnyRooms =>
        from nodes in Gen.ListOf(AnyNode, 5)
        from apps in Gen.ListOf(AnyApp, 8)
        select Shape(nodes, [.. apps.Select((app, index) => app($"app-{index}"))]);

    private static Gen<ClusterShape> AnyBudgets =>
        from apps in Gen.ListOf(AnyGuarded, 6)
        select Shape(
            Enumerable.Repeat<Func<NodeShape, NodeShape>>(node => node, 3),
            [.. apps.SelectMany((app, index) => app($"app-{index}"))]);

    private static Gen<Func<NodeShape, NodeShape>> AnyNode =>
        from cpu in Gen.Elements("3", "5", "8")
        from memory in Gen.Elements("4Gi", "8Gi", "12Gi")
        from pods in Gen.Frequency((4, Gen.Constant(110)), (1, Gen.Constant(6)))
        from taint in Gen.Frequency((4, Gen.Constant("")), (1, Gen.Elements("team=ml:NoSchedule", "team=ml:NoExecute", "team=ml:PreferNoSchedule")))
        from cordon in Gen.Choose(0, 9)
        select new Func<NodeShape, NodeShape>(node => node with { Cpu = cpu, Memory = memory, Pods = pods, Taints = taint.Length == 0 ? [] : [taint], IsCordoned = cordon == 0 });

    private static Gen<Func<string, JsonObject>> AnyApp =>
        from kind in Gen.Frequency((3, Gen.Constant("Deployment")), (1, Gen.Constant("StatefulSet")))
        from replicas in Gen.Choose(1, 4)
        from cpu in Gen.Elements("50m", "250m", "500m", "1", "1500m", "2500m")
        from memory in Gen.Elements("64Mi", "512Mi", "1Gi", "3Gi")
        from wish in Gen.Frequency((7, Gen.Constant("")), (1, Gen.Constant("tolerates")), (1, Gen.Constant("selector")), (1, Gen.Constant("affinity")), (1, Gen.Constant("antiAffinity")))
        from host in Gen.Choose(1, 5)
        select new Func<string, JsonObject>(name =>
        {
            void Change(JsonObject spec)
            {
                spec["containers"]![0]!["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = cpu, ["memory"] = memory } };
                Wish(spec, wish, $"k8s-node{host}");
            }

            return kind == "Deployment" ? Workloads.Deployment("default", name, replicas, change: Change) : Workloads.StatefulSet("default", name, replicas, change: Change);
        });

    private static Gen<Func<string, IEnumerable<JsonObject>>> AnyGuarded =>
        from replicas in Gen.Choose(1, 5)
        from budget in Gen.Elements("minAvailable 1", "minAvailable 2", "minAvailable 50%", "maxUnavailable 1", "maxUnavailable 2", "maxUnavailable 50%", "maxUnavailable 0")
        from twice in Gen.Frequency((9, Gen.Constant(false)), (1, Gen.Constant(true)))
        select new Func<string, IEnumerable<JsonObject>>(name =>
        {
            var (rule, amount) = (budget.Split(' ')[0], budget.Split(' ')[1]);
            JsonNode Value() => int.TryParse(amount, out var number) ? JsonValue.Create(number) : JsonValue.Create(amount);
            JsonObject Budget(string own) => Workloads.Budget(
                "default", own, rule == "minAvailable" ? Value() : null, rule == "maxUnavailable" ? Value() : null, new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = name } });
            return [Workloads.Deployment("default", name, replicas), Budget(name), .. twice ? [Budget($"{name}-again")] : Array.Empty<JsonObject>()];
        });

    private static ClusterShape Shape(IEnumerable<Func<NodeShape, NodeShape>> nodes, IReadOnlyList<JsonObject> objects)
    {
        List<Func<NodeShape, NodeShape>> changes = [.. nodes];
        var shape = ClusterShapes.Of(controlPlanes: 1, workers: changes.Count, RandomCluster.Before, RandomCluster.Target);
        for (var index = 0; index < changes.Count; index++)
        {
            shape = shape.Change($"k8s-node{index + 1}", changes[index]);
        }

        return shape with { Objects = [.. shape.Objects.Where(body => body.Text("kind") is "Namespace" or "DaemonSet"), .. objects] };
    }

    private static void Wish(JsonObject spec, string wish, string host)
    {
        var hostname = new JsonObject { ["key"] = "kubernetes.io/hostname", ["operator"] = "NotIn", ["values"] = new JsonArray(host) };
        switch (wish)
        {
            case "tolerates":
                spec["tolerations"] = new JsonArray(new JsonObject { ["key"] = "team", ["operator"] = "Exists" });
                break;
            case "selector":
                spec["nodeSelector"] = new JsonObject { ["kubernetes.io/hostname"] = host };
                break;
            case "affinity":
                spec["affinity"] = new JsonObject
                {
                    ["nodeAffinity"] = new JsonObject
                    {
                        ["requiredDuringSchedulingIgnoredDuringExecution"] = new JsonObject { ["nodeSelectorTerms"] = new JsonArray(new JsonObject { ["matchExpressions"] = new JsonArray(hostname) }) },
                    },
                };
                break;
            case "antiAffinity":
                // The simulated scheduler does not know it, so it has no part in the rate: it is never told.
                spec["affinity"] = new JsonObject
                {
                    ["podAntiAffinity"] = new JsonObject
                    {
                        ["requiredDuringSchedulingIgnoredDuringExecution"] = new JsonArray(new JsonObject { ["topologyKey"] = "kubernetes.io/hostname", ["labelSelector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "nobody" } } }),
                    },
                };
                break;
        }
    }

    // The worker with the most pods, from the forecast to what became of it.
    private static (DrainForecast Forecast, ForecastTally Tally) Drain(ClusterShape shape, int seed)
    {
        var cluster = new SimulatedCluster(shape, seed);
        var wait = new Wait(cluster.Time);
        var api = new KubeApi(new HttpClient(cluster.Network()) { BaseAddress = ApiServer, Timeout = Timeout.InfiniteTimeSpan }, wait, _ => { });
        var node = cluster.Store.List(Kinds.Pod).Where(pod => pod.NodeName().Contains("node", StringComparison.Ordinal)).CountBy(ObjectFields.NodeName).OrderByDescending(count => count.Value).ThenBy(count => count.Key, StringComparer.Ordinal).First().Key;
        return cluster.Time.RunUntil(RunAsync());

        async Task<(DrainForecast, ForecastTally)> RunAsync()
        {
            var reader = new ForecastReader(api, new DaemonSets(api), ownPod: null);
            var nodes = await new NodeList(api).ListAsync(default);
            var forecast = DrainForecast.Of(await reader.ReadAsync(nodes, nodes.First(each => each.Name == node), default), node);
            cluster.Registry.Change(Kinds.Node, null, node, changed => changed.Child("spec")["unschedulable"] = true);
            var options = new DrainOptions(TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(30), BudgetMode.Force, 16);
            var report = await new NodeDrain(api, wait, _ => { }, options).RunAsync(node, null, default);
            await wait.ForAsync(TimeSpan.FromMinutes(1), default);
            return (forecast, ForecastTally.Of(forecast, report, await reader.UnscheduledAsync(default)));
        }
    }
}
