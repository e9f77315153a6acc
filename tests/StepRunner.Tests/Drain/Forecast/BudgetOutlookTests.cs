using Stepper.StepRunner.Drain;
using Stepper.StepRunner.Drain.Forecast;

namespace Stepper.StepRunner.Tests.Drain.Forecast;

public sealed class BudgetOutlookTests
{
    [Theory]
    [InlineData(3, 3, 2, 1, "LetsGo", 1, "")]
    [InlineData(1, 1, 1, 0, "Never", 0, "it needs 1 healthy and there are only 1 when all of them are")]
    [InlineData(3, 3, 3, 0, "Never", 0, "it needs 3 healthy and there are only 3 when all of them are")]
    [InlineData(2, 2, 5, 0, "Never", 0, "it needs 5 healthy and there are only 2 when all of them are")]
    [InlineData(2, 1, 1, 0, "NotNow", 0, "1 more of its pods must be healthy first")]
    [InlineData(5, 1, 3, 0, "NotNow", 0, "3 more of its pods must be healthy first")]
    [InlineData(3, 3, 2, 0, "NotNow", 0, "its numbers have yet to follow its pods")]
    [InlineData(0, 0, 0, 0, "NotNow", 0, "it counts no pods")]
    public void TheNumbersOfABudgetSayWhetherItLetsGo(int pods, int healthy, int needed, int mayGo, string answer, int atOnce, string why)
    {
        var outlook = Of(Foreseen.Budget(pods, healthy, needed, mayGo));

        (outlook.Answer.ToString(), outlook.AtOnce, outlook.Why).ShouldBe((answer, atOnce, why));
    }

    [Fact]
    public void ABudgetThatIsNotCountedAgainYetRefusesWhateverItsNumbers() =>
        Of(Foreseen.Budget(3, 3, 2, 1, isCounted: false)).ShouldBe(new BudgetOutlook(BudgetAnswer.NotNow, 0, "it was changed and not counted again yet"));

    [Fact]
    public void ABudgetWhosePodsCannotBeCountedNeverLetsGo() =>
        Of(Foreseen.Budget(0, 0, 0, 0, isCounted: false, notCounted: "jobs.batch does not implement the scale subresource"))
            .ShouldBe(new BudgetOutlook(BudgetAnswer.Never, 0, "its pods can't be counted: jobs.batch does not implement the scale subresource"));

    [Fact]
    public void APodUnderTwoBudgetsIsNeverEvictedHoweverMuchTheyAllow() =>
        BudgetOutlook.Of(Foreseen.Pod("a").AsPod(), [Foreseen.Budget(3, 3, 1, 2), Foreseen.Budget(3, 3, 1, 2, name: "other")])
            .ShouldBe(new BudgetOutlook(BudgetAnswer.Impossible, 0, "Kubernetes evicts no pod that is under 2 budgets: one of them has to go"));

    [Theory]
    [InlineData(null, 2, true)]
    [InlineData(null, 1, false)]
    [InlineData("IfHealthyBudget", 1, false)]
    [InlineData("AlwaysAllow", 1, true)]
    public void APodThatIsNotReadyGoesWhenTheBudgetIsMetOrDoesNotMind(string? policy, int healthy, bool goes) =>
        (BudgetOutlook.Of(Foreseen.Pod("a", isReady: false).AsPod(), [Foreseen.Budget(3, healthy, 2, 0, unhealthy: policy)]).Answer == BudgetAnswer.LetsGo).ShouldBe(goes);

    [Theory]
    [InlineData("Pending")]
    [InlineData("Failed")]
    public void APodThatDoesNotRunIsUnderNoBudget(string phase) =>
        BudgetOutlook.Of(Foreseen.Pod("a", phase: phase, isReady: false).AsPod(), [Foreseen.Budget(1, 1, 1, 0), Foreseen.Budget(1, 1, 1, 0, name: "other")]).Answer.ShouldBe(BudgetAnswer.LetsGo);

    [Fact]
    public void OfPodsOnOneNodeThoseBeyondWhatMayGoHaveToWait()
    {
        var picture = Foreseen.Picture([Foreseen.Node("node1")], [Foreseen.Pod("a"), Foreseen.Pod("b"), Foreseen.Pod("c")], Foreseen.Budget(5, 5, 4, 1));

        BudgetGroup.Of(picture.On("node1")).ShouldHaveSingleItem().Blocked.ShouldBe(2);
    }

    [Theory]
    [InlineData("ReplicaSet/web", BudgetMode.Unstick, 1, "the drain deletes it past the budget")]
    [InlineData("ReplicaSet/web", BudgetMode.Wait, 1, "the drain would wait for it in vain, because no budget is to be pushed")]
    [InlineData("StatefulSet/web", BudgetMode.Unstick, 1, "the drain would wait for it in vain, because the pod is of StatefulSet web, and only a ReplicaSet is sure to start another elsewhere")]
    [InlineData("ReplicaSet/web", BudgetMode.Unstick, 2, "the drain waits for it, because the budget covers 2 pods, and 1 of them not healthy")]
    internal void WhatTheDrainThenDoesIsByItsOwnRule(string owner, BudgetMode mode, int pods, string does)
    {
        var picture = Foreseen.Picture([Foreseen.Node("node1")], [Foreseen.Pod("a", owner: owner)], Foreseen.Budget(pods, 1, 1, 0));

        BudgetGroup.Of(picture.On("node1")).ShouldHaveSingleItem().WhatTheDrainDoes(mode).ShouldBe(does);
    }

    private static BudgetOutlook Of(Stepper.Cluster.Kubernetes.Objects.PodDisruptionBudget budget) => BudgetOutlook.Of(Foreseen.Pod("a").AsPod(), [budget]);
}
