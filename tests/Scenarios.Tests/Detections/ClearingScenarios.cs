using Stepper.Cluster.Versions;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;

namespace Stepper.Scenarios.Tests.Detections;

/// <summary>What is left of a run that is over is cleared, gauges that say otherwise than the record are set right, and what lives is never touched.</summary>
public sealed class ClearingScenarios : ScenarioTests
{
    private const string Run = "2026-11-19T12:00:00Z";

    private static readonly string[] OfTheRun =
        ["k8s_upgrade_in_flight", "k8s_upgrade_last_progress_timestamp", "k8s_upgrade_parked", "k8s_upgrade_snapshot_taken", "k8s_upgrade_started_timestamp"];

    [Fact]
    public void Incident07_AGaugeThatLeakedIsSetRightThoughNoRecordSaysSo()
    {
        var chain = AtTheNewest();
        Record(chain);
        chain.ByHand("detect", "--dry-run").ShouldBe(0);
        chain.Gauge("k8s_upgrade_in_flight").ShouldBe(1);
        Annotate(chain, ("in-flight", null), ("target", null), ("snapshot-path", null), ("progress", null));

        chain.Detect();

        InFlightGauges(chain).ShouldBe([0, 0, 0], chain.Telling());
        chain.Jobs.ShouldBeEmpty();
        chain.Messages.ShouldBeEmpty();
    }

    [Fact]
    public void Incident07_ARecordOfWhichAllNodesAreDoneIsClearedAndTheEvidenceStays()
    {
        var chain = AtTheNewest();
        Record(chain);
        Plant(chain, failed: true);

        chain.Detect();

        chain.InFlight.ShouldBeNull(chain.Telling());
        (chain.Annotation("target"), chain.Annotation("progress"), chain.Annotation("snapshot-path")).ShouldBe((null, null, null));
        chain.Annotation("last-snapshot").ShouldBe("/mnt/etcd.db");
        InFlightGauges(chain).ShouldBe([0, 0, 0]);
        chain.Gauge("""k8s_upgrade_nodes{state="done"}""").ShouldBe(3);
        chain.HasFailed("k8s-upgrade-postflight-1-34-7").ShouldBeTrue();
        chain.Messages.ShouldHaveSingleItem().ShouldContain("The run's record is cleared");
    }

    [Fact]
    public void WhereItIsClearedNothingIsBlockedOrHeldThoughNothingNewCanBeLookedFor()
    {
        var chain = AtTheNewest();
        Record(chain);
        chain.Cluster.Packages.IsAway = true;

        chain.Detect();

        chain.InFlight.ShouldBeNull(chain.Telling());
        chain.HasFailed("k8s-version-check-1").ShouldBeTrue();
        (chain.Gauge("k8s_upgrade_blocked"), chain.Gauge("k8s_upgrade_held")).ShouldBe((0, 0));
    }

    [Fact]
    public void TwoDetectionsInTheSameInstantClearItAndNeitherFails()
    {
        var chain = AtTheNewest();
        Record(chain);

        chain.BeginDetection();
        chain.BeginDetection();
        chain.RunToRest();

        chain.InFlight.ShouldBeNull(chain.Telling());
        InFlightGauges(chain).ShouldBe([0, 0, 0]);
        chain.WasTold("The run's record is cleared").ShouldBeTrue();
        chain.Jobs.ShouldBeEmpty();
        (chain.HasFailed("k8s-version-check-1") || chain.HasFailed("k8s-version-check-2")).ShouldBeFalse(chain.Telling());
    }

    // Even where all nodes are done: it may be its postflight.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Incident07_AnActiveChainIsNotTouchedThoughItsGaugeIsThreeDaysOld(bool areNodesDone)
    {
        var chain = areNodesDone ? AtTheNewest() : Begin();
        Record(chain);
        Plant(chain, failed: false);

        chain.Detect();

        chain.Line("left alone: the run 1.34.7/2026-11-19T12:00:00Z is in flight, and its Job k8s-upgrade-postflight-1-34-7 is active");
        chain.InFlight.ShouldBe(Run);
        InFlightGauges(chain)[0].ShouldBe(1);
        chain.Gauge("k8s_upgrade_started_timestamp").ShouldBe(DateTimeOffset.Parse(Run, null).ToUnixTimeSeconds());
        chain.Jobs.Count.ShouldBe(1, "the planted one");
        chain.Messages.ShouldBeEmpty();
    }

    [Fact]
    public void NineMinutesBetweenTwoJobsAreNoStop()
    {
        var chain = Begin(settings: "soak: 2m");
        chain.Start();
        chain.RunUntilSaid("k8s-node4 soaks: ");
        chain.Cluster.Registry.Delete(Kinds.Job, Scenario.Namespace, Scenario.Worker("k8s-node4"));
        var moved = DateTimeOffset.Parse(chain.Annotation("progress")!, null);
        chain.Pass(moved + TimeSpan.FromMinutes(9) - chain.Now);

        chain.Detect();
        chain.Line("without an active Job it counts as stopped from ");
        chain.InFlight.ShouldNotBeNull();
        chain.Gauge("k8s_upgrade_in_flight").ShouldBe(1);

        chain.ByHand("--phase", "worker", "--node", "k8s-node3").ShouldBe(0, chain.Telling());
        chain.RunToRest();
        chain.MustBeComplete();
        chain.Jobs.Count(job => job.Phase == "preflight").ShouldBe(1);
    }

    [Fact]
    public void WithoutPushgatewayItIsClearedAllTheSameAndTheGaugesAreSetRightByTheNext()
    {
        var chain = AtTheNewest();
        Record(chain);
        chain.ByHand("detect", "--dry-run").ShouldBe(0);
        chain.Cluster.Pushgateway.IsDown = true;

        chain.Detect();
        chain.InFlight.ShouldBeNull(chain.Telling());
        chain.HasFailed("k8s-version-check-1").ShouldBeFalse();
        chain.Line("what is to be pushed is kept, and tried again");
        chain.Gauge("k8s_upgrade_in_flight").ShouldBe(1);

        chain.Cluster.Pushgateway.IsDown = false;
        chain.Detect();
        InFlightGauges(chain).ShouldBe([0, 0, 0], chain.Telling());
    }

    [Theory]
    [InlineData("k8s-node3 cordoned")]
    [InlineData("k8s-node3 soaks: ")]
    public void WhatAPushgatewayForgotInTheMiddleOfARunIsBackWithTheNextStep(string moment)
    {
        var chain = Begin(settings: "soak: 2m");
        chain.Start();
        chain.RunUntilSaid(moment);
        var started = chain.Gauge("k8s_upgrade_started_timestamp").ShouldNotBeNull();
        chain.Cluster.Pushgateway.Restart();

        chain.RunUntilSaid("k8s-node2 cordoned");

        InGroup(chain).ShouldBe([.. OfTheRun.Take(2), "k8s_upgrade_nodes", .. OfTheRun.Skip(2)], chain.Telling());
        (InFlightGauges(chain)[0], chain.Gauge("k8s_upgrade_started_timestamp"), chain.Gauge("k8s_upgrade_snapshot_taken")).ShouldBe((1, started, 1));
        chain.RunToRest();
        chain.MustBeComplete();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WhatItForgotOfARunThatRestsIsBackWithTheNextDetectionUnderTheBrakeToo(bool isBraked)
    {
        var chain = Begin(settings: "window: {open: ['Sat 02:00-06:00']}");
        Record(chain);
        if (isBraked)
        {
            chain.PullTheBrake("why not");
        }

        chain.Detect();

        InGroup(chain).ShouldBe(OfTheRun, chain.Telling());
        InFlightGauges(chain).ShouldBe([1, DateTimeOffset.Parse(Run, null).ToUnixTimeSeconds(), 1]);
        chain.Jobs.ShouldBeEmpty();
    }

    private Scenario AtTheNewest() => Begin(ClusterShapes.Of(1, 2, new KubeVersion(1, 34, 7)));

    private static double?[] InFlightGauges(Scenario chain) =>
        [chain.Gauge("k8s_upgrade_in_flight"), chain.Gauge("k8s_upgrade_started_timestamp"), chain.Gauge("k8s_upgrade_snapshot_taken")];

    private static IEnumerable<string> InGroup(Scenario chain) =>
        chain.Cluster.Pushgateway.Groups["job=\"k8s-version-upgrade\""].Samples.Select(sample => sample.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    // A run that began three days ago, and moved last an hour later.
    private static void Record(Scenario chain) =>
        Annotate(chain, ("in-flight", Run), ("target", "1.34.7"), ("progress", "2026-11-19T13:00:00Z"), ("snapshot-path", "/mnt/etcd.db"));

    private static void Annotate(Scenario chain, params (string Name, string? Value)[] values) =>
        chain.Cluster.Registry.Change(Kinds.Namespace, null, Scenario.Namespace, ns =>
        {
            foreach (var (name, value) in values)
            {
                var annotations = ns["metadata"]!.AsObject().Child("annotations");
                annotations.Remove($"viktorbarzin.me/k8s-upgrade-{name}");
                if (value is not null)
                {
                    annotations[$"viktorbarzin.me/k8s-upgrade-{name}"] = value;
                }
            }
        });

    // Its postflight, without a pod.
    private static void Plant(Scenario chain, bool failed)
    {
        var job = Workloads.Job(Scenario.Namespace, "k8s-upgrade-postflight-1-34-7", "registry.local/old:1", spec => spec["suspend"] = true);
        job["metadata"]!["labels"] = new System.Text.Json.Nodes.JsonObject { ["app"] = "k8s-upgrade-chain", ["phase"] = "postflight", ["target-version"] = "1-34-7" };
        job["metadata"]!["annotations"] = new System.Text.Json.Nodes.JsonObject { ["viktorbarzin.me/k8s-upgrade-run"] = $"1.34.7/{Run}" };
        chain.Cluster.Create(job);
        if (failed)
        {
            chain.Cluster.Registry.Change(Kinds.Job, Scenario.Namespace, "k8s-upgrade-postflight-1-34-7", planted => planted.SetCondition("Failed", "True", "BackoffLimitExceeded", null, chain.Now));
        }
    }
}
