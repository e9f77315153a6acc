using System.Text.Json.Nodes;
using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
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

    [Fact]
    public void AClosedWatchGoesOnFromWhereItWas()
    {
        _api.AddPod("a", "node1");

        Observe(seen: 2, () => _api.Server.Faults.CloseWatches(), () => _api.Registry.Delete(Kinds.Pod, "default", "a", 0)).ShouldBe(["a", ""]);
    }

    [Fact]
    public void WhatWentAwayWhileNobodyWatchedIsGoneFromTheNextList()
    {
        _api.AddPod("a", "node1");
        _api.AddPod("b", "node1");

        var seen = Observe(seen: 2, () =>
        {
            _api.Server.Faults.CloseWatches();
            _api.Registry.Delete(Kinds.Pod, "default", "a", 0);
            _api.Server.Faults.ForgetHistory();
        });

        seen.ShouldBe(["a b", "b"]);
    }

    [Fact]
    public void AnOutageIsRiddenOutAndSaid()
    {
        _api.AddPod("a", "node1");
        _api.Server.Faults.IsDown = true;
        _api.After(TimeSpan.FromMinutes(2), () => _api.Server.Faults.IsDown = false);

        _api.Run(api => api.GetAsync(Resources.Pods, "default", "a", default)).Metadata.Name.ShouldBe("a");

        _api.Said[0].ShouldMatch(@"^the API server has not answered GET /api/v1/namespaces/default/pods/a for 1\d s \(Connection refused\); asked again for up to 10 min$");
        _api.Said[^1].ShouldMatch(@"^the API server answers again after 12\d s$");
    }

    [Fact]
    public void AnOutageThatDoesNotEndIsAnError()
    {
        _api.Server.Faults.IsDown = true;

        Should.Throw<SourceException>(() => _api.Run(api => api.FindAsync(Resources.Pods, "default", "a", default))).Message.ShouldEndWith("the API server has not answered for 10 min: Connection refused");
    }

    [Fact]
    public void AServerThatIsBusyIsAskedAgain()
    {
        _api.AddPod("a", "node1");
        _api.Server.Faults.Answer(call => call.Verb == "get", System.Net.HttpStatusCode.ServiceUnavailable, "ServiceUnavailable", "apiserver is shutting down", times: 3);
        List<int> codes = [];
        _api.Server.Requested += call => codes.Add(call.Code);

        _api.Run(api => api.GetAsync(Resources.Pods, "default", "a", default));

        codes.ShouldBe([503, 503, 503, 200]);
    }

    [Fact]
    public void APodUnderTwoBudgetsCanNotBeEvicted()
    {
        var pod = _api.AddPod("web-1", "node1", "app=web");
        foreach (var name in (string[])["one", "two"])
        {
            _api.Add($$$$"""{"kind":"PodDisruptionBudget","metadata":{"name":"{{{{name}}}}","namespace":"default"},"spec":{"maxUnavailable":1,"selector":{"matchLabels":{"app":"web"} } } }""");
        }

        _api.Run(api => api.EvictAsync(pod, 30, dryRun: false, default)).Outcome.ShouldBe(EvictionOutcome.Impossible);
    }

    [Fact]
    public void APodThatIsGoneNeedsNoEviction()
    {
        var pod = _api.AddPod("a", "node1");
        _api.Registry.Delete(Kinds.Pod, "default", "a", 0);

        _api.Run(api => api.EvictAsync(pod, 30, dryRun: false, default)).Outcome.ShouldBe(EvictionOutcome.Gone);
    }

    [Fact]
    public void EachRequestIsToldInTheWordsOfItsAccessRule()
    {
        List<ApiCall> calls = [];
        _api.Server.Requested += calls.Add;

        _api.Run(api => api.ListAsync(Resources.Jobs, "default", KubeQuery.All, default));
        _api.Run(api => api.LogAsync("default", _api.AddPod("a", "node1").Metadata.Name, null, default));

        calls[0].ShouldBe(new ApiCall("list", "batch", "jobs", "", "default", "", "kubernetes-admin", 200));
        calls[^1].ShouldBe(new ApiCall("get", "", "pods", "log", "default", "a", "kubernetes-admin", 200));
    }

    // The names of the pods each time they were told, with things that happen a minute after each other.
    private List<string> Observe(int seen, params Action[] happens)
    {
        List<string> told = [];
        _api.Run(
            api => api.ObserveUntilAsync(
                Resources.Pods,
                "default",
                KubeQuery.All,
                TimeSpan.FromHours(1),
                state =>
                {
                    told.Add(string.Join(' ', state.Values.Select(pod => pod.Metadata.Name).Order(StringComparer.Ordinal)));
                    return told.Count == seen ? "done" : null;
                },
                default),
            _ =>
            {
                for (var i = 0; i < happens.Length; i++)
                {
                    _api.After(TimeSpan.FromMinutes(i + 1), happens[i]);
                }
            });
        return told;
    }

    private static JsonObject Map(string name, string value) =>
        new() { ["metadata"] = new JsonObject { ["name"] = name }, ["data"] = new JsonObject { ["key"] = value } };

    private static JsonObject Patch(string version, string value) =>
        new() { ["metadata"] = new JsonObject { ["resourceVersion"] = version }, ["data"] = new JsonObject { ["key"] = value } };
}
