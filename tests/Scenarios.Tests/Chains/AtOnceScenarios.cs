using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Monitoring;
using Stepper.Simulation.Nodes;

namespace Stepper.Scenarios.Tests.Chains;

/// <summary>Nodes that are away, or become so, while another one is about to be: never more at once than <c>workers.maxUnavailable</c>.</summary>
public sealed class AtOnceScenarios : ScenarioTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void OfTwoStepsThatAreBegunByHandInTheSameMomentOneWaitsForTheOther(int seed)
    {
        var chain = BeforeTheWorkers(seed);
        MeetAtTheirCordons(chain, "k8s-node3", "k8s-node4");

        chain.EndOf(ByHand(chain, "k8s-node3"), ByHand(chain, "k8s-node4")).ShouldBe([0, 0], chain.Telling());

        chain.Kubelet("k8s-node3").ShouldBe(Scenario.Target);
        chain.Kubelet("k8s-node4").ShouldBe(Scenario.Target);
        chain.Line("k8s-node4 is given back for now: k8s-node3 is held by the run 1.34.7/");
        chain.Line("k8s-node4 waits for its turn: k8s-node3 is held by the run 1.34.7/");
        chain.Cordons.Last(change => change is { Node: "k8s-node4", IsCordoned: true }).Time
            .ShouldBeGreaterThan(chain.Cordons.Last(change => change is { Node: "k8s-node3", IsCordoned: false }).Time, chain.Telling());
    }

    [Fact]
    public void AStepThatDoesNotComeToItsTurnSaysWhichNodeIsHeldAndByWhomAndWhatToRun()
    {
        var chain = BeforeTheWorkers();
        chain.Cluster.Node("k8s-node4").Script = new ScriptBehaviour { Durations = new Dictionary<string, TimeSpan>(StringComparer.Ordinal) { ["kubelet"] = TimeSpan.FromMinutes(42) } };
        var first = ByHand(chain, "k8s-node4");
        chain.RunUntilSaid("k8s-node4 cordoned");

        chain.EndOf(ByHand(chain, "k8s-node3")).ShouldBe([1]);

        chain.Line("message: ABORT: k8s-node3 was not begun: k8s-node4 is held by the run 1.34.7/").Text
            .ShouldContain(", by hand (where no step is at work on it any more, first: stepper --phase worker --node k8s-node4), and workers.maxUnavailable is 1. k8s-node3 was not touched.");
        chain.Line("To go on: put right what is named above, then: stepper --phase worker --node k8s-node3");
        chain.Cordons.ShouldAllBe(change => change.Node != "k8s-node3");
        chain.EndOf(first).ShouldBe([0]);
    }

    [Fact]
    public void ANodeThatAStepByHandDrainsIsNotGivenBackByAnotherOneBecauseItsJobHasFailed()
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid("k8s-master uncordoned");
        chain.RunUntilSaid($"Job {Scenario.Worker("k8s-node4")} made");
        chain.Cluster.Prometheus.Fire(new SimulatedAlert("EtcdDown") { From = chain.Now, Until = chain.Now.AddHours(3) });
        chain.RunToRest();
        chain.HasFailed(Scenario.Worker("k8s-node4")).ShouldBeTrue(chain.Telling());
        chain.Pass(TimeSpan.FromHours(4));

        var first = ByHand(chain, "k8s-node4");
        chain.RunUntilSaid("k8s-node4 cordoned");

        chain.EndOf(first, ByHand(chain, "k8s-node3")).ShouldBe([0, 0], chain.Telling());

        chain.Cordons.Where(change => change.Node != "k8s-master").Select(change => $"{change.Node} {change.IsCordoned}")
            .ShouldBe(["k8s-node4 True", "k8s-node4 False", "k8s-node3 True", "k8s-node3 False"], chain.Telling());
    }

    [Fact]
    public void ANodeThatGoesAwayBetweenTheForecastAndTheCordonIsNoticed()
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid("forecast: k8s-node4");
        chain.Cluster.KillNode("k8s-node2");
        chain.Cluster.Registry.Change(Kinds.Node, null, "k8s-node2", node => node.SetCondition("Ready", "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.", chain.Now));
        var gone = chain.Now;
        chain.RunUntilSaid("k8s-node4 waits for its turn: k8s-node2 is not Ready since");
        chain.Cordons.ShouldAllBe(change => change.Node == "k8s-master", chain.Telling());
        chain.Pass(TimeSpan.FromMinutes(5));
        chain.Cluster.Boot("k8s-node2");
        chain.RunToRest();

        chain.Cordons.First(change => change.Node == "k8s-node4").Time.ShouldBeGreaterThan(gone.AddMinutes(5));
        chain.MustBeComplete();
    }

    // The control plane is done, the run is in flight, and no Job of it is active.
    private Scenario BeforeTheWorkers(int seed = 1)
    {
        var chain = Begin(seed: seed);
        chain.Start();
        chain.RunUntilSaid("k8s-master uncordoned");
        chain.PullTheBrake("by hand today");
        chain.RunToRest();
        chain.ReleaseTheBrake();
        chain.Kubelet("k8s-node4").ShouldNotBe(Scenario.Target);
        return chain;
    }

    // What a step writes on its node is answered when the other one has come as far: both have counted, and neither could see the other.
    private static void MeetAtTheirCordons(Scenario chain, string one, string other)
    {
        const int UpToTheCordon = 2;
        var written = new Dictionary<string, int>(StringComparer.Ordinal) { [one] = 0, [other] = 0 };
        chain.Cluster.Api.Faults.Answer(call =>
        {
            if (call is { Verb: "patch", Resource: "nodes" } && written.TryGetValue(call.Name, out var before) && before < UpToTheCordon)
            {
                written[call.Name]++;
                chain.RunUntil(() => written.Values.All(count => count > before));
            }

            return null;
        });
    }

    private static Task<int> ByHand(Scenario chain, string node) => chain.BeginByHand("--phase", "worker", "--node", node, "--no-spawn");
}
