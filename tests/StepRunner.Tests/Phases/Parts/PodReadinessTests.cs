using Stepper.Simulation.Api;
using Stepper.Simulation.Monitoring;
using Stepper.StepRunner.Phases.Parts;

namespace Stepper.StepRunner.Tests.Phases.Parts;

public sealed class PodReadinessTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void PrometheusIsAskedFirst() => Ratio().ShouldBe((1.0, "1.00 of the running pods are ready, by Prometheus"));

    [Fact]
    public void WhereTheMetricIsMissingPodsAreCountedAndThatIsSaid()
    {
        _cluster.Sim.Prometheus.HasNoPodMetrics = true;

        Ratio().ShouldBe((1.0, $"1.00 of the running pods are ready ({Running} of {Running}), counted over the API since Prometheus has no such metric"));
    }

    [Fact]
    public void WherePrometheusDoesNotAnswerPodsAreCountedAndThatIsSaid()
    {
        _cluster.Sim.Prometheus.State = PrometheusState.Failing;

        Ratio().Words.ShouldContain($"({Running} of {Running}), counted over the API since Prometheus at ");
    }

    [Fact]
    public void ANumberThatIsNoneIsNoAnswer()
    {
        _cluster.Sim.Prometheus.Results["""sum(kube_pod_status_ready{condition="true"}) / sum(kube_pod_status_phase{phase="Running"})"""] =
            """[{"metric":{},"value":[1795348800,"NaN"]}]""";

        Ratio().Words.ShouldContain("counted over the API");
    }

    private int Running => _cluster.Sim.Store.List(Kinds.Pod).Count();

    private (double Ratio, string Words) Ratio() => _cluster.Run(new PodReadiness(_cluster.Prometheus, _cluster.Api).RatioAsync(default));
}
