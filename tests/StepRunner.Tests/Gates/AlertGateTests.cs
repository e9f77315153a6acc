using Stepper.Simulation.Monitoring;
using Stepper.StepRunner.Gates;

namespace Stepper.StepRunner.Tests.Gates;

public sealed class AlertGateTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void WhereNothingFiresItHolds() => _cluster.Ask(_cluster.Alerts).ShouldBe(Verdict.Holds);

    [Fact]
    public void ACriticalAlertAborts()
    {
        Fire(new SimulatedAlert("EtcdDown"));

        _cluster.Ask(_cluster.Alerts).Reason.ShouldBe("alert EtcdDown fires, since 2026-11-22 11:00 UTC (see: curl -s http://prometheus-server.monitoring.svc.cluster.local/api/v1/alerts)");
    }

    [Fact]
    public void ARecentRebootRefusesAPreflightAndLetsAWorkerGo()
    {
        Fire(new SimulatedAlert("RecentNodeReboot", "info", "Upgrade Gates"));

        _cluster.Ask(_cluster.Alerts).ShouldRefuseForNow("alert RecentNodeReboot fires");
        _cluster.Ask(_cluster.Alerts, PhaseName.Worker).ShouldBe(Verdict.Holds);
    }

    [Theory]
    [InlineData("Down", "Connection refused")]
    [InlineData("Failing", "503")]
    [InlineData("Garbage", "answer of Prometheus")]
    public void APrometheusThatDoesNotAnswerIsNeverASilentOne(string state, string why)
    {
        _cluster.Sim.Prometheus.State = Enum.Parse<PrometheusState>(state);

        var verdict = _cluster.Ask(_cluster.Alerts);

        verdict.Kind.ShouldBe(VerdictKind.Aborts);
        verdict.Reason.ShouldStartWith("can't tell (waiting for no blocking alert to fire): Prometheus at ");
        verdict.Reason.ShouldContain(why);
    }

    [Fact]
    public void APrometheusThatHasJustStartedKnowsNothingYet()
    {
        _cluster.Sim.Prometheus.StartedAt = Given.Noon.AddMinutes(-9);

        _cluster.Ask(_cluster.Alerts).Reason.ShouldContain("it has been up for");
    }

    [Theory]
    [InlineData("EtcdDown", "critical", "kubernetes")]
    [InlineData("RecentNodeReboot", "info", "Upgrade Gates")]
    public void AnAlertThatAPersonHasSilencedDoesNotBlockAndIsSaid(string name, string severity, string group)
    {
        Fire(new SimulatedAlert(name, severity, group));
        _cluster.Sim.Alertmanager.Silenced.Add(name);

        _cluster.Ask(_cluster.Alerts).ShouldWarn($"alert {name} fires, and is silenced");
    }

    [Fact]
    public void OneThatIsSilencedDoesNotHideAnother()
    {
        Fire(new SimulatedAlert("EtcdDown"));
        Fire(new SimulatedAlert("KubeAPIDown"));
        _cluster.Sim.Alertmanager.Silenced.Add("EtcdDown");

        _cluster.Ask(_cluster.Alerts).Findings.Where(finding => finding.Blocks).ShouldHaveSingleItem().Seen.ShouldBe("alert KubeAPIDown fires");
    }

    [Fact]
    public void AnAlertmanagerThatDoesNotAnswerSilencesNothing()
    {
        Fire(new SimulatedAlert("EtcdDown"));
        _cluster.Sim.Alertmanager.IsDown = true;

        _cluster.Ask(_cluster.Alerts).Reason.ShouldStartWith("can't tell (waiting for no blocking alert to fire): Alertmanager at http://alertmanager.monitoring:9093 did not answer, asked 3 times: ");
    }

    private void Fire(SimulatedAlert alert) => _cluster.Sim.Prometheus.Fire(alert with { From = Given.Noon.AddHours(-1) });
}
