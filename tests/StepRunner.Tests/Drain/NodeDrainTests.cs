using System.Text.Json.Nodes;
using Stepper.StepRunner.Drain;

namespace Stepper.StepRunner.Tests.Drain;

public sealed class NodeDrainTests
{
    private readonly DrainedNode _node = new();

    [Fact]
    public void WhatMustStayIsLeftAndAllElseIsEvictedAndGone()
    {
        var net = _node.AddDaemonSet("net");
        _node.Add("etcd-node3", pod => pod["metadata"]!["annotations"] = new JsonObject { ["kubernetes.io/config.mirror"] = "4f2a" }, "kube-system");
        _node.Add("net-x", pod => pod.Owned("DaemonSet", "net", net), "kube-system");
        _node.Add("old-agent-x", pod => pod.Owned("DaemonSet", "old-agent"), "kube-system");
        _node.Add("shell", pod => pod.Alone());
        _node.Add("web-1");
        _node.Add("db-0", pod => pod.Owned("StatefulSet", "db"));
        _node.Add("import-x", pod => pod.Owned("Job", "import", apiVersion: "batch/v1"));
        _node.Add("cache", pod => pod["spec"]!["volumes"] = JsonNode.Parse("""[{"name": "scratch", "emptyDir": {}}]"""));
        _node.Add("preflight-x", pod => pod.Phase("Succeeded"), "k8s-upgrade");
        _node.Add("crashed", pod => pod.Phase("Failed"));
        _node.Add("going");
        _node.Delete("going");

        var report = _node.Drain();

        _node.Names.ShouldBe(["preflight-x", "etcd-node3", "net-x", "crashed"]);
        _node.Asked("list", "daemonsets").ShouldHaveSingleItem();
        report.IsDrained.ShouldBeTrue();
        report.InWords().ShouldBe(
            """
            node3 is drained after 1 s: gone 7, left on purpose 4
            evicted (6): kube-system/old-agent-x: its DaemonSet old-agent is gone; shop/cache; shop/db-0; shop/import-x; shop/shell: stands alone, nothing starts it again; shop/web-1
            gone by themselves (1): shop/going: was being ended already
            left, finished before (2): k8s-upgrade/preflight-x; shop/crashed
            left, of a DaemonSet (1): kube-system/net-x
            left, static (1): kube-system/etcd-node3
            """);
    }

    [Fact]
    public void ManyAreEvictedAtATimeAndNothingIsPolled()
    {
        AddMany(100);

        _node.Drain().Of(PodOutcome.Evicted).Count.ShouldBe(100);

        _node.MostEvictionsAtOnce.ShouldBe(16);
        _node.Passed.ShouldBeLessThan(TimeSpan.FromSeconds(1.3));
        _node.Asked("create", "pods", "eviction").Count().ShouldBe(100);
        _node.Calls.Count.ShouldBe(102);
    }

    [Fact]
    public void APodMayTakeTheGraceOfTheDrainOrItsOwnIfThatIsLonger()
    {
        _node.StopsAfter = TimeSpan.FromMinutes(9);
        _node.Add("short");
        _node.Add("long", pod => pod["spec"]!["terminationGracePeriodSeconds"] = 600);
        List<int> graces = [];
        _node.At(TimeSpan.FromMinutes(1), () =>
        {
            graces.Add((int)_node.Find("short")!["metadata"]!["deletionGracePeriodSeconds"]!);
            graces.Add((int)_node.Find("long")!["metadata"]!["deletionGracePeriodSeconds"]!);
        });

        _node.Drain();

        graces.ShouldBe([300, 600]);
    }

    [Fact]
    public void EachTenPodsThatAreGoneAreAMilestone()
    {
        List<int> told = [];
        AddMany(35);

        _node.Drain(milestone: gone =>
        {
            told.Add(gone);
            return Task.CompletedTask;
        });

        told.ShouldBe([10, 20, 30]);
    }

    [Fact]
    public void AMilestoneThatTakesLongHoldsNothingUpAndIsOneCallAtATime()
    {
        List<int> begun = [];
        var told = new TaskCompletionSource();
        _node.At(TimeSpan.FromSeconds(20), told.SetResult);
        AddMany(50);
        var allGone = TimeSpan.Zero;
        _node.At(TimeSpan.FromSeconds(10), () => allGone = _node.Names.Any() ? TimeSpan.MaxValue : _node.Passed);

        _node.Drain(milestone: gone =>
        {
            begun.Add(gone);
            return told.Task;
        });

        allGone.ShouldBe(TimeSpan.FromSeconds(10));
        begun.ShouldBe([10, 50]);
        _node.Passed.ShouldBe(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void APodThatLandsDuringTheDrainIsEvictedToo()
    {
        _node.StopsAfter = TimeSpan.FromMinutes(1);
        _node.Add("web-1");
        _node.At(TimeSpan.FromSeconds(50), () => _node.Add("web-2"));

        var report = _node.Drain();

        report.Of(PodOutcome.Evicted).ShouldHaveSingleItem().Name.ShouldBe("shop/web-1");
        report.Of(PodOutcome.EvictedLate).ShouldHaveSingleItem().Name.ShouldBe("shop/web-2");
        _node.Passed.ShouldBeGreaterThan(TimeSpan.FromSeconds(110));
    }

    [Fact]
    public void ToldToStopItEndsAtOnceAndLeavesNothingBehind()
    {
        AddMany(40);
        _node.AddBudget("pdb", """{"matchLabels": {"app": "web-10"}}""", pods: 2, healthy: 1, needed: 1);
        using var stop = new CancellationTokenSource();
        _node.At(TimeSpan.FromSeconds(90.015), stop.Cancel);

        Should.Throw<OperationCanceledException>(() => _node.Drain(ct: stop.Token));

        _node.Passed.ShouldBe(TimeSpan.FromSeconds(90.015));
        _node.Said[^1].ShouldStartWith("90 the drain was stopped: node3 is not drained after 90 s: still there 1, gone 39, left on purpose 0; still there (1): shop/web-10: has been blocked for 90 s by budget pdb ");
        _node.Said[^1].ShouldContain("; evicted (39): shop/web-11; ");
        var calls = _node.Calls.Count;
        _node.Pass(TimeSpan.FromHours(1));
        _node.Threads.ShouldBe([Environment.CurrentManagedThreadId]);
        _node.Calls.Count.ShouldBe(calls);
    }

    [Fact]
    public void StoppedBetweenAnEvictionAndItsAnswerItSaysWhatItDoesNotKnow()
    {
        _node.StopsAfter = TimeSpan.FromMinutes(2);
        AddMany(18);
        using var stop = new CancellationTokenSource();
        // The list is there after 20 ms, and the first sixteen requests are under way.
        _node.At(TimeSpan.FromSeconds(0.035), stop.Cancel);

        Should.Throw<OperationCanceledException>(() => _node.Drain(ct: stop.Token));

        _node.Said.ShouldHaveSingleItem().ShouldContain("still there (18): shop/web-10: its eviction was asked for and is not answered yet; ");
        _node.Said[0].ShouldEndWith("shop/web-26: has not been evicted yet; shop/web-27: has not been evicted yet");
    }

    [Fact]
    public void WhatIsEndingIsNotEvictedAgainByTheNextTry()
    {
        _node.StopsAfter = TimeSpan.FromMinutes(2);
        AddMany(18);
        using var stop = new CancellationTokenSource();
        _node.At(TimeSpan.FromSeconds(30), stop.Cancel);
        Should.Throw<OperationCanceledException>(() => _node.Drain(ct: stop.Token));

        _node.Drain().Of(PodOutcome.GoneByItself).Count.ShouldBe(18);

        _node.Asked("create", "pods", "eviction").Count().ShouldBe(18);
    }

    [Fact]
    public void RunAgainAfterAnInterruptionItGoesOn()
    {
        _node.StopsAfter = TimeSpan.FromMinutes(2);
        _node.Add("web-1");
        using var stop = new CancellationTokenSource();
        _node.At(TimeSpan.FromSeconds(30), stop.Cancel);
        Should.Throw<OperationCanceledException>(() => _node.Drain(ct: stop.Token));
        _node.Add("web-2");

        var report = _node.Drain();

        report.Of(PodOutcome.GoneByItself).ShouldBe([new PodEnd("shop/web-1", PodOutcome.GoneByItself, "was being ended already")]);
        report.Of(PodOutcome.Evicted).ShouldHaveSingleItem().Name.ShouldBe("shop/web-2");
    }

    [Fact]
    public void AnApiServerThatIsAwayForMinutesIsRiddenOut()
    {
        _node.StopsAfter = TimeSpan.FromSeconds(20);
        AddMany(40);
        _node.At(TimeSpan.FromSeconds(0.05), () =>
        {
            _node.Server.Faults.IsDown = true;
            _node.Server.Faults.CloseWatches();
        });
        _node.At(TimeSpan.FromMinutes(3), () => _node.Server.Faults.IsDown = false);

        _node.Drain().IsDrained.ShouldBeTrue();

        _node.Said.ShouldContain(line => line.Contains("the API server answers again", StringComparison.Ordinal));
    }

    [Fact]
    public void AWatchThatHasForgottenMissesNoDeletion()
    {
        _node.StopsAfter = TimeSpan.FromSeconds(20);
        AddMany(20);
        _node.At(TimeSpan.FromSeconds(19), () =>
        {
            _node.Server.Faults.ForgetHistory();
            _node.Server.Faults.CloseWatches();
        });

        _node.Drain().Of(PodOutcome.Evicted).Count.ShouldBe(20);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AWatchThatIsLostAtAnyMomentMissesNoDeletion(bool isForgotten)
    {
        for (var moment = TimeSpan.FromMilliseconds(5); moment < TimeSpan.FromSeconds(3); moment += TimeSpan.FromMilliseconds(95))
        {
            var node = new DrainedNode();
            for (var i = 10; i < 50; i++)
            {
                node.Add($"web-{i}");
            }

            node.At(moment, () =>
            {
                if (isForgotten)
                {
                    node.Server.Faults.ForgetHistory();
                }

                node.Server.Faults.CloseWatches();
                // Gone while nobody watches, and another of its name there by the time that somebody does.
                node.Replace("web-10");
            });

            var report = node.Drain();

            report.IsDrained.ShouldBeTrue($"{moment}");
            node.Names.ShouldBeEmpty($"{moment}");
            report.Pods.Count(pod => pod.Outcome is PodOutcome.Evicted or PodOutcome.EvictedLate or PodOutcome.GoneByItself).ShouldBeInRange(40, 41, $"{moment}");
            node.Passed.ShouldBeLessThan(TimeSpan.FromSeconds(8), $"{moment}");
        }
    }

    [Fact]
    public void APodThatDoesNotEndIsNamedWhenTheTimeIsOver()
    {
        _node.Add("kept", pod => pod["metadata"]!["finalizers"] = new JsonArray("example.org/keep"));

        var report = _node.Drain();

        _node.Passed.ShouldBe(TimeSpan.FromMinutes(30));
        report.IsDrained.ShouldBeFalse();
        report.InWords().ShouldBe(
            """
            node3 is not drained after 30 min: still there 1, gone 0, left on purpose 0
            still there (1): shop/kept: should have been gone 30 min ago and is held by the finalizer example.org/keep
            """);
    }

    [Fact]
    public void NothingIsAskedForOnTheNodeThatTheDrainItselfRunsOn()
    {
        AddMany(5);
        _node.Add("k8s-upgrade-worker-x", ns: "k8s-upgrade");

        var report = _node.Drain(DrainedNode.Options with { OwnPod = "k8s-upgrade/k8s-upgrade-worker-x" });

        report.IsDrained.ShouldBeFalse();
        _node.Asked("create", "pods", "eviction").ShouldBeEmpty();
    }

    private void AddMany(int count)
    {
        for (var i = 10; i < count + 10; i++)
        {
            _node.Add($"web-{i}");
        }
    }
}
