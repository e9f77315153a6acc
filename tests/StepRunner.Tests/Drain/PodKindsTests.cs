using System.Text.Json.Nodes;
using Stepper.StepRunner.Drain;

namespace Stepper.StepRunner.Tests.Drain;

/// <summary>What a drain does with each kind of pod, asked of the API server, and what its report says of it.</summary>
public sealed class PodKindsTests
{
    private const string Net = "00000000-0000-0000-0000-0000000000d5";

    private readonly DrainedNode _node = new();

    /// <summary>Kind of pod, the pod, what becomes of it, how often its eviction is asked for, and what is said of it.</summary>
    public static TheoryData<string, string, string, int, string> Kinds { get; } = new()
    {
        { "of a ReplicaSet", """{}""", nameof(PodOutcome.Evicted), 1, "" },
        { "of a StatefulSet", Owned("apps/v1", "StatefulSet"), nameof(PodOutcome.Evicted), 1, "" },
        { "of a Job that runs", Owned("batch/v1", "Job"), nameof(PodOutcome.Evicted), 1, "" },
        { "of a kind that nobody knows", Owned("postgresql.example.org/v1", "Cluster"), nameof(PodOutcome.Evicted), 1, "" },
        { "bare", """{"metadata": {"ownerReferences": null}}""", nameof(PodOutcome.Evicted), 1, "stands alone, nothing starts it again" },
        { "owned but not controlled", """{"metadata": {"ownerReferences": [{"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "net", "uid": "ds"}]}}""", nameof(PodOutcome.Evicted), 1, "stands alone, nothing starts it again" },
        { "with an emptyDir", """{"spec": {"volumes": [{"name": "scratch", "emptyDir": {}}]}}""", nameof(PodOutcome.Evicted), 1, "" },
        { "Pending on the node", """{"status": {"phase": "Pending", "conditions": null}}""", nameof(PodOutcome.Evicted), 1, "" },
        { "not Ready", """{"status": {"conditions": [{"type": "Ready", "status": "False"}]}}""", nameof(PodOutcome.Evicted), 1, "" },
        { "of a DaemonSet", Owned("apps/v1", "DaemonSet", "net", Net), nameof(PodOutcome.LeftDaemonSet), 0, "" },
        { "of another group's DaemonSet", Owned("apps.example.org/v1", "DaemonSet"), nameof(PodOutcome.LeftDaemonSet), 0, "" },
        { "of a DaemonSet that is gone", Owned("apps/v1", "DaemonSet", "old"), nameof(PodOutcome.Evicted), 1, "its DaemonSet old is gone" },
        { "of a DaemonSet that was made anew", Owned("apps/v1", "DaemonSet", "net", "the-one-before"), nameof(PodOutcome.Evicted), 1, "its DaemonSet net is gone" },
        { "finished, of a DaemonSet that is gone", With(Owned("apps/v1", "DaemonSet", "old"), """{"status": {"phase": "Failed"}}"""), nameof(PodOutcome.LeftFinished), 0, "" },
        { "mirror", """{"metadata": {"annotations": {"kubernetes.io/config.mirror": "4f2a"}}}""", nameof(PodOutcome.LeftMirror), 0, "" },
        { "Succeeded", With(Owned("batch/v1", "Job"), """{"status": {"phase": "Succeeded"}}"""), nameof(PodOutcome.LeftFinished), 0, "" },
        { "Failed", """{"status": {"phase": "Failed"}}""", nameof(PodOutcome.LeftFinished), 0, "" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void EachKindOfPodHasItsEnd(string kind, string pod, string outcome, int evictions, string said)
    {
        _node.AddDaemonSet("net", Net, "shop");
        _node.Add("pod", made => Merge(made, JsonNode.Parse(pod)!.AsObject()));

        var report = _node.Drain();

        report.Pods.ShouldHaveSingleItem().ShouldBe(new PodEnd("shop/pod", Enum.Parse<PodOutcome>(outcome), said), kind);
        report.IsDrained.ShouldBeTrue(kind);
        _node.Asked("create", "pods", "eviction").Count().ShouldBe(evictions, kind);
        _node.Asked("delete", "pods").ShouldBeEmpty(kind);
        _node.Names.Any().ShouldBe(evictions == 0, kind);
    }

    [Theory]
    [InlineData("apps/v1", "ReplicaSet")]
    [InlineData("apps/v1", "DaemonSet")]
    public void WhatIsEndingAlreadyIsWaitedForAndNotEvicted(string version, string kind)
    {
        _node.StopsAfter = TimeSpan.FromSeconds(20);
        _node.Add("going", pod => pod.Owned(kind, "gone", apiVersion: version));
        _node.Delete("going");

        var report = _node.Drain();

        report.Pods.ShouldHaveSingleItem().ShouldBe(new PodEnd("shop/going", PodOutcome.GoneByItself, "was being ended already"));
        _node.Asked("create", "pods", "eviction").ShouldBeEmpty();
        _node.Passed.ShouldBeInRange(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(21));
    }

    [Fact]
    public void WhatAFinalizerHoldsIsEvictedOnceWaitedForAndReportedUntilItIsLetGo()
    {
        _node.Add("held", pod => Merge(pod, JsonNode.Parse("""{"metadata": {"finalizers": ["example.org/keep"]}}""")!.AsObject()));
        _node.At(TimeSpan.FromMinutes(7), () => _node.Change("held", pod => pod["metadata"]!.AsObject().Remove("finalizers")));

        var report = _node.Drain();

        report.Of(PodOutcome.Evicted).ShouldHaveSingleItem().Name.ShouldBe("shop/held");
        _node.Asked("create", "pods", "eviction").ShouldHaveSingleItem();
        _node.Said.ShouldContain("60 node3: shop/held: should have been gone 60 s ago and is held by the finalizer example.org/keep");
        _node.Passed.ShouldBeInRange(TimeSpan.FromMinutes(7), TimeSpan.FromMinutes(7.1));
    }

    [Fact]
    public void WhatComesPastTheCordonIsEvictedToo()
    {
        _node.StopsAfter = TimeSpan.FromSeconds(40);
        _node.Add("web");
        _node.At(TimeSpan.FromSeconds(20), () => _node.Add("pinned"));

        var report = _node.Drain();

        report.Of(PodOutcome.Evicted).ShouldHaveSingleItem().Name.ShouldBe("shop/web");
        report.Of(PodOutcome.EvictedLate).ShouldHaveSingleItem().Name.ShouldBe("shop/pinned");
        _node.Said[0].ShouldBe("30 node3: gone 0, ending 2, blocked 0, come past the cordon 1");
        report.InWords().ShouldContain("\ncome during the drain, past the cordon, and evicted (1): shop/pinned");
    }

    [Fact]
    public void ItsOwnPodIsNeverEvictedNorAnythingElseBesideIt()
    {
        _node.Add("web");
        _node.Add("me");

        var report = _node.Drain(DrainedNode.Options with { OwnPod = "shop/me" });

        report.IsDrained.ShouldBeFalse();
        report.InWords().ShouldContain("shop/me: is the pod that drains, so nothing on this node was evicted");
        _node.Asked("create", "pods", "eviction").ShouldBeEmpty();
    }

    private static string Owned(string version, string kind, string name = "owner", string uid = "owner-1") =>
        $$"""{"metadata": {"ownerReferences": [{"apiVersion": "{{version}}", "kind": "{{kind}}", "name": "{{name}}", "uid": "{{uid}}", "controller": true}]} }""";

    private static string With(string pod, string more)
    {
        var both = JsonNode.Parse(pod)!.AsObject();
        Merge(both, JsonNode.Parse(more)!.AsObject());
        return both.ToJsonString();
    }

    private static void Merge(JsonObject into, JsonObject from)
    {
        foreach (var (name, value) in from)
        {
            if (value is JsonObject below && into[name] is JsonObject there)
            {
                Merge(there, below);
            }
            else
            {
                into[name] = value?.DeepClone();
            }
        }
    }
}
