using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;
using Stepper.Simulation.Api;
using Stepper.Simulation.Nodes;
using Stepper.Simulation.Printed;

namespace Stepper.Scenarios.Tests.Incidents;

/// <summary>What went wrong on a node: kubeadm, its packages, its disk, the way there.</summary>
public sealed class NodeIncidents : ScenarioTests
{
    private const string Master = "k8s-upgrade-master-1-34-7";
    private const string Preflight = "k8s-upgrade-preflight-1-34-7";

    [Fact]
    public void Incident15_APlanIsAskedForTheTargetAndAMinorGoesThrough()
    {
        // What kubeadm offers by itself is never the next minor; asked for it, it has a plan.
        Recording.Of("kubeadm/v1.34/plan-untargeted").Text.ShouldNotContain("1.35");
        Recording.Of("kubeadm/v1.34/plan-next-minor").Text.ShouldContain("kubeadm upgrade apply v1.35.0");
        var chain = Begin();
        chain.Cluster.Packages.Offer(new KubeVersion(1, 35, 1), chain.Now.AddDays(-30));

        chain.Start("1.35.1");
        chain.RunToRest();

        chain.MustBeComplete("1.35.1");
        chain.Cluster.Node("k8s-master").Scripts[^1].Log.ShouldContain("kubeadm upgrade apply v1.35.1");
    }

    [Fact]
    public void Incident18_AnAbortOverAStaticPodsHashSaysWhichAndWhy()
    {
        var timedOut = Recording.Of("kubeadm/v1.34/apply-hash-timeout");
        var chain = Begin();
        chain.Cluster.Node("k8s-master").Script = new ScriptBehaviour
        {
            FailsAt = "apply",
            FailsWith = timedOut.Text + "update_k8s.sh: kubeadm upgrade apply v1.34.7 -y timed out on a static pod 3 times.",
        };
        chain.Start();
        chain.RunToRest();

        chain.HasFailed(Master).ShouldBeTrue(chain.Telling());
        chain.WasTold("static Pod hash for component kube-apiserver on Node k8s-master did not change after 5m0s").ShouldBeTrue(chain.Telling());
        chain.Jobs.ShouldNotContain(job => job.Phase == "worker");
    }

    [Fact]
    public void Incident19_WhatIsSetForCoreDnsReachesKubeadmAndNothingElseIsIgnored()
    {
        var chain = Begin(settings: "kubeadm: {ignorePreflightErrors: [CoreDNSUnsupportedPlugins], skipPhases: [addon/coredns], patches: /etc/kubernetes/patches}\n");
        chain.Start();
        chain.RunToRest();

        chain.MustBeComplete();
        foreach (var script in chain.Cluster.Nodes.SelectMany(node => node.Scripts).Select(run => run.Script))
        {
            script.IgnorePreflightErrors.ShouldBe(["CoreDNSUnsupportedPlugins"]);
            script.SkipPhases.ShouldBe(["addon/coredns"]);
            script.Patches.ShouldBe("/etc/kubernetes/patches");
        }
    }

    [Theory]
    [InlineData("all")]
    [InlineData("Swap, ALL")]
    public void Incident19_IgnoringAllChecksIsRefusedBeforeAnythingIsTouched(string errors)
    {
        var chain = Begin(settings: $"kubeadm: {{ignorePreflightErrors: [{errors}]}}\n");

        chain.ByHand("start", "--target", Scenario.Target).ShouldBe(2);

        chain.Errors.ShouldContain("not \"all\"");
        chain.Jobs.ShouldBeEmpty();
    }

    [Fact]
    public void Incident21_OldKubeadmScratchIsPrunedOnTheControlPlaneAndTheNewStays()
    {
        var chain = Begin();
        var scratch = chain.Cluster.Node("k8s-master").KubeadmScratch;
        foreach (var day in Enumerable.Range(1, 145))
        {
            scratch.Add(chain.Now.AddDays(-day));
        }

        chain.Start();
        chain.RunUntilSaid($"Job {Master} made");

        scratch.Count.ShouldBe(2);
        chain.RunToRest();
        chain.MustBeComplete();
    }

    [Fact]
    public void Incident21_ADiskThatOldScratchHasFilledStopsThePreflightByName()
    {
        var chain = Begin();
        var master = chain.Cluster.Node("k8s-master");
        foreach (var hour in Enumerable.Range(1, 145))
        {
            master.KubeadmScratch.Add(chain.Now.AddHours(-hour));
        }

        master.Disks[0].FreeBytes = master.ScratchBytes + (1L << 30);
        chain.Start();
        chain.RunToRest();

        chain.HasFailed("k8s-upgrade-preflight-1-34-7").ShouldBeTrue(chain.Telling());
        chain.WasTold(
            "ABORT: Nothing was changed. act now: k8s-master (1.0 GiB free, 2.8 GiB needed; kubeadm's old copies under /etc/kubernetes/tmp take 56.6 GiB): / has too little room for the upgrade")
            .ShouldBeTrue(chain.Telling());
        chain.Cordons.ShouldBeEmpty();
        chain.InFlight.ShouldBeNull();
        master.KubeadmScratch.Count.ShouldBe(145);

        master.KubeadmScratch.Clear();
        chain.Detect();
        chain.RunToRest();
        chain.MustBeComplete();
    }

    [Fact]
    public void Incident22_AnEtcdOnASlowDiskStopsThePreflight()
    {
        var chain = Begin();
        chain.Cluster.Node("k8s-master").Etcd.IsSlow = true;
        chain.Start();
        chain.RunToRest();

        chain.HasFailed(Preflight).ShouldBeTrue(chain.Telling());
        chain.WasTold("etcd on k8s-master is slow: 12 of its last 12 writes of its log to the disk, within 3 s, took longer than 0.5 s").ShouldBeTrue(chain.Telling());
        chain.InFlight.ShouldBeNull(chain.Telling());
        chain.Cordons.ShouldBeEmpty();
    }

    [Fact]
    public void Incident22_ADiskThatBecomesSlowAfterThePreflightKeepsTheControlPlaneFromBeingTouched()
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid($"Job {Master} made");
        chain.Cluster.Node("k8s-master").Etcd.IsSlow = true;
        chain.RunToRest();

        chain.HasFailed(Master).ShouldBeTrue(chain.Telling());
        chain.WasTold("Waited 10 min for etcd to be whole; still ").ShouldBeTrue(chain.Telling());
        chain.WasTold("k8s-master was not touched").ShouldBeTrue(chain.Telling());
        chain.Cordons.ShouldBeEmpty();
        chain.Cluster.Node("k8s-master").Scripts.ShouldBeEmpty();

        chain.Cluster.Node("k8s-master").Etcd.IsSlow = false;
        chain.Pass(TimeSpan.FromHours(1));
        chain.Detect();
        chain.RunToRest();
        chain.MustBeComplete();
    }

    [Fact]
    public void Incident24_ASurveyThatCannotBeReadIsNoFitNode()
    {
        var chain = Begin();
        chain.Cluster.Node("k8s-node2").IsGarbled = true;

        chain.Start();
        chain.RunToRest();

        chain.HasFailed("k8s-upgrade-preflight-1-34-7").ShouldBeTrue(chain.Telling());
        chain.WasTold("when it was surveyed, which can't be read").ShouldBeTrue(chain.Telling());
        chain.Cordons.ShouldBeEmpty();
        chain.InFlight.ShouldBeNull();
    }

    [Fact]
    public void Incident36_AControlPlaneNodeIsNotBegunBeforeTheMemberThatIsAwayHasRejoined()
    {
        var chain = Begin();
        // Members of two other control-plane nodes, whose machines are not looked at here.
        var others = chain.Cluster.Node("k8s-master").Etcd.Others;
        others["k8s-master2"] = others["k8s-master3"] = true;
        chain.Start();
        chain.RunUntilSaid($"Job {Master} made");
        others["k8s-master3"] = false;
        chain.RunUntilSaid("waiting for etcd to be whole: etcd's member k8s-master3 (https://k8s-master3:2379) is not healthy");
        chain.Pass(TimeSpan.FromMinutes(4));
        chain.Cordons.ShouldBeEmpty(chain.Telling());

        others["k8s-master3"] = true;
        var rejoined = chain.Now;
        chain.RunToRest();

        chain.Cordons[0].Node.ShouldBe("k8s-master");
        chain.Cordons[0].Time.ShouldBeGreaterThan(rejoined);
        chain.MustBeComplete();
    }

    [Fact]
    public void Incident24_ATimeThatCannotBeReadIsNoQuietNode()
    {
        var chain = Begin();
        chain.Cluster.Registry.Change(Kinds.Node, null, "k8s-node2", node =>
            node["status"]!["conditions"]!.AsArray().Single(condition => (string)condition!["type"]! == "Ready")!.AsObject().Remove("lastTransitionTime"));

        chain.ByHand("start", "--target", Scenario.Target);
        chain.RunToRest();

        chain.Cordons.ShouldBeEmpty(chain.Telling());
        chain.InFlight.ShouldBeNull(chain.Telling());
        chain.WasTold("since when k8s-node2 is as it is can't be read from its Ready condition").ShouldBeTrue(chain.Telling());
        chain.Jobs.ShouldAllBe(job => job.Phase == "preflight" && chain.HasFailed(job.Name));
    }

    [Fact]
    public void Incident30_ARetryAttachesToTheKubeadmThatGoesOnWithoutItsConnection()
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid("script: apply");
        chain.Cluster.DropsSsh = name => name == "k8s-master";
        chain.Pass(TimeSpan.FromSeconds(30));
        chain.Cluster.DropsSsh = _ => false;
        chain.Kill(Master);
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Cluster.Node("k8s-master").Scripts.Count.ShouldBe(1, "one run of the node script, and one kubeadm in it");
        chain.Cluster.Node("k8s-master").Scripts[0].Log.Split("[upgrade/preflight] You have chosen").Length.ShouldBe(2);
    }

    [Theory]
    [InlineData("kubeadm")]
    [InlineData("apply")]
    [InlineData("kubelet")]
    [InlineData("hold")]
    [InlineData("restart")]
    public void Incident39_WhereverTheScriptFailsThePackagesAreHeld(string stage)
    {
        var chain = Begin();
        chain.Cluster.Node("k8s-master").Script = new ScriptBehaviour { FailsAt = stage };
        chain.Start();
        chain.RunToRest();

        chain.HasFailed(Master).ShouldBeTrue(chain.Telling());
        chain.Cluster.Node("k8s-master").Held.ShouldBeSubsetOf(NodeInspection.KubernetesPackages);
        chain.Cluster.Node("k8s-master").IsHeld.ShouldBeTrue();
    }

    [Fact]
    public void APlanThatCannotBeMadeStopsThePreflightInKubeadmsWords()
    {
        var chain = Begin();
        chain.Cluster.Node("k8s-master").WantsManualUpgrade = true;
        chain.Start();
        chain.RunToRest();

        chain.HasFailed(Preflight).ShouldBeTrue(chain.Telling());
        chain.WasTold("you may have to do manual conversion to \"kubelet.config.k8s.io/v1beta1\"").ShouldBeTrue(chain.Telling());
        chain.Cordons.ShouldBeEmpty();
    }
}
