using Stepper.Cluster.Versions;
using Stepper.Detection;
using Stepper.Simulation.Nodes;
using Stepper.StepRunner.Phases.Parts;

namespace Stepper.StepRunner.Tests.Phases.Parts;

public sealed class NodesPreparedTests
{
    private static readonly Step ToTheNextMinor =
        new(PhaseName.Preflight, null, new Run(new KubeVersion(1, 35, 1), Given.Noon), UpgradeKind.Minor, Given.Image);

    private readonly TestCluster _cluster = new();

    [Fact]
    public void AllNodesWhosePackageSourceCouldNotBeSetAreNamedAtOnce()
    {
        _cluster.Sim.Node("k8s-node2").Ssh = SshState.Refused;
        _cluster.Sim.Node("k8s-node4").Ssh = SshState.Unreachable;

        var abort = _cluster.AbortOf(PrepareAsync(ToTheNextMinor));

        abort.ShouldStartWith("The package source could not be set to 1.35 on 2 of 5 nodes: k8s-node2: ");
        abort.ShouldContain("; k8s-node4: ");
        abort.ShouldEndWith("No package was changed anywhere, and no node is cordoned");
    }

    [Fact]
    public void ForAPatchNoPackageSourceIsSet()
    {
        _cluster.Sim.Node("k8s-node2").Ssh = SshState.Refused;

        _cluster.Run(PrepareAsync(Given.Step(PhaseName.Preflight)));

        _cluster.Said.ShouldContain("the packages and images of 1.34.7 are fetched ahead on 4 of 5 nodes");
        _cluster.Said.ShouldContain(line => line.StartsWith("warning: k8s-node2: could not fetch 1.34.7 ahead within 30 min: ", StringComparison.Ordinal));
    }

    [Fact]
    public void ANodeWhoseFetchDoesNotEndIsAWarningAndHoldsNobodyUp()
    {
        _cluster.Sim.Node("k8s-node2").FetchTakes = TimeSpan.FromHours(2);
        var began = _cluster.Wait.Now;

        _cluster.Run(PrepareAsync(Given.Step(PhaseName.Preflight)));

        _cluster.Said.ShouldContain("warning: k8s-node2: could not fetch 1.34.7 ahead within 30 min; its own step does it");
        _cluster.Said.ShouldContain("the packages and images of 1.34.7 are fetched ahead on 4 of 5 nodes");
        (_cluster.Wait.Now - began).ShouldBe(TimeSpan.FromMinutes(30), TimeSpan.FromSeconds(10));
    }

    private async Task PrepareAsync(Step step) =>
        await new NodesPrepared(_cluster.Sim.Shell, "https://pkgs.k8s.io/core:/stable:", _cluster.Milestones, _cluster.Wait, _cluster.Said.Add)
            .PrepareAsync(step, await _cluster.Nodes.ListAsync(default), default);
}
