namespace Stepper.Scenarios.Tests.Incidents;

/// <summary>Figures that were missing, or were another's.</summary>
public sealed class FigureIncidents : ScenarioTests
{
    [Fact]
    public void Incident33_ARatioThatPrometheusLacksIsSaidToBeMissingAndCountedOverTheApi()
    {
        var chain = Begin();
        chain.Cluster.Prometheus.HasNoPodMetrics = true;
        chain.Start();
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Said("counted over the API since Prometheus has no such metric").ShouldBeTrue(chain.Telling());
        chain.Messages[^1].ShouldNotContain(" 0.00 of the running pods");
    }

    [Fact]
    public void Incident33_ARatioOfZeroIsNotTheEndOfAnUpgrade()
    {
        var chain = Begin();
        chain.Cluster.Prometheus.Results["""sum(kube_pod_status_ready{condition="true"}) / sum(kube_pod_status_phase{phase="Running"})"""] =
            """[{"metric":{},"value":[1795342577.436,"0"]}]""";
        chain.Start();
        chain.RunToRest();

        chain.WasTold(":white_check_mark: K8s upgrade complete").ShouldBeFalse(chain.Telling());
        chain.HasFailed("k8s-upgrade-postflight-1-34-7").ShouldBeTrue(chain.Telling());
        chain.WasTold("0.00 of the running pods are ready, by Prometheus").ShouldBeTrue(chain.Telling());
    }

    [Fact]
    public void Incident48_EachNodeKeepsItsOwnDuration()
    {
        var chain = Begin();
        chain.Start();
        chain.RunToRest();

        chain.MustBeComplete();
        foreach (var (phase, node) in new[] { ("preflight", ""), ("master", "k8s-master"), ("worker", "k8s-node4"), ("worker", "k8s-node3"), ("worker", "k8s-node2"), ("worker", "k8s-node1"), ("postflight", "") })
        {
            Duration(chain, phase, node).ShouldHaveSingleItem().ShouldBeGreaterThan(0);
        }
    }

    [Fact]
    public void Incident48_TheDurationsOfTheRunBeforeAreTakenAwayByTheNext()
    {
        var chain = Begin();
        chain.Start();
        chain.RunToRest();
        chain.Cluster.Packages.Offer(new Stepper.Cluster.Versions.KubeVersion(1, 34, 8), chain.Now);
        chain.Pass(TimeSpan.FromDays(2));

        chain.Start("1.34.8");
        chain.RunUntilSaid("Job k8s-upgrade-master-1-34-8 made");

        Duration(chain, "worker", "k8s-node3").ShouldBeEmpty(chain.Telling());
        chain.RunToRest();
        chain.MustBeComplete("1.34.8");
    }

    [Fact]
    public void APushgatewayThatIsAwayHoldsNothingUpAndHasItAllWhenItIsBack()
    {
        var usual = Begin();
        usual.Start();
        usual.RunToRest();
        var chain = Begin();
        chain.Cluster.Pushgateway.IsDown = true;
        chain.Start();
        chain.RunUntilSaid("Job k8s-upgrade-postflight-1-34-7 made");
        chain.Cluster.Pushgateway.IsDown = false;
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Gauge("k8s_upgrade_last_success_timestamp").ShouldNotBeNull();
        (chain.Now - usual.Now).ShouldBeLessThan(TimeSpan.FromMinutes(10));
        chain.Story.Count(line => line.Text.Contains("is to be pushed is kept", StringComparison.Ordinal)).ShouldBeInRange(1, 120);
    }

    private static IEnumerable<double> Duration(Scenario chain, string phase, string node) =>
        chain.Cluster.Pushgateway.Groups.TryGetValue($"job=\"k8s-version-upgrade\",node=\"{node}\",phase=\"{phase}\"", out var group)
            ? group.Samples.Where(sample => sample.Name == "k8s_upgrade_phase_duration_seconds").Select(sample => sample.Value)
            : [];
}
