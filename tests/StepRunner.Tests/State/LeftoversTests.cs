using Stepper.Cluster.Nodes;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Tests.State;

public sealed class LeftoversTests
{
    private const string Node = "k8s-node2";

    private readonly TestCluster _cluster = new();

    [Fact]
    public void ANodeWhosePackagesAreWholeIsUncordoned()
    {
        GiveBack();

        Find().IsCordoned.ShouldBeFalse();
    }

    [Fact]
    public void ANodeNeedNotHaveKubectl()
    {
        _cluster.Sim.Node(Node).Packages.Remove("kubectl");

        GiveBack();

        Find().IsCordoned.ShouldBeFalse();
    }

    [Theory]
    [InlineData("kubeadm")]
    [InlineData("kubelet")]
    public void WithoutTheOthersItIsNotWhole(string package)
    {
        _cluster.Sim.Node(Node).Packages.Remove(package);

        GiveBack();

        Find().IsCordoned.ShouldBeTrue();
    }

    [Fact]
    public void ANodeThatAStepByHandMayBeDrainingIsLeftToIt()
    {
        GiveBack(TimeSpan.FromHours(1));

        Find().IsCordoned.ShouldBeTrue();
    }

    // Longer than any step works: it was killed.
    private void GiveBack() => GiveBack(TimeSpan.FromHours(7));

    private void GiveBack(TimeSpan since)
    {
        _cluster.Run(_cluster.Cordons.TakeAsync(Find(), Given.Run, default));
        _cluster.Sim.Time.Pass(since);
        var leftovers = new Leftovers(
            _cluster.Nodes, _cluster.Jobs, _cluster.Sim.Shell, _cluster.Cordons, _cluster.Marks, new Quiesced(_cluster.Api, [], Given.Names, _cluster.Said.Add), _cluster.Said.Add);
        _cluster.Run(leftovers.GiveBackAsync(new ResolvedStep(Given.Step(PhaseName.Preflight), OwnJob: null, Spawns: true, _cluster.Run(_cluster.Nodes.ListAsync(default)), []), default));
    }

    private ClusterNode Find() => _cluster.Node(Node);
}
