using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Nodes;
using Stepper.Simulation.Processes;

namespace Stepper.Scenarios.Tests.Incidents;

/// <summary>What went wrong when a step, its host or the API server went away in the middle.</summary>
public sealed class InterruptionIncidents : ScenarioTests
{
    [Theory]
    [InlineData("k8s-node4 cordoned")]
    [InlineData("script: node")]
    [InlineData("k8s-node4 is Ready at")]
    [InlineData("k8s-node4 soaks: 4 min left")]
    public void Incident31_AStepWhosePodIsEvictedStillSpawnsItsSuccessorOnce(string moment)
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid(moment);
        chain.Evict(Scenario.Worker("k8s-node4"));
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Pods.Count(pod => pod.Node == "k8s-node4").ShouldBe(2);
        chain.Jobs.GroupBy(job => job.Name, StringComparer.Ordinal).ShouldAllBe(made => made.Count() == 1);
        chain.Cluster.Node("k8s-node4").Scripts.Count.ShouldBe(1);
    }

    [Fact]
    public void Incident32_TheApiServersAbsenceInItsOwnUpgradeIsRiddenOut()
    {
        var chain = Begin();
        chain.Cluster.Node("k8s-master").Script = chain.Cluster.Node("k8s-master").Script with
        {
            ApiServerAway = TimeSpan.FromMinutes(2),
            Durations = new Dictionary<string, TimeSpan>(StringComparer.Ordinal) { ["apply"] = TimeSpan.FromMinutes(5) },
        };
        chain.Start();
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Pods.Count(pod => pod.Node == "k8s-master").ShouldBe(1);
    }

    [Theory]
    [InlineData("is in flight")]
    [InlineData("k8s-node3 cordoned")]
    [InlineData("script: kubelet")]
    [InlineData("k8s-node4 soaks: 5 min left")]
    [InlineData("Job k8s-upgrade-worker-1-34-7-k8s-node4 made")]
    public void Incident32_TwoMinutesWithoutAnApiServerAreRiddenOutAnywhere(string moment)
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid(moment);
        chain.Cluster.TakeApiAway(TimeSpan.FromMinutes(2));
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Pods.GroupBy(pod => pod.Job, StringComparer.Ordinal).ShouldAllBe(pods => pods.Count() == 1);
    }

    [Fact]
    public void Incident30_TheNextTrySaysThatItFollowsTheScriptOfTheOneBeforeIt()
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid("script: node");
        chain.Kill(Scenario.Worker("k8s-node4"));
        chain.RunToRest();

        chain.Line("k8s-node4 is cordoned since an earlier try");
        chain.Line("k8s-node4: the node script of an earlier try still runs, and is followed");
        chain.Cluster.Node("k8s-node4").Scripts.Count.ShouldBe(1, chain.Telling());
        chain.MustBeComplete();
    }

    [Fact]
    public void Incident30_TheNextTryWaitsForANodeWhoseConnectionIsStillGone()
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid("script: node");
        chain.Cluster.Node("k8s-node4").Ssh = SshState.Unreachable;
        chain.Cluster.Time.After(TimeSpan.FromMinutes(4), () => chain.Cluster.Node("k8s-node4").Ssh = SshState.Reachable);
        chain.Kill(Scenario.Worker("k8s-node4"));
        chain.RunToRest();

        chain.HasFailed(Scenario.Worker("k8s-node4")).ShouldBeFalse(chain.Telling());
        chain.Cluster.Node("k8s-node4").Scripts.Count.ShouldBe(1, chain.Telling());
        chain.MustBeComplete();
    }

    [Fact]
    public void ANodeThatIsAwayWhileItsScriptRunsIsSpokenOfEachHalfMinuteAndWhenItIsBack()
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid("script: node");
        chain.Cluster.Node("k8s-node4").Ssh = SshState.Unreachable;
        chain.Cluster.Time.After(TimeSpan.FromMinutes(4), () => chain.Cluster.Node("k8s-node4").Ssh = SshState.Reachable);
        chain.RunToRest();

        chain.Story.Count(line => line.Text.StartsWith("k8s-node4 has not been reached for ", StringComparison.Ordinal)).ShouldBeInRange(7, 9, chain.Telling());
        chain.Line("k8s-node4 is reached again after 2");
        chain.MustBeComplete();
    }

    [Fact]
    public void Incident41_AStepWhoseHostDiedIsFoundAndItsRunGoesOnElsewhere()
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid("k8s-node4 soaks: 4 min left");
        chain.Cluster.KillNode("k8s-node1");
        chain.Pass(TimeSpan.FromMinutes(30));
        chain.HasFailed(Scenario.Worker("k8s-node4")).ShouldBeFalse("this is how a Job with a pod failure policy hangs");
        chain.Detect();
        chain.RunToRest();

        chain.Line("is lost: its host k8s-node1 is gone or not Ready").Text.ShouldContain("deleted");
        chain.Cluster.Journal.Entries.Where(entry => entry.Call.What.StartsWith("DELETE /", StringComparison.Ordinal) && entry.Call.Pod.StartsWith("k8s-version-check", StringComparison.Ordinal))
            .Select(entry => entry.Call.What.Split('/')[^2]).Take(2).ShouldBe(["jobs", "pods"], "a Job whose pod goes first makes another one");
        var again = chain.Jobs[^1];
        (again.Phase, again.Host).ShouldBe(("preflight", "k8s-node4"), chain.Telling());
        chain.WasTold("k8s-node1 is not Ready").ShouldBeTrue(chain.Telling());

        // The operator gives the machine up.
        chain.Cluster.Registry.Delete(Kinds.Node, null, "k8s-node1");
        chain.Detect();
        chain.RunToRest();
        chain.MustBeComplete();
    }

    [Fact]
    public void Incident41_ALostPodIsLeftWhileTheNodeScriptItStartedStillRuns()
    {
        var chain = Begin();
        chain.Cluster.Node("k8s-node4").Script = chain.Cluster.Node("k8s-node4").Script with
        {
            Durations = new Dictionary<string, TimeSpan>(StringComparer.Ordinal) { ["kubelet"] = TimeSpan.FromMinutes(40) },
        };
        chain.Start();
        chain.RunUntilSaid("script: node");
        chain.Cluster.KillNode("k8s-node1");
        chain.Pass(TimeSpan.FromMinutes(30));
        chain.Detect();

        chain.HasFailed("k8s-version-check-1").ShouldBeTrue(chain.Telling());
        chain.Line("is lost").Text.ShouldContain("It is left, since the node script still runs on k8s-node4");
        chain.Cluster.Store.List(Kinds.Pod, Scenario.Namespace).ShouldContain(pod => pod.IsBeingDeleted() && pod.NodeName() == "k8s-node1");

        chain.Pass(TimeSpan.FromMinutes(30));
        chain.Detect();
        chain.RunToRest();
        chain.Said("It is deleted, and its Job taken for failed").ShouldBeTrue(chain.Telling());
        chain.WasTold("k8s-node1 is not Ready").ShouldBeTrue(chain.Telling());

        chain.Cluster.Registry.Delete(Kinds.Node, null, "k8s-node1");
        chain.Detect();
        chain.RunToRest();
        chain.MustBeComplete();
        chain.Cluster.Node("k8s-node4").Scripts.Count.ShouldBe(1);
    }

    [Fact]
    public void Incident41_AStepWhoseHostWasTakenOutOfTheClusterIsFoundToo()
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid("k8s-node4 soaks: 4 min left");
        chain.Cluster.KillNode("k8s-node1");
        chain.Cluster.Registry.Delete(Kinds.Node, null, "k8s-node1");
        chain.Pass(TimeSpan.FromMinutes(30));
        chain.Detect();
        chain.RunToRest();

        chain.Line("has found no node since").Text.ShouldContain("didn't match Pod's node affinity/selector");
        chain.MustBeComplete();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Incident45_ANodeAtTheTargetThatStillBearsTheCordonIsBroughtToItsEnd(int kills)
    {
        var chain = Begin();
        var left = kills;
        chain.Cluster.Kills = (call, moment) => moment == Moment.Before && call.What == "PATCH /api/v1/nodes/k8s-node4" && chain.Kubelet("k8s-node4") == Scenario.Target && left-- > 0;
        chain.Start();
        chain.RunToRest();
        left.ShouldBeLessThanOrEqualTo(0);
        if (kills == 2)
        {
            chain.HasFailed(Scenario.Worker("k8s-node4")).ShouldBeTrue(chain.Telling());
            chain.IsCordoned("k8s-node4").ShouldBeTrue();
            chain.Pass(TimeSpan.FromMinutes(30));
            chain.Detect();
            chain.RunToRest();
        }

        chain.MustBeComplete();
        chain.IsCordoned("k8s-node4").ShouldBeFalse();
    }

    [Fact]
    public void Incident45_ARetryByHandBringsItToItsEndAndTheChainGoesOn()
    {
        var chain = Begin();
        chain.Cluster.Kills = (call, moment) => moment == Moment.Before && call.What == "PATCH /api/v1/nodes/k8s-node3" && chain.Kubelet("k8s-node3") == Scenario.Target && call.Pod.StartsWith("k8s-upgrade-", StringComparison.Ordinal);
        chain.Start();
        chain.RunToRest();
        chain.IsCordoned("k8s-node3").ShouldBeTrue(chain.Telling());
        chain.ByHand("--phase", "worker", "--node", "k8s-node3").ShouldBe(0, chain.Telling());
        chain.RunToRest();

        chain.MustBeComplete();
    }

    [Fact]
    public void Incident51_WhatIsQuiescedIsNotGivenBackIntoTheMiddleOfKubeadm()
    {
        var chain = Begin(settings: "quiesce: [default/web]\n");
        var counts = new List<(int Replicas, bool ScriptRuns)>();
        chain.Cluster.Store.Changed += change =>
        {
            if (change.Kind == Kinds.Deployment && change.Object.Name() == "web" && change.Object.Number("spec", "replicas") != change.Old.Number("spec", "replicas"))
            {
                counts.Add((change.Object.Number("spec", "replicas"), chain.Cluster.Node("k8s-master").RunningScript is not null));
            }
        };
        chain.Start();
        chain.RunUntilSaid("script: apply");
        chain.Evict("k8s-upgrade-master-1-34-7");
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Pods.Count(pod => pod.Node == "k8s-master").ShouldBe(2);
        counts.ShouldBe([(0, false), (3, false)], chain.Telling());
        chain.Cluster.Node("k8s-master").Scripts.Count.ShouldBe(1);
    }
}
