using System.Text.RegularExpressions;
using Stepper.Cluster.Monitoring;
using Stepper.StepRunner.Gates;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Tests.Gates;

public sealed class AlertPolicyTests
{
    private const string Own = "Upgrade Gates";

    // Phase by its name: its type is not public, and a test method's parameters are.
    [Theory]
    [InlineData("Preflight", "EtcdNoLeader", "critical", "etcd", "aborts")]
    [InlineData("Worker", "EtcdNoLeader", "critical", "etcd", "aborts")]
    [InlineData("Worker", "EtcdNoLeader", "critical", null, "aborts")]
    [InlineData("Preflight", "OldWarning", "warning", "general", "passes")]
    [InlineData("Preflight", "NoSeverity", null, "general", "passes")]
    [InlineData("Preflight", "Critical", "Critical", "general", "passes")]
    [InlineData("Preflight", "Watchdog", "critical", "general", "passes")]
    [InlineData("Preflight", "InfoInhibitor", "critical", "general", "passes")]
    [InlineData("Preflight", "RecentNodeReboot", "info", Own, "refuses")]
    [InlineData("Preflight", "RecentNodeReboot", "critical", Own, "refuses")]
    [InlineData("Master", "RecentNodeReboot", "info", Own, "passes")]
    [InlineData("Worker", "RecentNodeReboot", "critical", Own, "passes")]
    [InlineData("Postflight", "RecentNodeReboot", "info", Own, "passes")]
    [InlineData("Preflight", "K8sUpgradeStalled", "critical", Own, "passes")]
    [InlineData("Worker", "EtcdPreUpgradeSnapshotMissing", "critical", Own, "passes")]
    [InlineData("Worker", "K8sUpgradeStalled", "critical", "a copy of somebody's", "aborts")]
    public void ByDefaultCriticalAlertsBlockAndAPreflightRefusesAfterAReboot(string phase, string name, string? severity, string? group, string does) =>
        Judge(new AlertSettings(), phase, Fires(name, severity, group)).ShouldBe(does);

    [Theory]
    [InlineData("Preflight", "NoSeverity", null, "general", "aborts")]
    [InlineData("Worker", "OldWarning", "warning", "general", "aborts")]
    [InlineData("Worker", "Watchdog", "none", "general", "passes")]
    [InlineData("Preflight", "RecentNodeReboot", "info", Own, "refuses")]
    [InlineData("Worker", "RecentNodeReboot", "info", Own, "passes")]
    [InlineData("Worker", "K8sUpgradeInFlight", "info", Own, "passes")]
    public void AStarIsAnySeverityAndNone(string phase, string name, string? severity, string? group, string does) =>
        Judge(new AlertSettings { Severities = ["*"] }, phase, Fires(name, severity, group)).ShouldBe(does);

    [Theory]
    [InlineData("OldDisk", "passes")]
    [InlineData("OldDiskFull", "aborts")]
    [InlineData("VeryOldDisk", "aborts")]
    [InlineData("Flapping7", "passes")]
    [InlineData("Flapping", "aborts")]
    [InlineData("olddisk", "aborts")]
    public void AnIgnorePatternMatchesAWholeNameOrNotAtAll(string name, string does)
    {
        List<string> problems = [];
        var settings = SettingsReader.Read("alerts: {ignore: [OldDisk, 'Flapping[0-9]+|Other']}", "stepper.yaml", problems)!.Alerts;

        Judge(settings, "Worker", Fires(name, "critical", "general")).ShouldBe(does);
    }

    [Fact]
    public void ANamedAlertIsIgnoredWhereAPatternSaysSo() =>
        Judge(new AlertSettings { Ignore = [new Regex(@"\ARecentNodeReboot\z", RegexOptions.None, TimeSpan.FromSeconds(1))] }, "Preflight", Fires("RecentNodeReboot", "info", Own))
            .ShouldBe("passes");

    [Fact]
    public void NoAlertsBlockNothing() => new AlertPolicy(new AlertSettings()).Judge(PhaseName.Preflight, []).None.ShouldBeTrue();

    private static string Judge(AlertSettings settings, string phase, Alert alert) => new AlertPolicy(settings).Judge(Enum.Parse<PhaseName>(phase), [alert]) switch
    {
        { None: true } => "passes",
        { Aborting.Count: 1, Refusing.Count: 0 } => "aborts",
        { Aborting.Count: 0, Refusing.Count: 1 } => "refuses",
        _ => "both",
    };

    private static Alert Fires(string name, string? severity, string? group) =>
        new(name, Alert.Firing, severity, group, new Dictionary<string, string>(StringComparer.Ordinal), DateTimeOffset.UnixEpoch);
}
