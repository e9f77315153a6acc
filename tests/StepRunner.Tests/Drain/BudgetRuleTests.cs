using Stepper.Cluster.Kubernetes.Objects;
using Stepper.StepRunner.Drain;

namespace Stepper.StepRunner.Tests.Drain;

public sealed class BudgetRuleTests
{
    private static readonly Pod Lone = Of("ReplicaSet", "apps/v1", ready: true);

    private static readonly PodDisruptionBudget OverOne = Budget(new BudgetStatus { ObservedGeneration = 3, ExpectedPods = 1, CurrentHealthy = 1, DesiredHealthy = 1 });

    public static TheoryData<string, PodDisruptionBudget> Budgets { get; } = new()
    {
        { "the budget covers 3 pods", Budget(OverOne.Status with { ExpectedPods = 3, CurrentHealthy = 3, DesiredHealthy = 3 }) },
        { "the budget covers 2 pods, and 1 of them not healthy", Budget(OverOne.Status with { ExpectedPods = 2, CurrentHealthy = 1 }) },
        { "the budget counts no pod, though it covers this one: its numbers are old, or of what it covers no controller has a number of replicas", Budget(OverOne.Status with { ExpectedPods = 0 }) },
        { "the budget needs no healthy pod", Budget(OverOne.Status with { DesiredHealthy = 0 }) },
        { "the budget allows an eviction now", Budget(OverOne.Status with { DisruptionsAllowed = 1 }) },
        { "the budget was changed and not counted again yet", Budget(OverOne.Status with { ObservedGeneration = 2 }) },
        { "Kubernetes can't count what the budget covers: found no controllers for pod \"web\"", Budget(OverOne.Status with { Conditions = [new Condition { Type = "DisruptionAllowed", Status = "False", Reason = "SyncFailed", Message = "found no controllers for pod \"web\"" }] }) },
        { "the eviction of web-2 is still under way", Budget(OverOne.Status with { DisruptedPods = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal) { ["web-2"] = default } }) },
    };

    [Fact]
    public void NothingSpeaksAgainstItForABudgetOverTheOneHealthyPodOfAReplicaSet() => Against(Lone, OverOne).ShouldBeNull();

    [Theory]
    [MemberData(nameof(Budgets))]
    public void ABudgetThatWaitingMayHelpIsNotPushed(string because, PodDisruptionBudget budget) => Against(Lone, budget).ShouldBe(because);

    [Fact]
    public void ADegradedPodIsNotPushed() => Against(Of("ReplicaSet", "apps/v1", ready: false), OverOne).ShouldBe("the pod is not Ready");

    [Theory]
    [InlineData("StatefulSet", "apps/v1")]
    [InlineData("Cluster", "postgresql.example.org/v1")]
    [InlineData("ReplicaSet", "apps.example.org/v1")]
    [InlineData("Job", "batch/v1")]
    public void APodThatIsNotAReplicaSetsIsNotPushed(string kind, string apiVersion) =>
        Against(Of(kind, apiVersion, ready: true), OverOne).ShouldBe($"the pod is of {kind} web, and only a ReplicaSet is sure to start another elsewhere");

    [Fact]
    public void APodThatStandsAloneIsNotPushed() =>
        Against(Lone with { Metadata = new ObjectMeta() }, OverOne).ShouldBe("nothing would start the pod again");

    [Fact]
    public void TwoBudgetsAreNotPushed() =>
        Against(Lone, OverOne, OverOne).ShouldBe("Kubernetes evicts no pod that is under 2 budgets: one of them has to go");

    [Fact]
    public void WhereTheBudgetIsGoneTheEvictionIsAskedForAgain() => Against(Lone).ShouldBe("no budget was found that selects it");

    [Fact]
    public void NoBudgetIsPushedWhereAllAreToBeWaitedFor() =>
        BudgetRule.Against(BudgetMode.Wait, Lone, [OverOne]).ShouldBe("no budget is to be pushed");

    [Theory]
    [MemberData(nameof(Budgets))]
    public void ForcePushesEveryBudget(string _, PodDisruptionBudget budget) =>
        BudgetRule.Against(BudgetMode.Force, Of("StatefulSet", "apps/v1", ready: false), [budget, OverOne]).ShouldBeNull();

    [Fact]
    public void ForceDoesNotDeleteWhatNoBudgetBlocks() => BudgetRule.Against(BudgetMode.Force, Lone, []).ShouldNotBeNull();

    private static string? Against(Pod pod, params IReadOnlyList<PodDisruptionBudget> budgets) => BudgetRule.Against(BudgetMode.Unstick, pod, budgets);

    private static PodDisruptionBudget Budget(BudgetStatus status) => new() { Metadata = new ObjectMeta { Name = "web", Generation = 3 }, Status = status };

    private static Pod Of(string kind, string apiVersion, bool ready) => new()
    {
        Metadata = new ObjectMeta { OwnerReferences = [new OwnerReference { ApiVersion = apiVersion, Kind = kind, Name = "web", Uid = "owner-1", Controller = true }] },
        Status = new PodStatus { Phase = "Running", Conditions = [new Condition { Type = "Ready", Status = ready ? "True" : "False" }] },
    };
}
