using System.Text.Json;
using Stepper.Cluster.Versions;
using Stepper.StepRunner.Settings;
using Stepper.StepRunner.Drain;

namespace Stepper.StepRunner.Tests.Settings;

public sealed class SettingsReaderTests
{
    private readonly List<string> _problems = [];

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("# nothing is set\n")]
    [InlineData("ssh:\n  # user: root\n")]
    public void WhatIsNotSetIsTheDefault(string? yaml) => Text(Read(yaml)).ShouldBe(Text(new StepperSettings()));

    [Fact]
    public void TheDocumentOfAllDefaultsIsTheDefaults()
    {
        var settings = Read(File.ReadAllText("Settings/defaults.yaml"));

        _problems.ShouldBeEmpty();
        Text(settings).ShouldBe(Text(new StepperSettings()));
    }

    [Fact]
    public void TenMistakesAreTenProblemsWithTheirLines()
    {
        Read(File.ReadAllText("Settings/mistakes.yaml")).ShouldBeNull();

        _problems.ShouldBe(
        [
            "stepper.yaml:2: namespace is \"K8s Upgrade\"; a name of lower-case letters, digits and -, at most 63 characters is needed",
            "stepper.yaml:3: unknown key soaks; did you mean soak?",
            "stepper.yaml:4: prometheusUrl is \"prometheus:80\"; an http or https URL is needed",
            "stepper.yaml:6: unknown key ssh.prot; did you mean ssh.port?",
            "stepper.yaml:7: ssh.port is \"many\"; a whole number from 1 to 65535 is needed",
            "stepper.yaml:9: detection.minimumAge is \"3 days\"; a duration such as 30m, 24h, 90s or 1h30m, at most 1000h, is needed",
            "stepper.yaml:10: detection.skip is \"1.34.7\"; a list is needed, and each of it a release such as 1.34.9",
            "stepper.yaml:12: alerts.ignore is \"Flapping(\"; a regular expression (no look-around, no back-references) is needed",
            "stepper.yaml:14: drain.budgets is \"push\"; one of unstick, wait, force is needed",
            "stepper.yaml:16: soak is given again; it stands on line 15 already",
        ]);
    }

    [Theory]
    [InlineData("- soak", "stepper.yaml:1: settings are a list; a map of keys is needed")]
    [InlineData("soak", "stepper.yaml:1: settings are \"soak\"; a map of keys is needed")]
    [InlineData("drain: 30m", "stepper.yaml:1: drain is \"30m\"; a map of keys is needed")]
    [InlineData("soak: [10m]", "stepper.yaml:1: soak is a list; a duration such as 30m, 24h, 90s or 1h30m, at most 1000h, is needed")]
    [InlineData("soak:", "stepper.yaml:1: soak is empty; a duration such as 30m, 24h, 90s or 1h30m, at most 1000h, is needed")]
    [InlineData("workers: {maxUnavailable: 0}", "stepper.yaml:1: workers.maxUnavailable is \"0\"; a whole number from 1 to 1000 is needed")]
    [InlineData("workers: {x: 1}", "stepper.yaml:1: unknown key workers.x; known here are maxUnavailable")]
    [InlineData("kubeadm: {ignorePreflightErrors: [All]}", "stepper.yaml:1: kubeadm.ignorePreflightErrors is \"All\"; the name of one kubeadm check, not \"all\", is needed")]
    [InlineData("ssh: {user: 'a; reboot'}", "stepper.yaml:1: ssh.user is \"a; reboot\"; a user name of lower-case letters, digits, _ and - is needed")]
    [InlineData("quiesce: [redis]", "stepper.yaml:1: quiesce is \"redis\"; namespace/name is needed")]
    [InlineData("window: {timeZone: Mars/Olympus}", "stepper.yaml:1: window.timeZone is \"Mars/Olympus\"; a time zone such as UTC or Europe/Sofia is needed")]
    [InlineData("window: {open: ['Sat 25:00-06:00']}", "stepper.yaml:1: window.open is \"Sat 25:00-06:00\"; always, or times such as \"Sat,Sun 02:00-06:00\", is needed")]
    [InlineData("soak: 10m\n---\nsoak: 5m", "stepper.yaml:2: this is no YAML that can be read: one document is wanted; a second one begins here")]
    [InlineData("a: &x 1\nb: *x", "stepper.yaml:2: this is no YAML that can be read: aliases (*name) have no place here")]
    public void AMistakeIsNamed(string yaml, string problem)
    {
        Read(yaml).ShouldBeNull();

        _problems.ShouldBe([problem]);
    }

    [Fact]
    public void BrokenYamlIsAProblemWithItsLine()
    {
        Read("soak: 10m\nssh: {user: wizard\ndrain: x: y").ShouldBeNull();

        _problems.ShouldHaveSingleItem().ShouldStartWith("stepper.yaml:2: this is no YAML that can be read: ");
    }

    [Theory]
    [InlineData("webhookUrl: htps://example.com/token")]
    [InlineData("repository: https://me:token@mirror.example.com/core:/stable:")]
    [InlineData("repository: https://mirror.example.com/core:/stable:?key=token")]
    public void ASecretIsNotShownInAProblem(string yaml)
    {
        Read(yaml).ShouldBeNull();

        _problems.ShouldHaveSingleItem().ShouldNotContain("token");
    }

    [Fact]
    public void EachGroupIsRead()
    {
        var settings = Read(
            """
            prometheusUrl: https://metrics.example.com/prometheus/
            ssh: {user: ops, port: 2222}
            detection: {maxMinor: 1.40, skip: [1.34.10], minimumAge: 72h}
            alerts: {severities: ["*"], ignore: ["Old.*"]}
            drain: {budgets: wait}
            snapshot: {mode: none}
            kubeadm: {skipPhases: [addon/coredns], patches: /etc/kubernetes/patches}
            quiesce: [redis/redis-operator]
            afterControlPlane: [k8s-upgrade/hooks/oidc.sh]
            unknownAddons: abort
            window: {timeZone: Europe/Sofia, open: ["Fri-Sun 22:00-04:00"], freeze: [2026-12-20..2027-01-03]}
            """)!;

        _problems.ShouldBeEmpty();
        settings.PrometheusUrl.ShouldBe(new Uri("https://metrics.example.com/prometheus"));
        settings.Ssh.ShouldBe(new SshSettings { User = "ops", Port = 2222 });
        settings.Detection.MaxMinor.ShouldBe(new MinorVersion(1, 40));
        settings.Detection.Skip.ShouldBe([new KubeVersion(1, 34, 10)]);
        settings.Detection.MinimumAge.ShouldBe(TimeSpan.FromDays(3));
        settings.Alerts.Severities.ShouldBe(["*"]);
        settings.Alerts.Ignore[0].IsMatch("OldDisk").ShouldBeTrue();
        settings.Alerts.Ignore[0].IsMatch("VeryOldDisk").ShouldBeFalse();
        settings.Drain.Budgets.ShouldBe(BudgetMode.Wait);
        settings.Snapshot.Mode.ShouldBe(SnapshotMode.None);
        settings.Kubeadm.SkipPhases.ShouldBe(["addon/coredns"]);
        settings.Kubeadm.Patches.ShouldBe("/etc/kubernetes/patches");
        settings.Quiesce.ShouldBe([new ObjectName("redis", "redis-operator")]);
        settings.AfterControlPlane.ShouldBe([new ConfigMapKey("k8s-upgrade", "hooks", "oidc.sh")]);
        settings.UnknownAddons.ShouldBe(Consequence.Abort);
        settings.Window.TimeZone.Id.ShouldBe("Europe/Sofia");
        settings.Window.Open.ShouldHaveSingleItem().Days.ShouldBe([DayOfWeek.Sunday, DayOfWeek.Friday, DayOfWeek.Saturday]);
        settings.Window.Freeze.ShouldBe([new FrozenDays(new DateOnly(2026, 12, 20), new DateOnly(2027, 1, 3))]);
    }

    // Records compare their lists by reference; written out they compare by what is in them.
    private static string Text(StepperSettings? settings) => JsonSerializer.Serialize(settings);

    private StepperSettings? Read(string? yaml) => SettingsReader.Read(yaml, "stepper.yaml", _problems);
}
