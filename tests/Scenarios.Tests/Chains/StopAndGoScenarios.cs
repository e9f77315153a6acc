using Stepper.Cluster.Versions;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;

namespace Stepper.Scenarios.Tests.Chains;

/// <summary>A chain that is stopped by a person, by a signal or by another one, and how it goes on.</summary>
public sealed class StopAndGoScenarios : ScenarioTests
{
    [Fact]
    public void TheKillSwitchStopsTheChainBetweenTwoStepsAndTheNextDetectionGoesOn()
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid("k8s-node4 soaks: 4 min left");
        chain.PullTheBrake("backup restore under way");
        chain.RunToRest();

        chain.Outcome(Scenario.Worker("k8s-node4")).ShouldBe("done", chain.Telling());
        chain.Job(Scenario.Worker("k8s-node3")).ShouldNotBeNull().HasCondition("Complete").ShouldBeTrue();
        chain.Outcome(Scenario.Worker("k8s-node3")).ShouldBe("refused");
        chain.WasTold("the kill switch is on (backup restore under way)").ShouldBeTrue(chain.Telling());
        chain.Cordons.ShouldNotContain(change => change.Node == "k8s-node3");
        chain.InFlight.ShouldNotBeNull();

        chain.Pass(TimeSpan.FromHours(1));
        var jobs = chain.Jobs.Count;
        chain.Detect();
        chain.Said("nothing is detected: the kill switch is on").ShouldBeTrue(chain.Telling());
        chain.Jobs.Count.ShouldBe(jobs);

        chain.ReleaseTheBrake();
        chain.Detect();
        chain.RunToRest();
        chain.MustBeComplete();
    }

    [Fact]
    public void DetectResumeTakesUpWhatHasStoppedAndBeginsNothingNew()
    {
        var chain = Begin(settings: "soak: 1m\n");

        chain.ByHand("detect", "--resume").ShouldBe(0, chain.Telling());
        chain.Said("there is no run to take up again").ShouldBeTrue(chain.Telling());
        chain.Jobs.ShouldBeEmpty();
        chain.Cluster.Pushgateway.Value("k8s-version-check", "k8s_version_check_last_run_timestamp").ShouldBeNull("no version was checked for");

        chain.Start();
        chain.RunUntilSaid("k8s-node4 has soaked");
        chain.PullTheBrake("backup restore under way");
        chain.RunToRest();
        chain.Pass(TimeSpan.FromHours(1));
        chain.ReleaseTheBrake();
        chain.ByHand("detect", "--resume").ShouldBe(0, chain.Telling());
        chain.RunToRest();
        chain.MustBeComplete();
    }

    [Fact]
    public void SigtermBeforeTheNodeScriptGivesTheNodeBackAndTheNextPodGoesOn()
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid("k8s-node3 cordoned");
        chain.Evict(Scenario.Worker("k8s-node3"));
        chain.RunUntil(() => !chain.IsCordoned("k8s-node3"));
        chain.Cluster.Node("k8s-node3").Scripts.ShouldBeEmpty();
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Cordons.Count(change => change.Node == "k8s-node3").ShouldBe(4);
    }

    [Fact]
    public void SigtermInTheMiddleOfADrainSaysWhatWasEvictedAndTheNextTryDoesNotEvictItAgain()
    {
        // For longer after it was told to end than a Prometheus that was moved is waited for.
        var slow = Workloads.Deployment("default", "slow", 1, annotations: new() { ["simulation/ends-after"] = "900s" }, change: spec => spec["terminationGracePeriodSeconds"] = 1000);
        var chain = Begin(ClusterShapes.Default().With(slow));
        var pod = chain.PodsOf("default", "slow").Single();
        var job = Scenario.Worker(pod.NodeName());
        chain.Start();
        chain.RunUntilSaid($"{pod.NodeName()} cordoned");
        chain.Pass(TimeSpan.FromSeconds(20));
        chain.Evict(job);
        chain.RunUntil(() => !chain.IsCordoned(pod.NodeName()));

        var said = chain.Line("the drain was stopped: ").Text;
        said.ShouldContain($"{pod.NodeName()} is not drained after ");
        said.ShouldContain($"default/{pod.Name()}: is being ended and has ");
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Said($"gone by themselves (1): default/{pod.Name()}: was being ended already").ShouldBeTrue(chain.Telling());
        chain.Cluster.Journal.Entries.Count(entry => entry.Call.What == $"POST /api/v1/namespaces/default/pods/{pod.Name()}/eviction").ShouldBe(1);
    }

    [Theory]
    [InlineData("script: kubelet")]
    [InlineData("script: restart")]
    public void SigtermDuringTheNodeScriptTakesOnlyTheConnection(string moment)
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid("k8s-node4 cordoned");
        chain.RunUntilSaid(moment);
        chain.Evict(Scenario.Worker("k8s-node4"));
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Cordons.Count(change => change.Node == "k8s-node4").ShouldBe(2, "cordoned once, uncordoned once");
        chain.Cluster.Node("k8s-node4").Scripts.ShouldAllBe(run => run.ExitCode == 0);
    }

    [Fact]
    public void SigtermAfterTheNodeScriptLeavesTheCordonToTheNextPod()
    {
        var chain = Begin();
        chain.Cluster.Node("k8s-node4").NotReadyAfterRestart = TimeSpan.FromMinutes(3);
        chain.Start();
        chain.RunUntilSaid("k8s-node4 cordoned");
        chain.RunUntilSaid("script: done");
        chain.Pass(TimeSpan.FromSeconds(10));
        chain.Evict(Scenario.Worker("k8s-node4"));
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Cordons.Count(change => change.Node == "k8s-node4").ShouldBe(2);
    }

    [Fact]
    public void AStepThatWouldReachItsJobsDeadlineSaysSoAndWhatItLeaves()
    {
        var chain = Begin();
        chain.Cluster.Node("k8s-node4").Script = chain.Cluster.Node("k8s-node4").Script with
        {
            Durations = new Dictionary<string, TimeSpan>(StringComparer.Ordinal) { ["kubelet"] = TimeSpan.FromMinutes(40) },
        };
        chain.Start();
        chain.RunUntilSaid("Job k8s-upgrade-worker-1-34-7-k8s-node4 made");
        chain.Cluster.Registry.Change(Kinds.Job, Scenario.Namespace, Scenario.Worker("k8s-node4"), job => job["spec"]!["activeDeadlineSeconds"] = 1200);
        chain.RunToRest();

        chain.HasFailed(Scenario.Worker("k8s-node4")).ShouldBeTrue(chain.Telling());
        chain.WasTold("ABORT: The step did not come to its end, and its Job's deadline is at").ShouldBeTrue(chain.Telling());
        chain.WasTold("The node script still runs on k8s-node4, which stays cordoned").ShouldBeTrue(chain.Telling());
    }

    [Fact]
    public void TwoDetectionsInTheSameInstantBeginOneChain()
    {
        var chain = Begin();
        chain.BeginDetection();
        chain.BeginDetection();
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Jobs.GroupBy(job => job.Name, StringComparer.Ordinal).ShouldAllBe(made => made.Count() == 1);
        chain.HasFailed("k8s-version-check-1").ShouldBeFalse(chain.Telling());
        chain.HasFailed("k8s-version-check-2").ShouldBeFalse(chain.Telling());
    }

    [Fact]
    public void TwoDetectionsInTheSameInstantTakeAStoppedRunUpOnce()
    {
        var chain = Begin();
        chain.Cluster.Node("k8s-node4").Script = chain.Cluster.Node("k8s-node4").Script with { FailsAt = "source", FailsTimes = 2 };
        chain.Start();
        chain.RunToRest();
        chain.Pass(TimeSpan.FromHours(1));
        TwoDetectionsTakeItUpOnce(chain);
    }

    [Fact]
    public void TwoDetectionsInTheSameInstantTakeAParkedRunUpOnce()
    {
        var chain = Begin(settings: "window: {open: ['Sun 11:00-12:15', 'Mon 02:00-06:00']}");
        chain.Start();
        chain.RunToRest();
        chain.Annotation("parked-until").ShouldNotBeNull(chain.Telling());
        chain.Pass(TimeSpan.FromHours(14));
        TwoDetectionsTakeItUpOnce(chain);
    }

    private static void TwoDetectionsTakeItUpOnce(Scenario chain)
    {
        chain.BeginDetection();
        chain.BeginDetection();
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Jobs.Count(job => job.Phase == "preflight").ShouldBe(2, chain.Telling());
    }

    [Fact]
    public void Incident27_TwoTargetsBegunInTheSameInstantGiveOneChainAndThenTheOther()
    {
        var chain = Begin(settings: "soak: 1m");
        chain.BeginDetection();
        chain.RunUntilSaid("1.34.7 is the target");
        chain.Cluster.Packages.Offer(new KubeVersion(1, 34, 8), chain.Now);
        // As from another machine: what makes sure of it is the record, and no name of a Job.
        chain.ByHand("start", "--target", "1.34.8").ShouldBe(0, chain.Telling());
        chain.RunToRest();

        var first = chain.Jobs.First(job => job.Phase == "master").Run;
        chain.Jobs.Where(job => job.Phase != "preflight").ShouldAllBe(job => job.Run == first);
        chain.Jobs.Where(job => job.Phase == "preflight").Select(job => job.Name).Distinct(StringComparer.Ordinal).Count().ShouldBe(2, chain.Telling());
        chain.WasTold("is in flight; its target goes first").ShouldBeTrue(chain.Telling());
        chain.InFlight.ShouldBeNull(chain.Telling());
    }

    [Fact]
    public void APrometheusThatTheDrainMovedIsWaitedFor()
    {
        var chain = Begin();
        var node = chain.Cluster.Store.List(Kinds.Pod, "monitoring").Single(pod => pod.Name().StartsWith("prometheus-server", StringComparison.Ordinal)).NodeName();
        chain.Start();
        chain.RunToRest();

        chain.MustBeComplete();
        var waited = chain.Line("it has been up for");
        waited.Who.ShouldBe($"worker {node}");
        waited.Text.ShouldContain("waiting for no blocking alert to fire: can't tell whether alerts fire");
    }

    [Fact]
    public void AStepOfARunThatIsNotInFlightAborts()
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid("Job k8s-upgrade-worker-1-34-7-k8s-node4 made");
        chain.Cluster.Registry.Change(Kinds.Namespace, null, Scenario.Namespace, ns => ns["metadata"]!["annotations"]!["viktorbarzin.me/k8s-upgrade-in-flight"] = "2026-11-22T12:01:00Z");
        chain.RunToRest();

        chain.HasFailed(Scenario.Worker("k8s-node4")).ShouldBeTrue(chain.Telling());
        chain.WasTold("Nothing was changed. This step is of the run 1.34.7/2026-11-22T12:00:00Z, and the run 1.34.7/2026-11-22T12:01:00Z is in flight").ShouldBeTrue(chain.Telling());
        chain.Cordons.ShouldNotContain(change => change.Node == "k8s-node4");
    }

    // It is done by all that can be seen of it when the second try looks. Under the person's cordon the chain has none of its own, but what it remembered of that
    // holds the node until somebody gives it back.
    [Fact]
    public void ANodeThatAPersonHadCordonedAndThatIsReadyTooLateHoldsNobodyUp()
    {
        var chain = Begin(settings: "soak: 1m\nnodeReadyTimeout: 2m\n");
        chain.Cordon("k8s-node3");
        chain.Cluster.Node("k8s-node3").NotReadyAfterRestart = TimeSpan.FromSeconds(127);
        chain.Start();
        chain.RunToRest();

        chain.MustBeComplete();
        chain.WasTold("k8s-node3 did not become Ready at 1.34.7 within 2 min").ShouldBeTrue(chain.Telling());
        chain.Said("waits for its turn").ShouldBeFalse(chain.Telling());
        chain.IsCordoned("k8s-node3").ShouldBeTrue("a person's cordon stays");
        chain.Node("k8s-node3").Annotation(CordonedBefore).ShouldBeEmpty();
    }

    private const string CordonedBefore = "viktorbarzin.me/k8s-upgrade-cordoned-before";

    [Fact]
    public void ANodeThatIsTakenOutBeforeItsStepBeginsStopsTheChainWithAMessage()
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid("Job k8s-upgrade-worker-1-34-7-k8s-node3 made");
        chain.Cluster.Registry.Delete(Kinds.Node, null, "k8s-node3");
        chain.RunToRest();
        chain.HasFailed(Scenario.Worker("k8s-node3")).ShouldBeTrue(chain.Telling());
        chain.WasTold("k8s-node3").ShouldBeTrue(chain.Telling());
        chain.Messages[^1].ShouldContain("there is no such node", Case.Sensitive, chain.Telling());

        chain.Pass(TimeSpan.FromHours(1));
        chain.Detect();
        chain.RunToRest();
        chain.MustBeComplete();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void ADrainThatWasKilledHoldsNobodyBackForEver(int kills)
    {
        // Where Prometheus can run nowhere but on the cordoned node, the gate that comes before the next cordon would wait for it in vain.
        var shape = ClusterShapes.Of(1, 1, new KubeVersion(1, 34, 2), new KubeVersion(1, 34, 7));
        var chain = Begin(shape with { Objects = [.. shape.Objects.Where(body => body.Text("kind") != "PodDisruptionBudget")] });
        chain.Start();
        for (var kill = 0; kill < kills; kill++)
        {
            chain.RunUntilSaid("k8s-node1 cordoned");
            chain.Pass(TimeSpan.FromSeconds(3));
            chain.Kill(Scenario.Worker("k8s-node1"));
        }

        chain.RunToRest();
        if (kills == 2)
        {
            chain.IsCordoned("k8s-node1").ShouldBeTrue(chain.Telling());
            chain.Pass(TimeSpan.FromHours(1));
            chain.Detect();
            chain.RunToRest();
            chain.IsCordoned("k8s-node1").ShouldBeFalse(chain.Telling());
            chain.Said("Job k8s-upgrade-preflight-1-34-7 made, on k8s-master").ShouldBeTrue(chain.Telling());
            chain.Pass(TimeSpan.FromHours(1));
            chain.Detect();
            chain.RunToRest();
        }

        chain.MustBeComplete();
    }
}
