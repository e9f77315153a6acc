using System.Text.Json.Nodes;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Simulation.Api;

namespace Stepper.Simulation.Tests.Api;

public sealed class KubeApiTests
{
    private readonly SimulatedApi _api = new();

    [Fact]
    public void AnEvictionSpendsItsBudgetAndIsThenRefused()
    {
        _api.Add("""{"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"web","namespace":"default","generation":1},"spec":{"maxUnavailable":1,"selector":{"matchLabels":{"app":"web"}}},"status":{"observedGeneration":1,"disruptionsAllowed":1,"currentHealthy":2,"desiredHealthy":1,"expectedPods":2}}""");
        var first = _api.AddPod("web-1", "node1", "app=web");
        var second = _api.AddPod("web-2", "node1", "app=web");

        _api.Run(api => api.EvictAsync(first, 30, dryRun: false, default)).Outcome.ShouldBe(EvictionOutcome.Granted);
        var refused = _api.Run(api => api.EvictAsync(second, 30, dryRun: false, default));

        refused.ShouldBe(new EvictionAnswer(EvictionOutcome.BlockedByBudget, "Cannot evict pod as it would violate the pod's disruption budget."));
    }

    [Fact]
    public void AListOfManyPagesIsWhole()
    {
        for (var i = 0; i < 1234; i++)
        {
            _api.AddPod($"pod-{i}", "node1");
        }

        var list = _api.Run(api => api.ListAsync(Resources.Pods, "default", new KubeQuery(Fields: "spec.nodeName=node1"), default));

        list.Items.Select(pod => pod.Metadata.Name).Distinct(StringComparer.Ordinal).Count().ShouldBe(1234);
    }

    [Fact]
    public void AChangeThatAnotherMadeFirstIsAConflict()
    {
        var before = _api.Run(api => api.CreateAsync(Resources.ConfigMaps, "default", Map("a", "1"), default));
        _api.Run(api => api.MergeAsync(Resources.ConfigMaps, "default", "a", Patch(before!.Metadata.ResourceVersion, "2"), default)).Data["key"].ShouldBe("2");

        var refusal = Should.Throw<KubeRefusedException>(() => _api.Run(api => api.MergeAsync(Resources.ConfigMaps, "default", "a", Patch(before!.Metadata.ResourceVersion, "3"), default)));

        refusal.IsConflict.ShouldBeTrue();
    }

    [Fact]
    public void AWatchTellsWhatComesAndWhatGoes()
    {
        List<string> seen = [];
        var ended = _api.Run(api => api.ObserveUntilAsync(Resources.Pods, "default", KubeQuery.All, TimeSpan.FromHours(1), state =>
        {
            seen.Add(string.Join(' ', state.Values.Select(pod => pod.Metadata.Name).Order(StringComparer.Ordinal)));
            return seen.Count == 3 ? "done" : null;
        }, default), _ =>
        {
            _api.After(TimeSpan.FromMinutes(1), () => _api.AddPod("a", "node1"));
            _api.After(TimeSpan.FromMinutes(2), () => _api.Registry.Delete(Kinds.Pod, "default", "a", 0));
        });

        ended.ShouldBe("done");
        seen.ShouldBe(["", "a", ""]);
    }

    [Fact]
    public void ABookmarkIsNotTheEndOfAWatch()
    {
        var watches = 0;
        _api.Server.Requested += call => watches += call.Verb == "watch" ? 1 : 0;

        _api.Run(api => api.ObserveUntilAsync(Resources.Pods, "default", KubeQuery.All, TimeSpan.FromMinutes(4), state => state.Count > 0 ? "seen" : null, default));

        watches.ShouldBe(1);
    }

    private static JsonObject Map(string name, string value) =>
        new() { ["metadata"] = new JsonObject { ["name"] = name }, ["data"] = new JsonObject { ["key"] = value } };

    private static JsonObject Patch(string version, string value) =>
        new() { ["metadata"] = new JsonObject { ["resourceVersion"] = version }, ["data"] = new JsonObject { ["key"] = value } };
}
