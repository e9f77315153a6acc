using Stepper.Simulation;
using Stepper.Simulation.Api;

namespace Stepper.StepRunner.Tests.Commands;

public sealed class CliTests
{
    private const string Config = "/etc/stepper/stepper.yaml";

    private static readonly IReadOnlyDictionary<string, string> OfAJob = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["PHASE"] = "worker",
        ["TARGET_NODE"] = "k8s-node3",
        ["TARGET_VERSION"] = "1.34.7",
        ["KIND"] = "patch",
        ["IMAGE"] = Given.Image,
        ["POD_NAME"] = "k8s-upgrade-worker-1-34-7-k8s-node3-abcde",
        ["NODE_NAME"] = "k8s-node1",
    };

    private readonly TestCluster _cluster = new();

    [Theory]
    [InlineData("stepper")]
    [InlineData("detect")]
    [InlineData("gate")]
    [InlineData("plan")]
    [InlineData("start")]
    [InlineData("report")]
    [InlineData("rehearse")]
    [InlineData("manifests")]
    public void HelpSaysWhatThereIsWithAnExample(string verb)
    {
        var end = verb == "stepper" ? _cluster.Command(["--help"]) : _cluster.Command([verb, "--help"]);

        // The program is named for the process that it runs in.
        end.Output.Replace("StepRunner.Tests", "stepper", StringComparison.Ordinal).TrimEnd().ShouldBe(File.ReadAllText($"Commands/Golden/{verb}.txt").TrimEnd());
        (end.Code, end.Error).ShouldBe((0, ""));
    }

    [Fact]
    public void StartedWithNothingItExplainsItselfAndIsWrongUse()
    {
        var end = _cluster.Command([]);

        end.Error.ShouldBe(_cluster.Command(["--help"]).Output + "stepper: no verb and no phase was given; see stepper --help.\n");
        (end.Code, end.Output).ShouldBe((2, ""));
    }

    [Fact]
    public void TheVersionIsOneLine()
    {
        var end = _cluster.Command(["--version"]);

        end.Output.ShouldMatch(@"\A[0-9]+\.[0-9]+\.[0-9]+[^\n]*\n\z");
        (end.Code, end.Error).ShouldBe((0, ""));
    }

    [Theory]
    [InlineData("--no-spawn", "stepper: no verb and no phase was given; see stepper --help.")]
    [InlineData("--phase uplift", "stepper: PHASE (--phase) is \"uplift\"; one of preflight, master, worker, postflight is needed.")]
    [InlineData("--phase worker", "stepper: TARGET_NODE (--node) is empty; a worker step needs the name of the node that it upgrades.")]
    [InlineData("--phase worker --node k8s-node9",
        "stepper: TARGET_NODE (--node) is \"k8s-node9\"; there is no such node. There are k8s-node1, k8s-node2, k8s-node3, k8s-node4.")]
    [InlineData("--phase worker --node k8s-master", "stepper: TARGET_NODE (--node) is \"k8s-master\", which is a control-plane node; it is upgraded by --phase master.")]
    [InlineData("--phase master --node k8s-node1", "stepper: TARGET_NODE (--node) is \"k8s-node1\", which is a worker; it is upgraded by --phase worker.")]
    [InlineData("--phase preflight --target-version 1.34", "stepper: TARGET_VERSION (--target-version) is \"1.34\"; a release such as 1.34.7 is needed.")]
    [InlineData("--phase preflight --target-version 1.35.0-rc.1", "stepper: TARGET_VERSION (--target-version) is \"1.35.0-rc.1\"; a release such as 1.34.7 is needed.")]
    [InlineData("--phase preflight", "stepper: TARGET_VERSION (--target-version) is empty, and no run is in flight; a release such as 1.34.7 is needed.")]
    [InlineData("--phase preflight --kind big", "stepper: KIND (--kind) is \"big\"; patch or minor is needed.")]
    [InlineData("start --target newest", "stepper: --target is \"newest\"; a release such as 1.34.7 is needed.")]
    [InlineData("start --target 1.36.0", "stepper: --target is 1.36.0: 1.36.0 is more than one minor above 1.34.2, which runs; kubeadm goes one minor at a time, next is 1.35.")]
    [InlineData("start --target 1.33.9", "stepper: --target is 1.33.9: 1.33.9 is older than 1.34.2, which runs; kubeadm does not downgrade.")]
    [InlineData("start", "stepper: Option '--target' is required.\nSee: stepper start --help")]
    [InlineData("detect --faster", "stepper: Unrecognized command or argument '--faster'.\nSee: stepper detect --help")]
    [InlineData("--faster", "stepper: Unrecognized command or argument '--faster'.\nSee: stepper --help")]
    [InlineData("upgrade", "stepper: Unrecognized command or argument 'upgrade'.\nSee: stepper --help")]
    [InlineData("detect --config /tmp/none.yaml", "stepper: /tmp/none.yaml can't be read; it was named as the settings file (--config, STEPPER_CONFIG).")]
    [InlineData("rehearse --target 1.34.7 --output xml", "stepper: Argument 'xml' not recognized. Must be one of:\n\t'text'\n\t'json'\nSee: stepper rehearse --help")]
    public void WrongUseIsNamedWithWhatIsRightAndTouchesNothing(string line, string message) =>
        IsWrongUse(_cluster.Command(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)), message);

    [Theory]
    [InlineData("soaks: 5m", "/etc/stepper/stepper.yaml:1: unknown key soaks; did you mean soak?")]
    [InlineData("soak: 5 minutes", "/etc/stepper/stepper.yaml:1: soak is \"5 minutes\"; a duration such as 30m, 24h, 90s or 1h30m, at most 1000h, is needed")]
    public void SettingsThatAreWrongTouchNothing(string settings, string message)
    {
        foreach (var verb in new[] { "detect", "start --target 1.34.7", "--phase preflight --target-version 1.34.7" })
        {
            IsWrongUse(_cluster.Command(verb.Split(' '), files: Files((Config, settings))), "stepper: " + message);
        }
    }

    [Fact]
    public void AllThatIsWrongIsSaidAtOnce() => IsWrongUse(
        _cluster.Command(["--phase", "worker", "--kind", "big"], files: Files((Config, "soaks: 5m"), ("/secrets/k8s-upgrade/slack_webhook", "xoxb-secret"))),
        """
        stepper: KIND (--kind) is "big"; patch or minor is needed.
        stepper: TARGET_NODE (--node) is empty; a worker step needs the name of the node that it upgrades.
        stepper: /etc/stepper/stepper.yaml:1: unknown key soaks; did you mean soak?
        stepper: /secrets/k8s-upgrade/slack_webhook holds no address of a Slack incoming webhook such as https://hooks.slack.com/services/….
        """);

    [Fact]
    public void InAPodTheTemplateMustBeThere() =>
        IsWrongUse(_cluster.Command([], OfAJob), "stepper: /template/job-template.yaml can't be read; ConfigMap k8s-upgrade-job-template is mounted there.");

    [Theory]
    [InlineData("kind: Job", "kind: CronJob", "stepper: job template, line 3: kind is \"CronJob\"; \"Job\" is needed.")]
    [InlineData("{{ kind }}", "{{ sort }}",
        "stepper: job template, line 53: there is no value named \"sort\"; known are active_deadline_seconds, annotations, image, job_name, kind, labels, namespace, node_selector, "
        + "phase, target_node, target_version, tolerations.")]
    public void ATemplateThatCannotBeUsedIsFoundBeforeAnythingIsTouched(string good, string bad, string message)
    {
        var template = ShippedFiles.Embedded("job-template.yaml").Replace(good, bad, StringComparison.Ordinal);

        IsWrongUse(_cluster.Command([], OfAJob, Files(("/template/job-template.yaml", template))), message);
    }

    [Fact]
    public void AJobLacksNothingThatItsTemplateSets()
    {
        var lacking = OfAJob.Where(pair => pair.Key is not ("IMAGE" or "NODE_NAME")).ToDictionary(StringComparer.Ordinal);

        IsWrongUse(
            _cluster.Command([], lacking, Files(("/template/job-template.yaml", ShippedFiles.Embedded("job-template.yaml")))),
            """
            stepper: IMAGE is empty; the Job of a step sets it (templates/job-template.yaml).
            stepper: NODE_NAME is empty; the Job of a step sets it (templates/job-template.yaml).
            """);
    }

    [Fact]
    public void AnOptionWinsOverItsVariable() => IsWrongUse(
        _cluster.Command(["--phase", "worker", "--node", "k8s-node9"], new Dictionary<string, string>(StringComparer.Ordinal) { ["PHASE"] = "preflight", ["TARGET_NODE"] = "k8s-node1" }),
        "stepper: TARGET_NODE (--node) is \"k8s-node9\"; there is no such node. There are k8s-node1, k8s-node2, k8s-node3, k8s-node4.");

    [Fact]
    public void TheSettingsFileMayBeNamedByAVariable() => IsWrongUse(
        _cluster.Command(["detect"], new Dictionary<string, string>(StringComparer.Ordinal) { ["STEPPER_CONFIG"] = "/home/me/s.yaml" }, Files(("/home/me/s.yaml", "soaks: 5m"))),
        "stepper: /home/me/s.yaml:1: unknown key soaks; did you mean soak?");

    [Fact]
    public void ByHandAnotherTargetThanThatOfTheRunInFlightIsWrongUse()
    {
        _cluster.Run(_cluster.State.TryTakeAsync(Given.Run, _cluster.Run(_cluster.State.ReadAsync(default)), default));
        _cluster.Writes.Clear();

        IsWrongUse(
            _cluster.Command(["--phase", "worker", "--node", "k8s-node3", "--target-version", "1.34.6"]),
            "stepper: TARGET_VERSION (--target-version) is 1.34.6, but the run 1.34.7/2026-11-22T12:00:00Z is in flight; leave it out, or give 1.34.7.");
    }

    [Fact]
    public void StartMakesThePreflightJobAndSaysSo()
    {
        var end = _cluster.Command(["start", "--target", "1.34.7"]);

        (end.Code, end.Error).ShouldBe((0, ""));
        end.Output.ShouldContain("Job k8s-upgrade-preflight-1-34-7 made, on k8s-node1");
        _cluster.Writes.ShouldBe(["create jobs"]);
        _cluster.Sim.Find(Kinds.Job, "k8s-upgrade", "k8s-upgrade-preflight-1-34-7")!.Annotation("viktorbarzin.me/k8s-upgrade-run").ShouldStartWith("1.34.7/2026-11-22T12:00:");
    }

    private static Dictionary<string, string> Files(params IEnumerable<(string Path, string Text)> files) =>
        files.ToDictionary(file => file.Path, file => file.Text, StringComparer.Ordinal);

    private void IsWrongUse(CommandEnd end, string message)
    {
        end.Error.ReplaceLineEndings("\n").TrimEnd().ShouldBe(message.ReplaceLineEndings("\n"));
        end.Code.ShouldBe(2);
        _cluster.Writes.ShouldBeEmpty();
    }
}
