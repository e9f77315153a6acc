using Stepper.Cluster.Nodes;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Tests.State;

public sealed class CordonsTests
{
    private const string Node = "k8s-node2";

    private readonly TestCluster _cluster = new();

    [Fact]
    public void TheChainsCordonSaysWhoseItIsAndIsGivenBack()
    {
        Take(_cluster.Node(Node)).ShouldBe(CordonTaken.Now);
        IsCordoned.ShouldBeTrue();
        _cluster.Cordons.IsChains(_cluster.Node(Node)).ShouldBeTrue();
        Annotation("cordoned").ShouldBe("1.34.7/2026-11-22T12:00:00Z");

        GiveBack().ShouldBeTrue();
        IsCordoned.ShouldBeFalse();
        Annotation("cordoned").ShouldBe("");
        Annotation("step-ended").ShouldNotBe("");
    }

    [Fact]
    public void APersonsCordonIsKept()
    {
        var cluster = new TestCluster(ClusterShapes.Default().Change(Node, node => node with { IsCordoned = true }));

        cluster.Run(cluster.Cordons.TakeAsync(cluster.Node(Node), Given.Run, default)).ShouldBe(CordonTaken.BeforeTheChain);
        cluster.Cordons.IsChains(cluster.Node(Node)).ShouldBeFalse();
        cluster.Run(cluster.Cordons.GiveBackAsync(Node, isByItsStep: true, default)).ShouldBeFalse();

        cluster.Node(Node).IsCordoned.ShouldBeTrue();
        cluster.Node(Node).Annotation("viktorbarzin.me/k8s-upgrade-cordoned-before").ShouldBeNull();
    }

    [Fact]
    public void APersonWhoCordonsJustBeforeTheChainDoesIsFaster()
    {
        var seen = _cluster.Node(Node);
        PersonCordons(true);

        Take(seen).ShouldBe(CordonTaken.BeforeTheChain);
        GiveBack();

        IsCordoned.ShouldBeTrue();
    }

    [Fact]
    public void AChangeBetweenReadingAndGivingBackIsSeen()
    {
        Take(_cluster.Node(Node));
        _cluster.Before(call => call is { Verb: "patch", Resource: "nodes" }, () => _cluster.Annotate(Kinds.Node, null, Node, ("example.com/note", "mine")));

        GiveBack().ShouldBeTrue();

        IsCordoned.ShouldBeFalse();
        _cluster.Node(Node).Annotation("example.com/note").ShouldBe("mine");
    }

    [Fact]
    public void TakenAgainItStaysTheChains()
    {
        Take(_cluster.Node(Node));
        var began = Annotation("step-began");
        _cluster.Sim.Time.Pass(TimeSpan.FromMinutes(7));

        Take(_cluster.Node(Node)).ShouldBe(CordonTaken.ByAnEarlierTry);

        Annotation("step-began").ShouldBe(began);
        GiveBack().ShouldBeTrue();
    }

    [Fact]
    public void ACordonOfAnEarlierRunIsTheChainsToo()
    {
        _cluster.Run(_cluster.Cordons.TakeAsync(_cluster.Node(Node), new Run(Given.Target, Given.Noon.AddDays(-7)), default));

        Take(_cluster.Node(Node)).ShouldBe(CordonTaken.ByAnEarlierTry);
        Annotation("cordoned").ShouldBe("1.34.7/2026-11-22T12:00:00Z");
        GiveBack().ShouldBeTrue();
        IsCordoned.ShouldBeFalse();
    }

    [Fact]
    public void GivenBackTwiceNothingIsWritten()
    {
        Take(_cluster.Node(Node));
        GiveBack();
        _cluster.Writes.Clear();

        GiveBack().ShouldBeFalse();

        _cluster.Writes.ShouldBeEmpty();
    }

    [Fact]
    public void ACordonThatIsKeptSaysWhenTheWorkEndedAndWhoTakesItLaterLeavesThat()
    {
        Take(_cluster.Node(Node));
        _cluster.Run(_cluster.Cordons.KeepAsync(Node, default)).ShouldBeTrue();
        var ended = Annotation("step-ended");
        _cluster.Sim.Time.Pass(TimeSpan.FromDays(7));

        _cluster.Run(_cluster.Cordons.GiveBackAsync(Node, isByItsStep: false, default)).ShouldBeTrue();

        ended.ShouldNotBe("");
        Annotation("step-ended").ShouldBe(ended);
        IsCordoned.ShouldBeFalse();
    }

    [Fact]
    public void APersonsCordonThatNoRunKnowsIsNotTouched()
    {
        PersonCordons(true);

        GiveBack().ShouldBeFalse();

        IsCordoned.ShouldBeTrue();
        _cluster.Writes.ShouldBeEmpty();
    }

    private bool IsCordoned => _cluster.Node(Node).IsCordoned;

    private CordonTaken Take(ClusterNode node) => _cluster.Run(_cluster.Cordons.TakeAsync(node, Given.Run, default));

    private bool GiveBack() => _cluster.Run(_cluster.Cordons.GiveBackAsync(Node, isByItsStep: true, default));

    private string Annotation(string name) => _cluster.Sim.Find(Kinds.Node, null, Node)!.Annotation($"viktorbarzin.me/k8s-upgrade-{name}");

    private void PersonCordons(bool cordoned) => _cluster.Sim.Registry.Change(Kinds.Node, null, Node, node => node["spec"]!["unschedulable"] = cordoned);
}
