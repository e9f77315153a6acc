namespace Stepper.Scenarios.Tests.Incidents;

/// <summary>What was taken and not given back, or given back where it was not the chain's.</summary>
public sealed class GiveBackIncidents : ScenarioTests
{
    private const string Master = "k8s-upgrade-master-1-34-7";
    private const string Quiesce = "quiesce: [default/web]\n";

    [Theory]
    [InlineData("detection")]
    [InlineData("by hand")]
    public void Incident17_WhateverRunsNextGivesTheQuiescedBackItsOwnCount(string next)
    {
        var chain = Begin(settings: Quiesce);
        chain.Start();
        chain.RunUntilSaid("script: apply");
        chain.Kill(Master);
        chain.RunUntilSaid("master: target 1.34.7");
        chain.Kill(Master);
        chain.RunToRest();
        chain.HasFailed(Master).ShouldBeTrue(chain.Telling());
        chain.Pass(TimeSpan.FromMinutes(30));
        chain.Cluster.Node("k8s-master").RunningScript.ShouldBeNull();
        chain.Replicas("default", "web").ShouldBe(0);

        if (next == "detection")
        {
            chain.Detect();
        }
        else
        {
            chain.ByHand("--phase", "master").ShouldBe(0, chain.Telling());
        }

        chain.RunUntil(() => chain.Said("given back its 3 replicas"));
        chain.Replicas("default", "web").ShouldBe(3);
        chain.RunToRest();
        chain.MustBeComplete();
        chain.Replicas("default", "web").ShouldBe(3);
    }

    [Fact]
    public void Incident17_ARetryRemembersTheFormerCountAndNotTheZeroThatItFinds()
    {
        var chain = Begin(settings: Quiesce);
        chain.Cluster.Node("k8s-master").Script = chain.Cluster.Node("k8s-master").Script with { FailsAt = "apply", FailsTimes = 1 };
        chain.Start();
        chain.RunUntilSaid("script: apply");
        chain.Kill(Master);
        chain.RunToRest();
        chain.HasFailed(Master).ShouldBeTrue(chain.Telling());
        chain.Replicas("default", "web").ShouldBe(3);

        chain.Pass(TimeSpan.FromMinutes(30));
        chain.Detect();
        chain.RunToRest();
        chain.MustBeComplete();
        chain.Replicas("default", "web").ShouldBe(3);
    }

    [Fact]
    public void Incident28_ANodeThatAPersonHadCordonedIsUpgradedAndStaysCordoned()
    {
        var chain = Begin();
        chain.Cordon("k8s-node3");
        chain.Start();
        chain.RunUntilSaid("k8s-node4 soaks: 4 min left");
        chain.Cordon("k8s-node2");
        chain.RunToRest();

        chain.MustBeComplete();
        chain.IsCordoned("k8s-node3").ShouldBeTrue();
        chain.IsCordoned("k8s-node2").ShouldBeTrue();
        chain.IsCordoned("k8s-node4").ShouldBeFalse();
        chain.Cordons.Count(change => change.Node is "k8s-node2" or "k8s-node3").ShouldBe(2, "nobody touched them after the person");
        chain.Said("k8s-node3 is cordoned by someone, and is left so").ShouldBeTrue();
    }

    [Theory]
    [InlineData("source")]
    [InlineData("kubeadm")]
    public void Incident29_AnAbortBeforeAnythingWasInstalledUncordons(string stage)
    {
        var chain = Begin();
        chain.Cluster.Node("k8s-node4").Script = chain.Cluster.Node("k8s-node4").Script with { FailsAt = stage };
        chain.Start();
        chain.RunToRest();

        chain.HasFailed(Scenario.Worker("k8s-node4")).ShouldBeTrue(chain.Telling());
        chain.IsCordoned("k8s-node4").ShouldBeFalse();
        Scenario.IsHeldByChain(chain.Node("k8s-node4")).ShouldBeFalse();
        chain.WasTold("k8s-node4 is as it was before: its packages are untouched").ShouldBeTrue(chain.Telling());
        chain.Cluster.Node("k8s-node4").IsHeld.ShouldBeTrue();
    }

    [Fact]
    public void Incident29_AnAbortAfterThatLeavesItCordonedOnPurposeAndSaysSo()
    {
        var chain = Begin();
        chain.Cluster.Node("k8s-node4").Script = chain.Cluster.Node("k8s-node4").Script with { FailsAt = "kubelet" };
        chain.Start();
        chain.RunToRest();

        chain.HasFailed(Scenario.Worker("k8s-node4")).ShouldBeTrue(chain.Telling());
        chain.IsCordoned("k8s-node4").ShouldBeTrue();
        chain.WasTold("k8s-node4 stays cordoned on purpose: its packages were changed (kubeadm 1.34.7-1.1, kubelet 1.34.2-1.1").ShouldBeTrue(chain.Telling());
        chain.WasTold("stepper --phase worker --node k8s-node4").ShouldBeTrue();
        chain.Jobs.ShouldNotContain(job => job.Node == "k8s-node3");
    }
}
