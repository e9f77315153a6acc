using System.Net;
using System.Text.Json.Nodes;
using Stepper.Cluster.Versions;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Monitoring;
using Stepper.Simulation.Shapes;

namespace Stepper.Scenarios.Tests.Chains;

/// <summary>A minor that is out, and what runs in the cluster that must work with it before a chain goes there.</summary>
public sealed class CompatibilityScenarios : ScenarioTests
{
    private const string Minor = "1.35.1";
    private const string Preflight = "k8s-upgrade-preflight-1-35-1";
    private const string Read = "source: https://net.example/support, read: 2026-11-22, fact: as it says";

    private static readonly ClusterShape AtTheNewestPatch = ClusterShapes.Of(controlPlanes: 1, workers: 2, new KubeVersion(1, 34, 7), new KubeVersion(1, 35, 1));

    [Fact]
    public void AnAddonThatDoesNotSupportTheTargetIsToldOnceAndAskedAgainUntilItIsUpgraded()
    {
        var chain = Begin(Calico(("3.30", "1.34"), ("3.31", "1.35")));
        Detect(chain);

        MustBeRefused(chain, blocked: 1, held: 0);
        var told = chain.Messages.Single(message => message.Contains("not begun. act now: ", StringComparison.Ordinal));
        told.ShouldContain("calico 3.30.3 in kube-system/calico-node is known to work up to Kubernetes 1.34");
        told.ShouldContain("for 1.35 upgrade it to 3.31 or later");

        chain.Pass(TimeSpan.FromDays(7));
        Detect(chain);

        MustBeRefused(chain, blocked: 1, held: 0);
        chain.Messages.Count(message => message.Contains("not begun", StringComparison.Ordinal)).ShouldBe(1, chain.Telling());
        chain.Said("told before, and not again: not begun. act now: calico").ShouldBeTrue(chain.Telling());

        Upgrade(chain, "v3.31.2");
        Detect(chain);

        chain.MustBeComplete(Minor);
        (chain.Gauge("k8s_upgrade_blocked"), chain.Gauge("k8s_upgrade_held")).ShouldBe((0, 0));
    }

    [Fact]
    public void AnotherReasonIsNews()
    {
        var chain = Begin(Calico(("3.30", "1.34"), ("3.31", "1.35")));
        Detect(chain);
        Upgrade(chain, "v3.30.9");
        Detect(chain);

        chain.Messages.Count(message => message.Contains("not begun", StringComparison.Ordinal)).ShouldBe(2, chain.Telling());
    }

    [Theory]
    [InlineData("", "wait: calico 3.30.3 in ")]
    [InlineData("pinned: moved in spring, ", "decided by you: calico 3.30.3 in ")]
    public void WhatNoReleaseSupportsOrWasPinnedIsHeldAndNobodyIsCalledToAct(string pinned, string told)
    {
        var chain = Begin($"addons: [{{name: calico, {pinned}images: [calico/node], releases: [{{version: '3.30', kubernetes: '1.34', {Read}}}]}}]");
        Detect(chain);

        MustBeRefused(chain, blocked: 0, held: 1);
        chain.WasTold($"not begun. {told}").ShouldBeTrue(chain.Telling());
    }

    // In a dry run too, which pushes what it finds.
    [Theory]
    [InlineData("", true, 0)]
    [InlineData("pinned: moved in spring, ", false, 1)]
    public void WhenNothingIsToBeGoneToAnyMoreNothingIsBlockedOrHeld(string pinned, bool isDry, double held)
    {
        var chain = Begin($"addons: [{{name: calico, {pinned}images: [calico/node], releases: [{{version: '3.30', kubernetes: '1.34', {Read}}}, {{version: '3.31', kubernetes: '1.35', {Read}}}]}}]");
        Detect(chain);
        MustBeRefused(chain, blocked: 1 - held, held);

        chain.Cluster.Packages.Instead = request => request.RequestUri!.AbsolutePath.Contains("v1.35", StringComparison.Ordinal) ? Missing() : null;
        if (isDry)
        {
            chain.ByHand("detect", "--dry-run").ShouldBe(0, chain.Telling());
        }
        else
        {
            Detect(chain);
        }

        chain.Line("nothing to upgrade to: ").Text.ShouldEndWith("1.35 is not out yet");
        (chain.Gauge("k8s_upgrade_blocked"), chain.Gauge("k8s_upgrade_held")).ShouldBe((0, 0));
    }

    [Fact]
    public void APrometheusThatDoesNotAnswerNeverLetsAMinorThrough()
    {
        var chain = Begin(Calico(("3.30", "1.35")));
        Detect(chain, () => chain.Cluster.Prometheus.State = PrometheusState.Down);

        chain.HasFailed(Preflight).ShouldBeTrue("the alerts' gate aborts too");
        chain.WasTold("removed APIs: whether this works with the target can't be told: Prometheus at ").ShouldBeTrue(chain.Telling());
        chain.Gauge("k8s_upgrade_blocked").ShouldBe(1);
        chain.Cordons.ShouldBeEmpty();
    }

    [Fact]
    public void AnApiThatIsStillAskedForIsInTheWayUntilNobodyAsksForAWeek()
    {
        var chain = Begin(Calico(("3.30", "1.35")));
        chain.Cluster.Api.RequestedApis.Add(new RequestedApi("policy", "v1beta9", "budgets", "1.35", LastAsked: chain.Now));
        Detect(chain);

        MustBeRefused(chain, blocked: 1, held: 0);
        chain.WasTold("not begun. act now: budgets.v1beta9.policy was asked for within the last 7 days, by Prometheus").ShouldBeTrue(chain.Telling());

        chain.Pass(TimeSpan.FromDays(8));
        Detect(chain);

        chain.MustBeComplete(Minor);
    }

    [Fact]
    public void AnAddonThatTheMatrixDoesNotKnowIsAWarningOrInTheWayBySetting()
    {
        var warned = Begin("addons: []");
        Detect(warned);
        var stopped = Begin("addons: []", "soak: 1m\nunknownAddons: abort\n");
        Detect(stopped);

        warned.MustBeComplete(Minor);
        warned.Said("what runs in the cluster to work with the target: warns, whether these addons work").ShouldBeTrue(warned.Telling());
        MustBeRefused(stopped, blocked: 1, held: 0);
        stopped.WasTold("does not have them: kube-system/calico-node (docker.io/calico/node:v3.30.3); write them into it").ShouldBeTrue(stopped.Telling());
    }

    [Fact]
    public void AMatrixThatCannotBeReadIsInTheWayOfAPatchTooAndGateAndPlanSaySo()
    {
        var chain = Begin("addons:\n  - {nam: calico}\n", version: new KubeVersion(1, 34, 2));
        chain.Start("1.34.7");
        chain.RunToRest();

        chain.Outcome("k8s-upgrade-preflight-1-34-7").ShouldBe("refused", chain.Telling());
        chain.WasTold("not begun. act now: the compatibility matrix can't be read: /compat/compat.yaml:2: ").ShouldBeTrue(chain.Telling());
        chain.ByHand("gate", "--target", "1.34.7").ShouldBe(2);
        chain.Errors.ShouldContain("stepper: /compat/compat.yaml:2: unknown key addons[0].nam; did you mean addons[0].name?");
        chain.ByHand("plan", "--target", "1.34.7").ShouldBe(4);
    }

    [Fact]
    public void GateAndPlanEndAlike()
    {
        var chain = Begin(Calico(("3.30", "1.34")));
        chain.ByHand("gate", "--target", Minor).ShouldBe(3, chain.Telling());
        chain.ByHand("plan", "--target", Minor).ShouldBe(3, chain.Telling());
        chain.Messages.ShouldBeEmpty();
    }

    private Scenario Begin(string matrix, string settings = "soak: 1m\n", KubeVersion? version = null) =>
        Begin(version is { } running ? ClusterShapes.Of(1, 1, running, new KubeVersion(1, 34, 7)) : AtTheNewestPatch, settings, matrix: matrix);

    private static string Calico(params IEnumerable<(string Version, string Kubernetes)> releases) =>
        $"addons: [{{name: calico, images: [calico/node], releases: [{string.Join(", ", releases.Select(each => $"{{version: '{each.Version}', kubernetes: '{each.Kubernetes}', {Read}}}"))}]}}]";

    private static HttpResponseMessage Missing() => new(HttpStatusCode.NotFound) { Content = new StringContent("") };

    private static void Detect(Scenario chain, Action? before = null)
    {
        chain.Detect();
        before?.Invoke();
        chain.RunToRest();
    }

    private static void Upgrade(Scenario chain, string calico)
    {
        chain.Cluster.Registry.Change(Kinds.DaemonSet, "kube-system", "calico-node", set =>
            set["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = $"docker.io/calico/node:{calico}");
        foreach (var pod in chain.Cluster.Store.List(Kinds.Pod, "kube-system").Where(pod => pod.Labels().GetValueOrDefault("app") == "calico-node").ToList())
        {
            chain.Cluster.Registry.Delete(Kinds.Pod, "kube-system", pod.Name());
        }

        chain.Pass(TimeSpan.FromMinutes(2));
    }

    private static void MustBeRefused(Scenario chain, double blocked, double held)
    {
        chain.Outcome(Preflight).ShouldBe("refused", chain.Telling());
        chain.HasFailed(Preflight).ShouldBeFalse();
        (chain.Gauge("k8s_upgrade_blocked"), chain.Gauge("k8s_upgrade_held")).ShouldBe((blocked, held), chain.Telling());
        chain.InFlight.ShouldBeNull();
        chain.Jobs.ShouldAllBe(job => job.Phase == "preflight");
        chain.Cordons.ShouldBeEmpty();
    }
}
