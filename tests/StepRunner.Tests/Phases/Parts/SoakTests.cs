using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Nodes;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Monitoring;
using Stepper.StepRunner.Phases.Parts;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Tests.Phases.Parts;

public sealed class SoakTests
{
    private readonly TestCluster _cluster = new();
    private readonly Step _step = Given.Step(PhaseName.Worker, "k8s-node3");

    [Fact]
    public void AQuietNodeIsLookedAtForAsLongAsTheSettingSays()
    {
        var began = _cluster.Wait.Now;

        Run();

        (_cluster.Wait.Now - began).ShouldBe(TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(30));
        _cluster.Said.Count(line => line.StartsWith("k8s-node3 soaks: ", StringComparison.Ordinal)).ShouldBe(9);
        _cluster.Said[^1].ShouldBe("k8s-node3 has soaked");
    }

    [Fact]
    public void AnAlertThatGoesIsWaitedFor()
    {
        Fire(from: 5, until: 20);

        Run();

        _cluster.Said.ShouldContain(line => line.StartsWith("waiting for no blocking alert to fire: firing: EtcdDown since ", StringComparison.Ordinal));
    }

    [Fact]
    public void AnAlertThatStaysAborts()
    {
        Fire(from: 5, until: 500);

        _cluster.AbortOf(Soak().RunAsync(_step, Look(), Nodes, default)).ShouldStartWith("Waited 30 min for no blocking alert to fire; still firing: EtcdDown since ");
    }

    [Fact]
    public void AlertsThatComeAndGoAreNotWaitedForLongerThanThatInAll()
    {
        var began = _cluster.Wait.Now;
        Fire(from: 5, until: 25);
        Fire(from: 27, until: 500);

        _cluster.AbortOf(Soak().RunAsync(_step, Look(), Nodes, default)).ShouldStartWith("Waited 30 min for no blocking alert to fire; still firing: EtcdDown since ");

        (_cluster.Wait.Now - began).ShouldBe(TimeSpan.FromMinutes(38), TimeSpan.FromMinutes(3));
    }

    [Fact]
    public void ADaemonSetWhosePodIsNotBackIsAWarning()
    {
        var before = Look();
        before.DaemonSets.ShouldBe(["kube-system/calico-node", "kube-system/kube-proxy", "monitoring/node-exporter"]);
        var pod = _cluster.Sim.Store.List(Kinds.Pod, "monitoring").Single(pod => pod.NodeName() == "k8s-node3" && pod.Name().StartsWith("node-exporter", StringComparison.Ordinal));
        _cluster.Sim.Registry.Change(Kinds.Pod, "monitoring", pod.Name(), changed => changed.SetCondition("Ready", "False", null, null, _cluster.Wait.Now));

        _cluster.Run(Soak().RunAsync(_step, before, Nodes, default));

        _cluster.Said.ShouldContain("warning: no Ready pod on k8s-node3 any more of DaemonSet monitoring/node-exporter");
    }

    [Fact]
    public void WhatWasEvictedAndIsNotBackAborts()
    {
        var before = Look() with { Workloads = [("StatefulSet", "default", "postgres")] };
        Unready("postgres-1");

        _cluster.AbortOf(Soak().RunAsync(_step, before, Nodes, default)).ShouldBe(
            "k8s-node3 is upgraded and in use again, but what was evicted from it is not back after 30 min: StatefulSet default/postgres has 1 of 2 replicas Ready");
    }

    [Fact]
    public void WhatWasDegradedBeforeIsNotWaitedFor()
    {
        var node = _cluster.Sim.Find(Kinds.Pod, "default", "postgres-1")!.NodeName();
        Look(node).Workloads.ShouldContain(("StatefulSet", "default", "postgres"));
        Unready("postgres-1");
        _cluster.Run(Looks().ForgetAsync(node, default));

        Look(node).Workloads.ShouldNotContain(("StatefulSet", "default", "postgres"));
    }

    [Fact]
    public void WhatIsGoneOrScaledDownMissesNothing()
    {
        var before = Look() with { Workloads = [("StatefulSet", "default", "no-more"), ("StatefulSet", "default", "postgres")] };
        Unready("postgres-1");
        _cluster.Sim.Registry.Change(Kinds.StatefulSet, "default", "postgres", set => set["spec"]!["replicas"] = 1);

        _cluster.Run(Soak().RunAsync(_step, before, Nodes, default));
    }

    [Fact]
    public void ASoakThatAnAlertBrokeOffIsBegunAgainAndBrokenOffAgainWhileTheAlertFires()
    {
        var before = Look();
        Fire(from: 5, until: 65);
        _cluster.AbortOf(Soak().RunAsync(_step, before, Nodes, default));

        _cluster.AbortOf(GoOn()).ShouldStartWith("Waited 30 min for no blocking alert to fire; still firing: EtcdDown since ");

        var began = _cluster.Wait.Now;
        _cluster.Run(GoOn());
        (_cluster.Wait.Now - began).ShouldBe(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(1));
        _cluster.Said.ShouldContain("k8s-node3 has not soaked to the end; it soaks again");
    }

    [Fact]
    public void OneThatCameToItsEndIsNotBegunAgain()
    {
        Run();
        var began = _cluster.Wait.Now;

        _cluster.Run(GoOn());

        _cluster.Wait.Now.ShouldBe(began, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void TheNextTryComparesWithWhatTheFirstOneSaw()
    {
        var before = Look();
        Unready("postgres-1");

        var again = Look();
        again.DaemonSets.ShouldBe(before.DaemonSets);
        again.Workloads.ShouldBe(before.Workloads);
    }

    [Fact]
    public void ATryWhoseFirstWasKilledAfterTheDrainWaitsForWhatThatOneEvicted()
    {
        Evicted("postgres-1");
        _cluster.Sim.Time.After(TimeSpan.FromMinutes(25), () => Ready("postgres-1"));
        var began = _cluster.Wait.Now;

        _cluster.Run(GoOn());

        (_cluster.Wait.Now - began).ShouldBe(TimeSpan.FromMinutes(25.5), TimeSpan.FromMinutes(1));
        Looks().Of(_cluster.Node("k8s-node3"), _step.Run).ShouldBeNull();
    }

    [Fact]
    public void ForWhatDoesNotComeBackEachTryAborts()
    {
        Evicted("postgres-1");

        _cluster.AbortOf(GoOn()).ShouldEndWith("is not back after 30 min: StatefulSet default/postgres has 1 of 2 replicas Ready");
        _cluster.AbortOf(GoOn()).ShouldEndWith("is not back after 30 min: StatefulSet default/postgres has 1 of 2 replicas Ready");
    }

    [Fact]
    public void WhatAnotherRunSawIsNotComparedWith()
    {
        Look();
        var another = _step with { Run = _step.Run with { Start = _step.Run.Start.AddHours(1) } };

        Looks().Of(_cluster.Node("k8s-node3"), _step.Run).ShouldNotBeNull();
        Looks().Of(_cluster.Node("k8s-node3"), another.Run).ShouldBeNull();
    }

    [Fact]
    public void HoweverMuchRanOnTheNodeWhatIsWrittenOnItIsBounded()
    {
        var many = Enumerable.Range(0, 2000).Select(i => ("ReplicaSet", "a-namespace-with-a-name", $"a-replicaset-with-a-name-{i:0000}")).ToList();

        Keep(new NodeLook(["kube-system/net"], many));

        _cluster.Node("k8s-node3").Annotation("viktorbarzin.me/k8s-upgrade-ran-before")!.Length.ShouldBeInRange(32_000, 32 * 1024);
        Looks().Of(_cluster.Node("k8s-node3"), _step.Run)!.Workloads.ShouldBe(many.Take(Looks().Of(_cluster.Node("k8s-node3"), _step.Run)!.Workloads.Count));
    }

    private void Evicted(string pod)
    {
        Keep(Look() with { Workloads = [("StatefulSet", "default", "postgres")] });
        Unready(pod);
    }

    private Task GoOn() => Soak().GoOnAsync(_step, _cluster.Node("k8s-node3"), Nodes, default);

    private void Ready(string pod) =>
        _cluster.Sim.Registry.Change(Kinds.Pod, "default", pod, changed => changed.SetCondition("Ready", "True", null, null, _cluster.Wait.Now));

    private NodeLooks Looks() => new(_cluster.Api, Given.Names);

    private void Run() => _cluster.Run(Soak().RunAsync(_step, Look(), Nodes, default));

    private IReadOnlyList<ClusterNode> Nodes => _cluster.Run(_cluster.Nodes.ListAsync(default));

    // As a step writes it with its cordon.
    private NodeLook Look(string node = "k8s-node3")
    {
        var pods = _cluster.Run(_cluster.Api.ListAsync(Resources.Pods, null, new KubeQuery(Fields: $"spec.nodeName={node}"), default)).Items;
        var (look, notes) = _cluster.Run(Soak().LookAsync(_step, _cluster.Node(node), Nodes, pods, default));
        _cluster.Annotate(Kinds.Node, null, node, [.. notes.Select(note => (note.Name, note.Value!))]);
        return look;
    }

    private void Keep(NodeLook look)
    {
        var note = Looks().Note(_step.Run, look);
        _cluster.Annotate(Kinds.Node, null, "k8s-node3", (note.Name, note.Value!));
    }

    private void Unready(string pod)
    {
        _cluster.Sim.Registry.Change(Kinds.Pod, "default", pod, changed => changed.SetCondition("Ready", "False", null, null, _cluster.Wait.Now));
        _cluster.Sim.Time.Pass(TimeSpan.FromSeconds(30));
    }

    private void Fire(int from, int until) => _cluster.Sim.Prometheus.Fire(
        new SimulatedAlert("EtcdDown") { From = _cluster.Wait.Now.AddMinutes(from), Until = _cluster.Wait.Now.AddMinutes(until) });

    private Soak Soak() => new(
        _cluster.Api, _cluster.AlertsHold, Looks(), _cluster.Milestones, _cluster.Wait, TimeSpan.FromMinutes(10), workloadsWithin: TimeSpan.FromMinutes(30), _cluster.Said.Add);
}
