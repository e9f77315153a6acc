using System.Net;
using System.Text.Json.Nodes;
using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.Simulation.Tests.Api.Conformance;

/// <summary>That stepper's own client understands what is answered: yes, no, not there, another, taken, changed meanwhile.</summary>
public sealed class ClientFacts : IDisposable
{
    private const string NobodysUid = "00000000-0000-0000-0000-000000000001";

    private readonly ApiUnderTest _api = new();

    // With their uids only.
    private static readonly ResourceType<MetadataOnly> Maps = new("v1", "ConfigMap", "configmaps", Resources.Namespaces.Json);

    private string Ns => _api.Namespace;

    public void Dispose() => _api.Dispose();

    [Fact]
    public void WhatIsNotThereIsNull()
    {
        _api.Ask(api => api.FindAsync(Resources.ConfigMaps, Ns, "a", default)).ShouldBeNull();
        _api.Ask(api => api.FindAsync(Resources.ConfigMaps, "nowhere", "a", default)).ShouldBeNull();
        _api.Ask(api => api.FindAsync(Resources.Nodes, null, "nobody", default)).ShouldBeNull();
        _api.Ask(api => api.FindAsync(Resources.CronJobs, Ns, "a", default)).ShouldBeNull();
    }

    [Fact]
    public void AKindThatTheServerDoesNotHaveIsAnErrorAndNotNull() => Should.Throw<KubeRefusedException>(
        () => _api.Ask(api => api.FindAsync(new ResourceType<MetadataOnly>("policy/v9", "PodDisruptionBudget", "poddisruptionbudgets", Resources.Namespaces.Json), Ns, "a", default)))
        .Code.ShouldBe(HttpStatusCode.NotFound);

    [Fact]
    public void WhatIsMadeTwiceIsMadeOnce()
    {
        _api.Ask(api => api.CreateAsync(Resources.ConfigMaps, Ns, Map(), default)).ShouldNotBeNull().Metadata.Name.ShouldBe("a");
        _api.Ask(api => api.CreateAsync(Resources.ConfigMaps, Ns, Map(), default)).ShouldBeNull();
        Should.Throw<KubeRefusedException>(() => _api.Ask(api => api.CreateAsync(Resources.ConfigMaps, "nowhere", Map(), default))).Code.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public void WhatIsBeingDeletedIsStillTaken()
    {
        _api.Post(_api.At("configmaps"), """{"metadata":{"name":"a","finalizers":["x.example/keep"]}}""");
        _api.Delete(_api.At("configmaps/a"));

        _api.Ask(api => api.CreateAsync(Resources.ConfigMaps, Ns, Map(), default)).ShouldBeNull();

        _api.Merge(_api.At("configmaps/a"), """{"metadata":{"finalizers":null}}""");
        _api.Ask(api => api.CreateAsync(Resources.ConfigMaps, Ns, Map(), default)).ShouldNotBeNull();
    }

    [Fact]
    public void AFieldThatTheServerDoesNotKnowIsRefused()
    {
        var job = JsonNode.Parse(JobFacts.Job("j", "\"backoffLimitt\":1,"))!.AsObject();

        Should.Throw<KubeRefusedException>(() => _api.Ask(api => api.CreateAsync(Resources.Jobs, Ns, job, default))).Message.ShouldContain("unknown field \"spec.backoffLimitt\"");
    }

    [Fact]
    public void OfTwoChangesFromTheSameVersionOneIsMade()
    {
        var version = _api.AddMap("a").Version;
        _api.Ask(api => api.MergeAsync(Resources.ConfigMaps, Ns, "a", Patch("1"), default)).Data["k"].ShouldBe("1");

        Should.Throw<KubeRefusedException>(() => _api.Ask(api => api.MergeAsync(Resources.ConfigMaps, Ns, "a", Patch("2"), default))).IsConflict.ShouldBeTrue();
        Should.Throw<KubeRefusedException>(() => _api.Ask(api => api.MergeAsync(Resources.ConfigMaps, Ns, "nope", [], default))).Code.ShouldBe(HttpStatusCode.NotFound);

        JsonObject Patch(string value) => new() { ["metadata"] = new JsonObject { ["resourceVersion"] = version }, ["data"] = new JsonObject { ["k"] = value } };
    }

    [Fact]
    public void OnlyTheOneMeantIsDeleted()
    {
        _api.Post(_api.At("jobs"), JobFacts.Job("j", "\"suspend\":true,"));
        var uid = _api.Ask(api => api.GetAsync(Resources.Jobs, Ns, "j", default)).Metadata.Uid;

        Delete(NobodysUid).ShouldBeFalse();
        Delete(uid).ShouldBeTrue();
        _api.Ask(api => api.ObserveUntilAsync(Resources.Jobs, Ns, KubeQuery.Named("j"), TimeSpan.FromSeconds(20), jobs => jobs.ContainsKey(uid) ? null : "gone", default)).ShouldBe("gone");
        Delete(uid).ShouldBeFalse();

        bool Delete(string meant) => _api.Ask(api => api.DeleteAsync(Resources.Jobs, Ns, "j", meant, graceSeconds: null, default));
    }

    [Fact]
    public void APodIsDeletedTwiceWithTheSameGrace()
    {
        var pod = RunningPod("p");

        for (var i = 0; i < 2; i++)
        {
            _api.Ask(api => api.DeleteAsync(Resources.Pods, Ns, "p", pod.Metadata.Uid, graceSeconds: 300, default)).ShouldBeTrue();
        }

        _api.Ask(api => api.DeleteAsync(Resources.Pods, Ns, "p", pod.Metadata.Uid, graceSeconds: 0, default)).ShouldBeTrue();
        _api.Ask(api => api.FindAsync(Resources.Pods, Ns, "p", default)).ShouldBeNull();
    }

    [Fact]
    public void AnEvictionIsGrantedGoneOrRefused()
    {
        var pod = RunningPod("p");
        var another = pod with { Metadata = pod.Metadata with { Uid = NobodysUid } };
        var none = pod with { Metadata = pod.Metadata with { Name = "q" } };

        Evict(another).Outcome.ShouldBe(EvictionOutcome.Gone);
        Evict(none).Outcome.ShouldBe(EvictionOutcome.Gone);
        _api.AddBudget("b", "web", wanted: 1, healthy: 1);
        Evict(pod).ShouldBe(new EvictionAnswer(EvictionOutcome.BlockedByBudget, "Cannot evict pod as it would violate the pod's disruption budget."));
        _api.AddBudget("c", "web", wanted: 1, healthy: 1);
        Evict(pod).Outcome.ShouldBe(EvictionOutcome.Impossible);
        _api.Delete(_api.At("poddisruptionbudgets/b"));
        _api.Delete(_api.At("poddisruptionbudgets/c"));
        _api.Until(() => Evict(pod).Outcome == EvictionOutcome.Granted);
        Evict(pod).Outcome.ShouldBe(EvictionOutcome.Granted);

        EvictionAnswer Evict(Pod meant) => _api.Ask(api => api.EvictAsync(meant, 300, dryRun: false, default));
    }

    [Fact]
    public void WhatComesAndGoesUnderOneNameIsSeen()
    {
        List<string> seen = [];
        var uids = new List<string>();
        _api.Ask(api => api.ObserveUntilAsync(Maps, Ns, KubeQuery.Named("a"), TimeSpan.FromSeconds(30), maps =>
        {
            seen.Add(string.Join(' ', maps.Keys.Select(uid => uids.IndexOf(uid))));
            switch (seen.Count)
            {
                case 1 or 3:
                    uids.Add((string)_api.AddMap("a")["metadata.uid"]!);
                    break;
                case 2:
                    _api.Delete(_api.At("configmaps/a"));
                    break;
            }

            return seen.Count == 4 ? "seen" : null;
        }, default)).ShouldBe("seen");

        seen.ShouldBe(["", "0", "", "1"]);
    }

    [Fact]
    public void HealthIsAsked()
    {
        _api.Ask(api => api.ProbeAsync("readyz", default)).ShouldBeNull();
        _api.Ask(api => api.ProbeAsync("livez", default)).ShouldBeNull();
        _api.Ask(api => api.ProbeAsync("nonsense", default)).ShouldNotBeNull().ShouldContain("404");
    }

    private Pod RunningPod(string name)
    {
        _api.AddRunningPod(name, "web");
        return _api.Ask(api => api.GetAsync(Resources.Pods, Ns, name, default));
    }

    private static JsonObject Map() => new() { ["metadata"] = new JsonObject { ["name"] = "a" } };
}
