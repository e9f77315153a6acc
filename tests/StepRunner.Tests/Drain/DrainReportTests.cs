using Stepper.StepRunner.Drain;

namespace Stepper.StepRunner.Tests.Drain;

public sealed class DrainReportTests
{
    [Fact]
    public void ItSaysOfEachKindHowManyAndAtMostTenNames()
    {
        var report = new DrainReport("node3", TimeSpan.FromSeconds(95),
        [
            .. Enumerable.Range(10, 12).Select(i => new PodEnd($"default/web-{i}", PodOutcome.Evicted, "")),
            new PodEnd("default/shell", PodOutcome.Evicted, "stands alone, nothing starts it again"),
            new PodEnd("k8s-upgrade/preflight", PodOutcome.LeftFinished, ""),
            new PodEnd("kube-system/net", PodOutcome.LeftDaemonSet, ""),
        ]);

        report.IsDrained.ShouldBeTrue();
        report.InWords().ShouldBe(
            """
            node3 is drained after 95 s: gone 13, left on purpose 2
            evicted (13): default/web-10; default/web-11; default/web-12; default/web-13; default/web-14; default/web-15; default/web-16; default/web-17; default/web-18; default/web-19; and 3 more
            left, finished before (1): k8s-upgrade/preflight
            left, of a DaemonSet (1): kube-system/net
            """);
    }

    [Fact]
    public void WhatIsStillThereComesFirstAndWithItsReason()
    {
        var report = new DrainReport("node3", TimeSpan.FromMinutes(30),
        [
            new PodEnd("default/web", PodOutcome.Evicted, ""),
            new PodEnd("shop/db-0", PodOutcome.Stuck, "has been blocked for 30 min by budget db (pods 3, healthy 2, needed 2, may go 0)"),
        ]);

        report.IsDrained.ShouldBeFalse();
        report.InWords().ShouldBe(
            """
            node3 is not drained after 30 min: still there 1, gone 1, left on purpose 0
            still there (1): shop/db-0: has been blocked for 30 min by budget db (pods 3, healthy 2, needed 2, may go 0)
            evicted (1): default/web
            """);
    }
}
