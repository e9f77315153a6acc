using System.Text.Json;
using System.Text.Json.Nodes;
using Stepper.Cluster.Kubernetes;
using Stepper.StepRunner.Drain;

namespace Stepper.StepRunner.Tests.Drain;

public sealed class PodFiltersTests
{
    private static readonly DrainFacts Facts = new(new HashSet<string>(StringComparer.Ordinal) { "ds-1" }, OwnPod: "k8s-upgrade/runner");

    [Theory]
    [InlineData("bare", """{"metadata":{}}""", "stands alone, nothing starts it again")]
    [InlineData("a ReplicaSet's", """{"metadata":{"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-1","uid":"rs-1","controller":true}]}}""", "")]
    [InlineData("a Job's", """{"metadata":{"ownerReferences":[{"apiVersion":"batch/v1","kind":"Job","name":"import","uid":"j-1","controller":true}]},"status":{"phase":"Running"}}""", "")]
    [InlineData("a StatefulSet's", """{"metadata":{"ownerReferences":[{"apiVersion":"apps/v1","kind":"StatefulSet","name":"db","uid":"ss-1","controller":true}]}}""", "")]
    [InlineData("with an emptyDir", """{"metadata":{},"spec":{"volumes":[{"name":"scratch","emptyDir":{}}]}}""", "stands alone, nothing starts it again")]
    [InlineData("Pending", """{"metadata":{},"status":{"phase":"Pending"}}""", "stands alone, nothing starts it again")]
    [InlineData("its DaemonSet is gone", """{"metadata":{"ownerReferences":[{"apiVersion":"apps/v1","kind":"DaemonSet","name":"old","uid":"ds-0","controller":true}]}}""", "its DaemonSet old is gone")]
    [InlineData("of a kind that nobody knows", """{"metadata":{"ownerReferences":[{"apiVersion":"example.org/v1","kind":"Cluster","name":"db","uid":"c-1","controller":true}]}}""", "")]
    [InlineData("a DaemonSet owns it but does not control it", """{"metadata":{"ownerReferences":[{"apiVersion":"apps/v1","kind":"DaemonSet","name":"net","uid":"ds-1"}]}}""", "stands alone, nothing starts it again")]
    public void ItIsEvicted(string which, string pod, string reason) => Decide(pod).ShouldBe(new PodDecision(PodFate.Evict, reason), which);

    [Theory]
    [InlineData(nameof(PodFate.LeaveMirror), """{"metadata":{"annotations":{"kubernetes.io/config.mirror":"4f2a"},"ownerReferences":[{"apiVersion":"v1","kind":"Node","name":"node3","uid":"n-3","controller":true}]}}""")]
    [InlineData(nameof(PodFate.LeaveMirror), """{"metadata":{"annotations":{"kubernetes.io/config.mirror":""}},"status":{"phase":"Failed"}}""")]
    [InlineData(nameof(PodFate.LeaveDaemonSet), """{"metadata":{"ownerReferences":[{"apiVersion":"apps/v1","kind":"DaemonSet","name":"net","uid":"ds-1","controller":true}]}}""")]
    [InlineData(nameof(PodFate.LeaveDaemonSet), """{"metadata":{"ownerReferences":[{"apiVersion":"apps/v1","kind":"DaemonSet","name":"net","uid":"ds-1","controller":true}],"deletionTimestamp":"2026-11-22T12:00:00Z"}}""")]
    [InlineData(nameof(PodFate.LeaveDaemonSet), """{"metadata":{"ownerReferences":[{"apiVersion":"apps.example.org/v1","kind":"DaemonSet","name":"net","uid":"other-1","controller":true}]}}""")]
    [InlineData(nameof(PodFate.LeaveFinished), """{"metadata":{"ownerReferences":[{"apiVersion":"batch/v1","kind":"Job","name":"import","uid":"j-1","controller":true}]},"status":{"phase":"Succeeded"}}""")]
    [InlineData(nameof(PodFate.LeaveFinished), """{"metadata":{"ownerReferences":[{"apiVersion":"apps/v1","kind":"DaemonSet","name":"old","uid":"ds-0","controller":true}]},"status":{"phase":"Failed"}}""")]
    [InlineData(nameof(PodFate.LeaveFinished), """{"metadata":{},"status":{"phase":"Failed"}}""")]
    [InlineData(nameof(PodFate.LeaveFinished), """{"metadata":{"deletionTimestamp":"2026-11-22T12:00:00Z","finalizers":["example.org/keep"]},"status":{"phase":"Failed"}}""")]
    public void ItIsLeft(string fate, string pod) => Decide(pod).ShouldBe(new PodDecision(Enum.Parse<PodFate>(fate), ""));

    [Theory]
    [InlineData("bare", """{"metadata":{"deletionTimestamp":"2026-11-22T12:00:00Z"},"status":{"phase":"Running"}}""")]
    [InlineData("a Job's", """{"metadata":{"deletionTimestamp":"2026-11-22T12:00:00Z","ownerReferences":[{"apiVersion":"batch/v1","kind":"Job","name":"import","uid":"j-1","controller":true}]}}""")]
    [InlineData("its DaemonSet is gone", """{"metadata":{"deletionTimestamp":"2026-11-22T12:00:00Z","ownerReferences":[{"apiVersion":"apps/v1","kind":"DaemonSet","name":"old","uid":"ds-0","controller":true}]}}""")]
    public void WhatIsBeingEndedAlreadyIsOnlyWaitedFor(string which, string pod) => Decide(pod).Fate.ShouldBe(PodFate.Await, which);

    [Fact]
    public void ThePodThatDrainsForbidsItAll() =>
        Decide("""{"metadata":{"namespace":"k8s-upgrade","name":"runner"}}""").Fate.ShouldBe(PodFate.Forbid);

    [Fact]
    public void APodOfTheSameNameInAnotherNamespaceIsNotTheOneThatDrains() =>
        Decide("""{"metadata":{"namespace":"default","name":"runner"}}""").Fate.ShouldBe(PodFate.Evict);

    private static PodDecision Decide(string pod)
    {
        var whole = JsonNode.Parse(pod)!.AsObject();
        whole["spec"] ??= new JsonObject();
        whole["status"] ??= new JsonObject { ["phase"] = "Running" };
        return PodFilters.Decide(whole.Deserialize(Resources.Pods.Json)!, Facts);
    }
}
