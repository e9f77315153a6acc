using Stepper.Cluster.Kubernetes.Objects;
using Stepper.StepRunner.Drain;

namespace Stepper.StepRunner.Tests.Drain;

public sealed class DrainStateTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly DrainFacts Facts = new(new HashSet<string>(StringComparer.Ordinal), OwnPod: "k8s-upgrade/me");

    // What speaks against a push.
    private const string? Hopeless = null;
    private const string Needed = "the pod is needed";

    private readonly DrainState _state = new("node3", Start);

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
        Refuse(0, Web("a"), Needed);

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
            Refuse(second, Web("a"), Hopeless).IsPushed.ShouldBeFalse();
        }

        Refuse(30, Web("a"), Hopeless).IsPushed.ShouldBeTrue();
        _state.TakeDue(16, At(30)).ShouldHaveSingleItem();
    }

    [Fact]
    public void The30SecondsBeginAnewAfterALookThatWasNotSo()
    {
        See(0, Web("a"));
        Refuse(0, Web("a"), Hopeless);
        Refuse(25, Web("a"), Needed);

        Refuse(30, Web("a"), Hopeless).IsPushed.ShouldBeFalse();
        Refuse(55, Web("a"), Hopeless).IsPushed.ShouldBeFalse();
        Refuse(60, Web("a"), Hopeless).IsPushed.ShouldBeTrue();
    }

    [Fact]
    public void WhatADeletedPodWasBlockedByStandsInTheReport()
    {
        See(0, Web("a"));
        Refuse(0, Web("a"), Hopeless);
        Refuse(30, Web("a"), Hopeless);

        Answer(30, Web("a"), AnswerKind.Deleted).ShouldBe(
            "shop/a was deleted past its budget: budget pdb would not have let it go, and ReplicaSet web starts another");
        See(31);
        End().ShouldBe(new PodEnd("shop/a", PodOutcome.DeletedPastBudget,
            "budget pdb would not have let it go, and ReplicaSet web starts another"));
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
        Refuse(0, Web("a"), Needed);
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

        Answer(0, Web("a"), AnswerKind.Refused, "one of them has to go").ShouldBe("shop/a has been blocked for 0 s by budget pdb; waited for, because one of them has to go");
        _state.Take(new PodAnswer(Web("a"), AnswerKind.Refused, "budget pdb, whose numbers have changed", "one of them has to go"), At(5)).ShouldBeNull();
    }

    [Fact]
    public void APushThatWasNotAnsweredIsJudgedAnewAndIsAPushIfThePodIsGone()
    {
        See(0, Web("a"));
        Refuse(0, Web("a"), Hopeless);
        Refuse(30, Web("a"), Hopeless);

        Answer(40, Web("a"), AnswerKind.Unanswered).ShouldNotBeNull();

        _state.TakeDue(16, At(45)).ShouldHaveSingleItem().IsPushed.ShouldBeFalse();
        See(46);
        Answer(46, Web("a"), AnswerKind.NotThere);
        End().Outcome.ShouldBe(PodOutcome.DeletedPastBudget);
    }

    [Fact]
    public void ABlockedPodThatSomebodyElseEndsIsBlockedNoMore()
    {
        See(0, Web("a"));
        Refuse(0, Web("a"), Needed);
        See(3, Ending(Web("a"), "Running"));

        _state.InWords(At(30)).ShouldBe(["gone 0, ending 1, blocked 0"]);
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
            Answer(0, pod, AnswerKind.Blocked, Needed);
        }

        var lines = _state.InWords(At(30));

        lines.Count.ShouldBe(12);
        lines[0].ShouldBe("gone 0, ending 1, blocked 12");
        lines[1].ShouldBe("shop/web-0 has been blocked for 30 s by budget pdb; waited for, because the pod is needed");
        lines[11].ShouldBe("and 2 more are blocked");
    }

    [Theory]
    [InlineData("is being ended and has 60 s more for it", 60)]
    [InlineData("should have been gone 60 s ago: its kubelet has not ended it", 180)]
    [InlineData("should have been gone 60 s ago and is held by the finalizer example.org/keep", 180, "Failed", "example.org/keep")]
    [InlineData("should have been gone 60 s ago: its kubelet has not ended it", 180, "Running", "example.org/keep")]
    public void ItSaysWhyAPodThatIsBeingEndedIsStillThere(string reason, int second, string phase = "Running", params string[] finalizers)
    {
        var pod = Ending(Web("a"), "Running");
        See(0, pod);
        See(1, pod with { Metadata = pod.Metadata with { Finalizers = finalizers }, Status = pod.Status with { Phase = phase } });

        _state.Report(At(second)).Pods.ShouldHaveSingleItem().ShouldBe(new PodEnd("shop/a", PodOutcome.Stuck, reason));
    }

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

    private string? Answer(int second, Pod pod, AnswerKind kind, string? against = null) =>
        _state.Take(new PodAnswer(pod, kind, "budget pdb", against), At(second));

    /// <summary>Asks for all that is due, and has one pod's eviction refused by its budget.</summary>
    private DrainedPod Refuse(int second, Pod pod, string? against)
    {
        var asked = _state.TakeDue(16, At(second)).Single(due => due.Name == pod.FullName());
        Answer(second, pod, AnswerKind.Blocked, against);
        return asked;
    }

    private PodEnd End() => _state.Report(At(60)).Pods.ShouldHaveSingleItem();
}
