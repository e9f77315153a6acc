using Stepper.Cluster.Versions;
using Stepper.Simulation.Api;
using Stepper.Simulation.Nodes;

namespace Stepper.Scenarios.Tests.Chains;

/// <summary>A window that shuts while the chain goes, and opens again.</summary>
public sealed class WindowScenarios : ScenarioTests
{
    // The scenarios begin on a Sunday at noon, and a chain takes longer than that.
    private const string ForALittleWhile = "window: {open: ['Sun 11:00-12:15', 'Mon 02:00-06:00']}";

    [Fact]
    public void WhileItIsShutThePreflightRefusesAndNothingIsTouched()
    {
        var chain = Begin(settings: "window: {open: ['Sat 02:00-06:00'], freeze: ['2026-12-20..2027-01-03']}");
        chain.Start();
        chain.RunToRest();

        chain.Outcome("k8s-upgrade-preflight-1-34-7").ShouldBe("refused", chain.Telling());
        chain.WasTold("not begun. wait: the window is shut until 2026-11-28 02:00 UTC (by setting window.open)").ShouldBeTrue(chain.Telling());
        chain.InFlight.ShouldBeNull();
        chain.Cordons.ShouldBeEmpty();
    }

    [Fact]
    public void WhenItHasShutTheChainParksBetweenNodesAndSaysUntilWhen()
    {
        var chain = Parked();

        var last = chain.Jobs[^1];
        chain.Outcome(last.Name).ShouldBe("parked", chain.Telling());
        chain.Messages[^1].ShouldContain("Parked before worker k8s-node3: the window is shut until 2026-11-23 02:00 UTC (by setting window.open)");
        chain.Annotation("parked-until").ShouldBe("2026-11-23T02:00:00Z");
        chain.Gauge("k8s_upgrade_parked").ShouldBe(1);
        chain.Gauge("k8s_upgrade_in_flight").ShouldBe(1);
        chain.Kubelet(last.Node).ShouldBe("1.34.7");
        chain.Cordons.ShouldNotContain(change => change.Node == "k8s-node3");
    }

    [Fact]
    public void WhileItIsShutDetectionLeavesAParkedRunAloneAndAfterwardsItGoesOn()
    {
        var chain = Parked();
        var jobs = chain.Jobs.Count;
        chain.Pass(TimeSpan.FromHours(3));
        chain.Detect();
        chain.Line("left alone: the run 1.34.7/2026-11-22T12:00:00Z is parked: the window is shut until 2026-11-23 02:00 UTC");
        chain.Jobs.Count.ShouldBe(jobs);

        chain.Pass(TimeSpan.FromHours(12));
        chain.Detect();
        chain.RunToRest();
        chain.MustBeComplete();
        chain.Gauge("k8s_upgrade_parked").ShouldBe(0);
        chain.Jobs.Count(job => job.Node == "k8s-node4").ShouldBe(1);
    }

    [Fact]
    public void Incident53_TheFrozenTargetOfAParkedRunGoesBeforeAPatchThatCameOutMeanwhile()
    {
        var chain = Parked();
        chain.Cluster.Packages.Offer(new KubeVersion(1, 34, 8), chain.Now);
        chain.Pass(TimeSpan.FromHours(15));
        chain.Detect();
        chain.RunToRest();
        chain.MustBeComplete();
        chain.Jobs.ShouldAllBe(job => job.Name.Contains("1-34-7", StringComparison.Ordinal));

        chain.Pass(TimeSpan.FromDays(6.4));
        chain.Detect();
        chain.RunToRest();
        chain.Pass(TimeSpan.FromHours(14));
        chain.Detect();
        chain.RunToRest();
        chain.MustBeComplete("1.34.8");
    }

    // Were it parked, nobody would be told of it: the alerts leave parked runs out.
    [Fact]
    public void ARunThatHasStoppedIsNotParkedByTheShutWindowAndIsTakenUpWhenItOpens()
    {
        var chain = Begin(settings: ForALittleWhile);
        chain.Cluster.Node("k8s-node4").Script = new ScriptBehaviour { FailsAt = "kubelet", FailsTimes = 2 };
        chain.Start();
        chain.RunToRest();
        chain.Pass(TimeSpan.FromHours(1));
        chain.Detect();

        chain.Line("left alone: the run 1.34.7/2026-11-22T12:00:00Z has stopped, and is taken up again by the first detection in the window: the window is shut until 2026-11-23 02:00 UTC");
        chain.Annotation("parked-until").ShouldBeNull();
        chain.Gauge("k8s_upgrade_parked").ShouldBe(0);
        chain.Jobs.Count(job => job.Phase == "preflight").ShouldBe(1);

        chain.Pass(TimeSpan.FromHours(13));
        chain.Detect();
        chain.RunToRest();
        chain.MustBeComplete();
    }

    [Fact]
    public void AParkedRunWhoseWindowWasMovedIsParkedAnew()
    {
        var chain = Parked();
        chain.Cluster.Registry.Change(Kinds.Namespace, null, Scenario.Namespace, ns => ns["metadata"]!["annotations"]!["viktorbarzin.me/k8s-upgrade-parked-until"] = "2026-11-23T01:00:00Z");
        chain.Pass(TimeSpan.FromHours(3));
        chain.Detect();

        chain.Annotation("parked-until").ShouldBe("2026-11-23T02:00:00Z", chain.Telling());
        chain.Gauge("k8s_upgrade_parked").ShouldBe(1);
    }

    [Fact]
    public void AStepByHandGoesOnWhateverTheWindowSaysAndParksAfterItself()
    {
        var chain = Parked();
        chain.ByHand("--phase", "worker", "--node", "k8s-node3").ShouldBe(0, chain.Telling());

        chain.Kubelet("k8s-node3").ShouldBe("1.34.7");
        chain.Line("message: k8s-node3 went from 1.34.2 to 1.34.7. Parked before worker k8s-node2");
        chain.Annotation("parked-until").ShouldBe("2026-11-23T02:00:00Z");
    }

    [Fact]
    public void AStepByHandInTheOpenWindowTakesTheRunOutOfItsParking()
    {
        var chain = Parked();
        chain.Pass(TimeSpan.FromHours(14));
        chain.ByHand("--phase", "worker", "--node", "k8s-node3").ShouldBe(0, chain.Telling());
        chain.Annotation("parked-until").ShouldBeNull();
        chain.Gauge("k8s_upgrade_parked").ShouldBe(0);

        chain.RunToRest();
        chain.MustBeComplete();
    }

    [Fact]
    public void WhatIsKilledWhileItParksParksAgain()
    {
        var chain = Begin(settings: ForALittleWhile);
        chain.Start();
        chain.RunUntil(() => chain.Annotation("parked-until") is not null);
        chain.Kill(chain.Jobs[^1].Name);
        chain.RunToRest();

        chain.Outcome(chain.Jobs[^1].Name).ShouldBe("parked", chain.Telling());
        chain.Pass(TimeSpan.FromHours(14));
        chain.Detect();
        chain.RunToRest();
        chain.MustBeComplete();
    }

    // The last worker's step ends when it is shut: what is left only looks.
    [Fact]
    public void TheLastLookIsNotPutOff()
    {
        var chain = Begin(settings: "window: {open: ['Sun 11:00-13:00']}");
        chain.Start();
        chain.RunUntilSaid("k8s-node1 cordoned");
        chain.Now.TimeOfDay.ShouldBeLessThan(TimeSpan.FromHours(13));
        chain.RunToRest();

        chain.Now.TimeOfDay.ShouldBeGreaterThan(TimeSpan.FromHours(13));
        chain.MustBeComplete();
    }

    private Scenario Parked()
    {
        var chain = Begin(settings: ForALittleWhile);
        chain.Start();
        chain.RunToRest();
        return chain;
    }
}
