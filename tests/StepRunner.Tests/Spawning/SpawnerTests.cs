using System.Text.Json.Nodes;
using Stepper.Cluster.Nodes;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;
using Stepper.StepRunner.Settings;
using Stepper.StepRunner.Spawning;

namespace Stepper.StepRunner.Tests.Spawning;

public sealed class SpawnerTests
{
    private const string Name = "k8s-upgrade-worker-1-34-7-k8s-node3";

    private static readonly Step Worker = Given.Step(PhaseName.Worker, "k8s-node3");

    private TestCluster _cluster = new();

    [Fact]
    public void TheJobIsMadeOnTheBestHost()
    {
        Spawn().ShouldBe($"Job {Name} made, on k8s-node1");

        Host.ShouldBe("k8s-node1");
        _cluster.Writes.ShouldBe(["create jobs"]);
    }

    [Fact]
    public void WhoeverWasFasterMadeIt()
    {
        _cluster.Before(call => call is { Verb: "create", Resource: "jobs" }, () => Put(Worker));

        Spawn().ShouldBe($"Job {Name} of this run is there already");

        _cluster.Sim.Store.List(Kinds.Job, "k8s-upgrade").Count().ShouldBe(1);
    }

    [Fact]
    public void AnotherRunsFailedJobMakesPlace()
    {
        Put(Worker with { Run = new Run(Given.Target, Given.Noon.AddDays(-7)) });
        _cluster.Sim.Registry.Change(Kinds.Job, "k8s-upgrade", Name, job => job.SetCondition("Failed", "True", null, null, _cluster.Wait.Now));

        Spawn().ShouldBe($"Job {Name} made, on k8s-node1");

        _cluster.Sim.Find(Kinds.Job, "k8s-upgrade", Name)!.Annotation("viktorbarzin.me/k8s-upgrade-run").ShouldBe(Given.Run.ToString());
    }

    [Fact]
    public void AJobThatIsBeingDeletedIsWaitedFor()
    {
        Hold();
        _cluster.Sim.Time.After(TimeSpan.FromSeconds(90), () => _cluster.Sim.Registry.Change(Kinds.Job, "k8s-upgrade", Name, job => job["metadata"]!.AsObject().Remove("finalizers")));

        Spawn().ShouldBe($"Job {Name} made, on k8s-node1");
    }

    [Fact]
    public void AJobThatIsNeverGoneAborts()
    {
        Hold();
        var began = _cluster.Wait.Now;

        AbortOf().ShouldBe(
            $"worker k8s-node3 was not begun: Job {Name} is still being deleted after 2 min; see what holds it: kubectl get job {Name} -o yaml");

        (_cluster.Wait.Now - began).ShouldBe(TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void AHostThatTurnsOutUnfitIsReplacedByTheNextOnce()
    {
        var live = Live();
        Taint("k8s-node1");

        Spawn(live, done: "k8s-node4").ShouldBe($"Job {Name} made, on k8s-node4");

        Host.ShouldBe("k8s-node4");
        _cluster.Said[0].ShouldStartWith($"Job {Name} found no node within 60 s (");
    }

    [Fact]
    public void APodOfTheJobBeforeDoesNotCountForTheNewOnes()
    {
        _cluster.Sim.GarbageStays = TimeSpan.FromMinutes(5);
        Put(Worker with { Run = new Run(Given.Target, Given.Noon.AddDays(-7)) });
        _cluster.Sim.Time.Pass(TimeSpan.FromSeconds(5));
        _cluster.Sim.Store.List(Kinds.Pod, "k8s-upgrade").Single().NodeName().ShouldNotBeEmpty();
        _cluster.Sim.Registry.Change(Kinds.Job, "k8s-upgrade", Name, job => job.SetCondition("Failed", "True", null, null, _cluster.Wait.Now));
        var live = Live();
        Taint("k8s-node1");

        Spawn(live, done: "k8s-node4").ShouldBe($"Job {Name} made, on k8s-node4");
    }

    [Fact]
    public void TheNextHostHasRoomToo()
    {
        _cluster = new TestCluster(ClusterShapes.Default().Change("k8s-node4", node => node with { Cpu = "50m" }));
        var live = Live();
        Taint("k8s-node1");

        Spawn(live, done: "k8s-node4").ShouldBe($"Job {Name} made, on k8s-master");
    }

    [Fact]
    public void WhereNobodyCanRunItTheSchedulerIsQuotedAndNoJobIsLeft()
    {
        var live = Live();
        Taint("k8s-node1");
        Taint("k8s-node4");

        var abort = AbortOf(live, done: "k8s-node4");

        abort.ShouldStartWith($"worker k8s-node3 was not begun: nobody can run its Job {Name}. on k8s-node1: 0/5 nodes are available: ");
        abort.ShouldContain("on k8s-node4: 0/5 nodes are available: ");
        _cluster.Sim.Time.Pass(TimeSpan.FromSeconds(5));
        _cluster.Sim.Find(Kinds.Job, "k8s-upgrade", Name).ShouldBeNull();
    }

    [Fact]
    public void WhereNoNodeIsFitNothingIsMadeAndEachReasonIsSaid()
    {
        _cluster = new TestCluster(ClusterShapes.Default().Change("k8s-master", node => node with { IsCordoned = true }).Change("k8s-node1", node => node with { Cpu = "50m" })
            .Change("k8s-node2", node => node with { IsDead = true }).Change("k8s-node4", node => node with { IsCordoned = true }));

        AbortOf().ShouldBe(
            "worker k8s-node3 was not begun: no node is fit to run its pod. k8s-master: it is cordoned; k8s-node2: it is not Ready; k8s-node3: it is the node to drain; "
            + "k8s-node4: it is cordoned; k8s-node1: it has too little cpu left (0 of 0.05)");
        _cluster.Writes.ShouldBeEmpty();
    }

    [Fact]
    public void AStepThatRunsAnywhereIsPinnedToNoNode()
    {
        var spawned = _cluster.Run(Spawner().SpawnAsync(Given.Step(PhaseName.Postflight), SpawnedBy.Chain, null, Live(), new HashSet<string>(StringComparer.Ordinal), default));

        spawned.ShouldBe("Job k8s-upgrade-postflight-1-34-7 made");
    }

    private string Host => _cluster.Sim.Find(Kinds.Job, "k8s-upgrade", Name).Text("spec", "template", "spec", "nodeSelector", "kubernetes.io/hostname");

    private string Spawn(IReadOnlyList<ClusterNode>? live = null, params IEnumerable<string> done) => _cluster.Run(SpawnAsync(live, done));

    private string AbortOf(IReadOnlyList<ClusterNode>? live = null, params IEnumerable<string> done) => _cluster.AbortOf(SpawnAsync(live, done));

    private Task<string> SpawnAsync(IReadOnlyList<ClusterNode>? live, IEnumerable<string> done) =>
        Spawner().SpawnAsync(Worker, SpawnedBy.Chain, "k8s-node1", live ?? Live(), done.ToHashSet(StringComparer.Ordinal), default);

    private IReadOnlyList<ClusterNode> Live() => _cluster.Run(_cluster.Nodes.ListAsync(default));

    // After the nodes were read: what the spawner can't know.
    private void Taint(string node) => _cluster.Sim.Registry.Change(
        Kinds.Node, null, node, body => body["spec"]!["taints"] = JsonNode.Parse("""[{"key":"surprise","effect":"NoSchedule"}]"""));

    private void Put(Step step) => _cluster.Sim.Create(Template().Render(step, host: null).Json);

    private void Hold()
    {
        Put(Worker);
        _cluster.Sim.Registry.Change(Kinds.Job, "k8s-upgrade", Name, job => job["metadata"]!["finalizers"] = new JsonArray("example.com/hold"));
        _cluster.Sim.Registry.Delete(Kinds.Job, "k8s-upgrade", Name);
    }

    private Spawner Spawner() => new(_cluster.Jobs, Template(), new HostRoom(_cluster.Api), _cluster.Wait, _cluster.Said.Add);

    private static StepJob Template() => new(ShippedFiles.Embedded("job-template.yaml"), "k8s-upgrade", Given.Names, StepLimits.Of(new StepperSettings()));
}
