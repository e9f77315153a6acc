using Stepper.Cluster.Kubernetes.Objects;
using Stepper.StepRunner.Drain;

namespace Stepper.StepRunner.Tests.Drain;

public sealed class DrainStateTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly DrainFacts Facts = new(new HashSet<string>(StringComparer.Ordinal), OwnPod: "k8s-upgrade/me");

    private readonly DrainState _state = new("node3", new DrainOptions(TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(5), BudgetMode.Unstick, 16), Start);

    [Fact]
    public void NothingIsOverBeforeThePodsWereSeen()
    {
        _state.IsOver.ShouldBeFalse();

        See(0);

        _state.IsOver.ShouldBeTrue();
    }

    [Fact]
    public void SoManyAreAskedForAtATimeAndWhoWaitedLongestFirst()
    {
        See(0, Web("a"), Web("b"));
        See(1, Web("a"), Web("b"), Web("0"));

        _state.TakeDue(2, At(1)).Select(pod => pod.Name).ShouldBe(["shop/a", "shop/b"]);
        _state.TakeDue(2, At(1)).Select(pod => pod.Name).ShouldBe(["shop/0"]);
        _state.TakeDue(2, At(1)).ShouldBeEmpty();
    }

    [Fact]
    public void ABlockedPodIsAskedForAgainAfter5Seconds()
    {
        See(0, Web("a"));
        Refuse(0, Web("a"), OverMany);

        _state.NextAsk.ShouldBe(At(5));
        _state.TakeDue(16, At(4)).ShouldBeEmpty();
        _state.TakeDue(16, At(5)).ShouldHaveSingleItem().IsPushed.ShouldBeFalse();
    }

    [Fact]
    public void AHopelessBlockIsPushedWhenItWasSeenSoFor30Seconds()
    {
        See(0, Web("a"));
        for (var second = 0; second < 30; second += 5)
        {
            Refuse(second, Web("a"), OverOne).IsPushed.ShouldBeFalse();
        }

        Refuse(30, Web("a"), OverOne).IsPushed.ShouldBeTrue();
        _state.TakeDue(16, At(30)).ShouldHaveSingleItem();
    }

    [Fact]
    public void The30SecondsBeginAnewAfterALookThatWasNotSo()
    {
        See(0, Web("a"));
        Refuse(0, Web("a"), OverOne);
        Refuse(25, Web("a"), OverMany);

        Refuse(30, Web("a"), OverOne).IsPushed.ShouldBeFalse();
        Refuse(55, Web("a"), OverOne).IsPushed.ShouldBeFalse();
        Refuse(60, Web("a"), OverOne).IsPushed.ShouldBeTrue();
    }

    [Fact]
    public void ThePodThatIsJudgedIsThePodAsItIsNow()
    {
        See(0, Web("a"));
        Refuse(0, Web("a"), OverOne);
        See(29, Web("a") with { Status = new PodStatus { Phase = "Running" } });

        Refuse(30, Web("a"), OverOne).IsPushed.ShouldBeFalse();
    }

    [Fact]
    public void WhatADeletedPodWasBlockedByStandsInTheReport()
    {
        See(0, Web("a"));
        Refuse(0, Web("a"), OverOne);
        Refuse(30, Web("a"), OverOne);

        Answer(30, Web("a"), AnswerKind.Deleted).ShouldBe(
            "shop/a was deleted past its budget: budget pdb (pods 1, healthy 1, needed 1, may go 0) would not have let it go, and ReplicaSet web starts another");
        See(31);
        End().ShouldBe(new PodEnd("shop/a", PodOutcome.DeletedPastBudget,
            "budget pdb (pods 1, healthy 1, needed 1, may go 0) would not have let it go, and ReplicaSet web starts another"));
    }

    [Fact]
    public void AnEvictionThatIsAnsweredAfterThePodIsGoneWasAnEviction()
    {
        See(0, Web("a"));
        _state.TakeDue(16, At(0));
        See(1);
        _state.IsOver.ShouldBeFalse();

        Answer(2, Web("a"), AnswerKind.Evicted);

        _state.IsOver.ShouldBeTrue();
        End().Outcome.ShouldBe(PodOutcome.Evicted);
    }

    [Fact]
    public void AnEvictedPodIsWaitedForAlsoWhenItHasFinishedOnItsWayOut()
    {
        See(0, Web("a"));
        _state.TakeDue(16, At(0));
        Answer(0, Web("a"), AnswerKind.Evicted);
        See(5, Ending(Web("a"), "Failed"));

        _state.IsOver.ShouldBeFalse();
        See(6);
        _state.IsOver.ShouldBeTrue();
    }

    [Fact]
    public void APodWithTheNameOfOneThatIsGoneIsAnotherPod()
    {
        See(0, Web("a"));
        _state.TakeDue(16, At(0));
        Answer(0, Web("a"), AnswerKind.Evicted);
        See(1, Web("a", uid: "another"));

        _state.Gone.ShouldBe(1);
        _state.TakeDue(16, At(1)).ShouldHaveSingleItem().Pod.Metadata.Uid.ShouldBe("another");
    }

    [Fact]
    public void APodThatFinishesWhileItIsBlockedIsLeft()
    {
        See(0, Web("a"));
        Refuse(0, Web("a"), OverMany);
        See(3, Web("a") with { Status = new PodStatus { Phase = "Succeeded" } });

        _state.IsOver.ShouldBeTrue();
        End().ShouldBe(new PodEnd("shop/a", PodOutcome.LeftFinished, ""));
    }

    [Fact]
    public void APodThatTheServerIsNotSureOfIsAskedForAgain()
    {
        See(0, Web("a"));
        _state.TakeDue(16, At(0));
        Answer(0, Web("a"), AnswerKind.NotThere);

        _state.IsOver.ShouldBeFalse();
        _state.NextAsk.ShouldBe(At(5));
    }

    [Fact]
    public void WhatIsRefusedForGoodIsSaidAtOnceAndOnce()
    {
        See(0, Web("a"));

        Answer(0, Web("a"), AnswerKind.Refused, "This pod has more than one PodDisruptionBudget", OverOne, OverMany).ShouldBe(
            "shop/a has been blocked for 0 s by budget pdb (pods 1, healthy 1, needed 1, may go 0) and budget pdb (pods 3, healthy 2, needed 2, may go 0); "
            + "waited for, because Kubernetes evicts no pod that is under 2 budgets: one of them has to go");
        Answer(5, Web("a"), AnswerKind.Refused, "This pod has more than one PodDisruptionBudget", OverOne, OverMany).ShouldBeNull();
    }

    [Fact]
    public void NothingIsEvictedFromTheNodeThatTheDrainItselfRunsOn()
    {
        See(0, Web("a"), Web("me", ns: "k8s-upgrade"));

        _state.TakeDue(16, At(0)).ShouldBeEmpty();
        _state.IsOver.ShouldBeTrue();
        _state.Report(At(0)).Of(PodOutcome.Stuck).ShouldContain(new PodEnd("k8s-upgrade/me", PodOutcome.Stuck, "is the pod that drains, so nothing on this node was evicted"));
    }

    [Fact]
    public void AtMostTenBlockedPodsAreNamed()
    {
        Pod[] pods = [.. Enumerable.Range(0, 12).Select(i => Web($"web-{i}"))];
        See(0, [.. pods, Ending(Web("old"), "Running")]);
        _state.TakeDue(16, At(0));
        foreach (var pod in pods)
        {
            Answer(0, pod, AnswerKind.Blocked, "", OverMany);
        }

        var lines = _state.InWords(At(30));

        lines.Count.ShouldBe(12);
        lines[0].ShouldBe("gone 0, ending 1, blocked 12");
        lines[1].ShouldBe("shop/web-0 has been blocked for 30 s by budget pdb (pods 3, healthy 2, needed 2, may go 0); "
            + "waited for, because the budget covers 3 pods, and 1 of them not healthy");
        lines[11].ShouldBe("and 2 more are blocked");
    }

    [Theory]
    [InlineData("is being ended and has 60 s more for it", 60)]
    [InlineData("should have been gone 60 s ago: its kubelet has not ended it", 180)]
    [InlineData("should have been gone 60 s ago and is held by the finalizer example.org/keep", 180, "example.org/keep")]
    public void ItSaysWhyAPodThatIsBeingEndedIsStillThere(string reason, int second, params string[] finalizers)
    {
        var pod = Ending(Web("a"), "Running");
        See(0, pod with { Metadata = pod.Metadata with { Finalizers = finalizers } });

        _state.Report(At(second)).Pods.ShouldHaveSingleItem().ShouldBe(new PodEnd("shop/a", PodOutcome.Stuck, reason));
    }

    private static PodDisruptionBudget OverOne { get; } = Budget(new BudgetStatus { ExpectedPods = 1, CurrentHealthy = 1, DesiredHealthy = 1 });

    private static PodDisruptionBudget OverMany { get; } = Budget(new BudgetStatus { ExpectedPods = 3, CurrentHealthy = 2, DesiredHealthy = 2 });

    private static PodDisruptionBudget Budget(BudgetStatus status) => new() { Metadata = new ObjectMeta { Name = "pdb" }, Status = status };

    private static Pod Web(string name, string? uid = null, string ns = "shop") => new()
    {
        Metadata = new ObjectMeta
        {
            Namespace = ns,
            Name = name,
            Uid = uid ?? "uid-" + name,
            OwnerReferences = [new OwnerReference { ApiVersion = "apps/v1", Kind = "ReplicaSet", Name = "web", Uid = "rs", Controller = true }],
        },
        Status = new PodStatus { Phase = "Running", Conditions = [new Condition { Type = "Ready", Status = "True" }] },
    };

    // By 12:02 it is to be gone.
    private static Pod Ending(Pod pod, string phase) =>
        pod with { Metadata = pod.Metadata with { DeletionTimestamp = At(120) }, Status = pod.Status with { Phase = phase } };

    private static DateTimeOffset At(int second) => Start.AddSeconds(second);

    private void See(int second, params Pod[] pods) =>
        _state.See(pods.ToDictionary(pod => pod.Metadata.Uid, StringComparer.Ordinal), Facts, At(second));

    private string? Answer(int second, Pod pod, AnswerKind kind, string message = "", params IReadOnlyList<PodDisruptionBudget> budgets) =>
        _state.Take(new PodAnswer(pod, kind, message, budgets), At(second));

    private DrainedPod Refuse(int second, Pod pod, PodDisruptionBudget budget)
    {
        var asked = _state.TakeDue(16, At(second)).Single(due => due.Name == pod.FullName());
        Answer(second, pod, AnswerKind.Blocked, "", budget);
        return asked;
    }

    private PodEnd End() => _state.Report(At(60)).Pods.ShouldHaveSingleItem();
}
