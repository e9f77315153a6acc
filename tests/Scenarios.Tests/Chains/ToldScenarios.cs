using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Nodes;

namespace Stepper.Scenarios.Tests.Chains;

/// <summary>What people are told when nothing goes on, and what they can do then.</summary>
public sealed class ToldScenarios : ScenarioTests
{
    private const string Checked = "k8s_version_check_last_run_timestamp";

    [Fact]
    public void WhereTheSnapshotThatEtcdTookItselfLiesIsSaidAndKept()
    {
        var chain = Begin(settings: "soak: 1m\nsnapshot: {mode: ssh}\n");
        chain.Start();
        chain.RunToRest();

        chain.MustBeComplete();
        const string place = "k8s-master:/var/lib/stepper/snapshots/etcd-1.34.7-1795348800.db";
        chain.Annotation("last-snapshot").ShouldBe(place);
        chain.WasTold($"all gates hold, etcd snapshot: {place}").ShouldBeTrue(chain.Telling());
        chain.Cluster.Store.List(Kinds.Job, "default").ShouldBeEmpty();
    }

    [Fact]
    public void WhatThePreflightThatAbortedAdvisesWorksAtOnce()
    {
        var chain = Begin();
        // The snapshot comes after the run is in flight.
        chain.Cluster.Programs.Set(SimulatedCluster.BackupImage, TimeSpan.FromSeconds(25), "no such thing\n");
        chain.Start();
        chain.RunToRest();
        chain.WasTold("then: stepper start --target 1.34.7").ShouldBeTrue(chain.Telling());
        chain.InFlight.ShouldNotBeNull();

        chain.Cluster.Programs.Set(SimulatedCluster.BackupImage, TimeSpan.FromSeconds(25), "Backup done: /mnt/snapshot.db (48234528 bytes)\n");
        chain.Start();
        chain.Said("by hand: the run 1.34.7/2026-11-22T12:00:00Z had stopped, and is taken up again").ShouldBeTrue(chain.Telling());
        chain.RunToRest();

        chain.MustBeComplete();
    }

    [Fact]
    public void AStartThatIsNotBegunSaysWhenItCanBeAndFails()
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid("k8s-node4 soaks: 4 min left");
        chain.ByHand("start", "--target", Scenario.Target).ShouldBe(0, "it goes already");
        foreach (var job in chain.Cluster.Store.List(Kinds.Job, Scenario.Namespace).ToList())
        {
            chain.Cluster.Registry.Delete(Kinds.Job, Scenario.Namespace, job.Name());
        }

        chain.ByHand("start", "--target", Scenario.Target).ShouldBe(1, chain.Telling());
        chain.Line("it counts as stopped from ");
    }

    [Fact]
    public void Incident09_ARefusedPreflightIsAskedAgainByEachDetectionAndToldOnceForEachReason()
    {
        var chain = Begin();
        Rebooted(chain, "k8s-node2");
        chain.Detect();
        chain.RunToRest();
        chain.Pass(TimeSpan.FromHours(1));
        chain.Detect();
        chain.RunToRest();
        Refusals(chain).ShouldBe(1, chain.Telling());
        chain.Said("told before, and not again: not begun. wait: k8s-node2 was not Ready all the time").ShouldBeTrue();

        Rebooted(chain, "k8s-node3");
        chain.Detect();
        chain.RunToRest();
        Refusals(chain).ShouldBe(2, chain.Telling());

        chain.Pass(TimeSpan.FromDays(2));
        chain.Detect();
        chain.RunToRest();
        chain.MustBeComplete();
        chain.Annotation("told-refusal").ShouldBeNull();
    }

    [Fact]
    public void ADetectionThatAbortsIsToldOnceForEachReason()
    {
        var chain = Begin();
        chain.Cluster.Node("k8s-master").Ssh = SshState.Refused;
        chain.Detect();
        chain.Pass(TimeSpan.FromDays(7));
        chain.Detect();
        chain.Messages.Count(message => message.StartsWith("[k8s-version-check] ABORT: ", StringComparison.Ordinal)).ShouldBe(1, chain.Telling());
        LastCheck(chain).ShouldBeNull("it came to no answer");

        chain.Cluster.Node("k8s-master").Ssh = SshState.Reachable;
        chain.Detect();
        chain.RunToRest();
        chain.MustBeComplete();
        chain.Annotation("told-detection").ShouldBeNull();
    }

    [Fact]
    public void ADetectionBesideARunAndOneUnderTheBrakeCameToAnAnswerToo()
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid("k8s-node4 soaks: 4 min left");
        chain.Detect();
        var beside = LastCheck(chain).ShouldNotBeNull(chain.Telling());
        chain.PullTheBrake("why not");
        chain.Pass(TimeSpan.FromHours(1));
        chain.Detect();

        LastCheck(chain).ShouldNotBeNull().ShouldBeGreaterThan(beside);
    }

    [Fact]
    public void AHookThatFailedIsInTheStepsLastMessage()
    {
        var chain = Begin(settings: "soak: 1m\nafterControlPlane: [k8s-upgrade/hooks/audit.sh]\n");
        chain.AllowToRead("hooks");
        chain.Start();
        chain.RunToRest();

        chain.Messages.Single(message => message.StartsWith("[k8s-upgrade-master] k8s-master and its control plane went from 1.34.2 to 1.34.7", StringComparison.Ordinal))
            .ShouldContain(". Warning: hook k8s-upgrade/hooks/audit.sh was not run: there is no such ConfigMap or key");
        chain.MustBeComplete();
    }

    [Fact]
    public void ARunBeginsByTheApiServersClock()
    {
        var chain = Begin();
        foreach (var node in chain.Cluster.Nodes)
        {
            chain.Cluster.ClockSkew[node.Name] = TimeSpan.FromHours(3);
        }

        chain.Detect();

        chain.Jobs[0].Run.ShouldStartWith("1.34.7/2026-11-22T12:0");
    }

    private static double? LastCheck(Scenario chain) => chain.Cluster.Pushgateway.Value("k8s-version-check", Checked);

    private static int Refusals(Scenario chain) => chain.Messages.Count(message => message.Contains("] not begun. wait: ", StringComparison.Ordinal));

    private static void Rebooted(Scenario chain, string node)
    {
        chain.Cluster.KillNode(node);
        chain.Pass(TimeSpan.FromMinutes(2));
        chain.Cluster.Boot(node);
        chain.Pass(TimeSpan.FromMinutes(5));
    }
}
