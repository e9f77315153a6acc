using System.Net;
using System.Text.Json.Nodes;
using Stepper.Cluster.Kubernetes;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Monitoring;
using Stepper.StepRunner.Gates;
using Stepper.StepRunner.Settings;

namespace Stepper.Scenarios.Tests.Incidents;

/// <summary>What went wrong with questions that got no answer.</summary>
public sealed class GateIncidents : ScenarioTests
{
    [Theory]
    [InlineData(PrometheusState.Down)]
    [InlineData(PrometheusState.Failing)]
    [InlineData(PrometheusState.Garbage)]
    public void Incident05_APrometheusThatDoesNotAnswerStopsThePreflight(PrometheusState state)
    {
        var chain = Begin();
        chain.Cluster.Prometheus.State = state;
        chain.Start();
        chain.RunToRest();

        chain.HasFailed("k8s-upgrade-preflight-1-34-7").ShouldBeTrue(chain.Telling());
        chain.WasTold("ABORT: Nothing was changed. act now: can't tell").ShouldBeTrue(chain.Telling());
        chain.WasTold("Prometheus at http://prometheus-server.monitoring.svc.cluster.local did not answer, asked 3 times").ShouldBeTrue(chain.Telling());
        NothingWasTouched(chain);
    }

    [Fact]
    public void Incident05_APrometheusThatGoesDuringTheChainStopsItBeforeTheNextCordon()
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid("Job k8s-upgrade-worker-1-34-7-k8s-node4 made");
        chain.Cluster.Prometheus.State = PrometheusState.Down;
        chain.RunToRest();

        chain.HasFailed(Scenario.Worker("k8s-node4")).ShouldBeTrue(chain.Telling());
        chain.WasTold("Waited 30 min for no blocking alert to fire; still can't tell").ShouldBeTrue(chain.Telling());
        chain.Cordons.ShouldNotContain(change => change.Node == "k8s-node4");

        chain.Cluster.Prometheus.State = PrometheusState.Well;
        chain.Pass(TimeSpan.FromHours(1));
        chain.Detect();
        chain.RunToRest();
        chain.MustBeComplete();
    }

    [Fact]
    public void Incident34_APreflightThatCannotReadTheKillSwitchAborts()
    {
        var chain = Begin();
        HideTheKillSwitch(chain);
        chain.Start();
        chain.RunToRest();

        chain.HasFailed("k8s-upgrade-preflight-1-34-7").ShouldBeTrue(chain.Telling());
        chain.WasTold("ABORT: ").ShouldBeTrue(chain.Telling());
        chain.WasTold("k8s-upgrade-killswitch").ShouldBeTrue(chain.Telling());
        NothingWasTouched(chain);
    }

    [Theory]
    [InlineData("Job k8s-upgrade-master-1-34-7 made", "k8s-upgrade-master-1-34-7", "k8s-master")]
    [InlineData("Job k8s-upgrade-worker-1-34-7-k8s-node3 made", "k8s-upgrade-worker-1-34-7-k8s-node3", "k8s-node3")]
    public void Incident34_AStepThatCannotReadTheKillSwitchAbortsBeforeTheCordon(string moment, string job, string node)
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid(moment);
        HideTheKillSwitch(chain);
        chain.RunToRest();

        chain.HasFailed(job).ShouldBeTrue(chain.Telling());
        chain.WasTold("k8s-upgrade-killswitch").ShouldBeTrue(chain.Telling());
        chain.Cordons.ShouldNotContain(change => change.Node == node);
    }

    [Fact]
    public void Incident34_ADetectionThatCannotReadTheKillSwitchBeginsNothing()
    {
        var chain = Begin();
        HideTheKillSwitch(chain);
        chain.Detect();

        chain.HasFailed("k8s-version-check-1").ShouldBeTrue(chain.Telling());
        chain.Said("aborted: ").ShouldBeTrue();
        chain.Jobs.ShouldBeEmpty();
    }

    private static void HideTheKillSwitch(Scenario chain) => chain.Cluster.Api.Faults.Answer(call =>
        call is { Resource: "configmaps", Name: "k8s-upgrade-killswitch" }
            ? new ApiRefusal(HttpStatusCode.Forbidden, "Forbidden", "configmaps \"k8s-upgrade-killswitch\" is forbidden: RBAC: clusterrole not found")
            : null);

    [Fact]
    public void Incident25_ARightThatIsMissingIsNamedBeforeAnythingIsChanged()
    {
        var chain = Begin();
        chain.Cluster.Registry.Change(Kinds.Role, "default", "k8s-upgrade-snapshot", role => role.Items("rules").Single(rule => (string?)rule["resources"]![0] == "pods/log")["verbs"] = new JsonArray("list"));
        chain.Start();
        chain.RunToRest();

        chain.HasFailed("k8s-upgrade-preflight-1-34-7").ShouldBeTrue(chain.Telling());
        chain.WasTold("ABORT: Nothing was changed. act now: not allowed to get pods/log in default").ShouldBeTrue(chain.Telling());
        NothingWasTouched(chain);
    }

    [Fact]
    public void Incident25_EveryCallThatAChainMakesWasAskedForByItsPreflight()
    {
        var settings = new StepperSettings { Quiesce = [new ObjectName("default", "web")], AfterControlPlane = [new ConfigMapKey("k8s-upgrade", "after", "run.sh")] };
        var needed = NeededAccess.Of(settings);
        var chain = Begin(settings: "quiesce: [default/web]\nafterControlPlane: [k8s-upgrade/after/run.sh]\n");
        chain.AddHook();
        var unasked = new SortedSet<string>(StringComparer.Ordinal);
        chain.Cluster.Api.Requested += call =>
        {
            var isOpenToAll = call.Resource.StartsWith('/');
            if (call.User == NeededAccess.Account(settings) && !isOpenToAll && !needed.Any(access => Covers(access, call)))
            {
                unasked.Add($"{call}");
            }
        };

        chain.Start();
        chain.RunUntilSaid("script: apply");
        chain.Kill("k8s-upgrade-master-1-34-7");
        chain.RunToRest();

        chain.MustBeComplete();
        unasked.ShouldBeEmpty();
    }

    // An object whose name an access does not say is any.
    private static bool Covers(ApiAccess access, ApiCall call) =>
        access.Verb == call.Verb && access.Group == call.Group
        && access.Resource == (call.Subresource.Length == 0 ? call.Resource : $"{call.Resource}/{call.Subresource}")
        && (access.Namespace ?? call.Namespace) == call.Namespace
        && (access.Name ?? call.Name) == call.Name;

    private static void NothingWasTouched(Scenario chain)
    {
        chain.Jobs.ShouldAllBe(job => job.Phase == "preflight");
        chain.Cordons.ShouldBeEmpty();
        chain.InFlight.ShouldBeNull();
        chain.Cluster.Store.List(Kinds.Job, "default").ShouldBeEmpty();
        chain.Cluster.Nodes.ShouldAllBe(node => node.Scripts.Count == 0 && node.Fetched == null);
    }
}
