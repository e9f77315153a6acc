using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Stepper.Cluster.Versions;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Monitoring;
using Stepper.Simulation.Nodes;
using Stepper.Simulation.Shapes;
using Stepper.StepRunner.Rehearsing;

namespace Stepper.Scenarios.Tests.Reports;

/// <summary>For every outcome, the weekly report as Slack gets it, text and blocks: in Golden/, to be read like code.</summary>
public sealed partial class WeeklyReports : ScenarioTests
{
    private const string LooksOnly = "detection: {dryRun: true}\n";
    private static readonly ClusterShape WithMetallb = ClusterShapes.Of(1, 2, new KubeVersion(1, 34, 7), new KubeVersion(1, 35, 1))
        .With(Workloads.DaemonSet("kube-system", "speaker", "quay.io/metallb/speaker:v0.14.8"));

    private static readonly string NeitherKnowsTheNextMinor =
        $"addons: [{Addon("calico", "calico/node", ("3.30", "1.34"), ("3.31", "1.35"))}, {Addon("metallb", "metallb/speaker", ("0.14", "1.34"))}]";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Dictionary<string, Case> Outcomes = new(StringComparer.Ordinal)
    {
        ["none-needed"] = new(chain => chain.Detect(), ClusterShapes.Of(1, 2, new KubeVersion(1, 34, 7))),
        ["due"] = new(chain => chain.Detect(), Settings: LooksOnly),
        ["blocked"] = new(
            chain =>
            {
                chain.Detect();
                chain.Cluster.Prometheus.Fire(new SimulatedAlert("EtcdDown") { From = chain.Now });
                chain.Cluster.Node("k8s-node3").Ssh = SshState.Refused;
                chain.PullTheBrake("release freeze");
            },
            Settings: LooksOnly),
        ["held"] = new(chain => chain.Detect(), Settings: LooksOnly + "window: {open: ['Sat 02:00-06:00']}\n"),
        ["held-and-to-act-on"] = new(
            chain => chain.Detect(), WithMetallb, LooksOnly, NeitherKnowsTheNextMinor),
        ["next-minor-ready"] = new(
            chain => chain.Detect(), ClusterShapes.Of(1, 2, new KubeVersion(1, 34, 2), new KubeVersion(1, 34, 7), new KubeVersion(1, 35, 0), new KubeVersion(1, 35, 1)),
            LooksOnly, $"addons: [{Addon("calico", "calico/node", ("3.30", "1.35"))}]"),
        ["next-minor-not-ready"] = new(
            chain =>
            {
                chain.Detect();
                chain.Cluster.Packages.Offer(new KubeVersion(1, 35, 1), chain.Now);
            },
            WithMetallb, "detection: {dryRun: true, minimumAge: 72h}\n", NeitherKnowsTheNextMinor),
        ["next-minor-unread"] = new(
            chain =>
            {
                chain.Detect();
                chain.Cluster.Packages.IsAway = true;
            },
            Settings: LooksOnly),
        ["upgraded"] = new(chain =>
        {
            chain.Detect();
            chain.RunToRest();
            chain.Pass(TimeSpan.FromDays(1));
        }, Settings: "soak: 1m"),
        ["in-progress"] = new(chain =>
        {
            chain.Detect();
            chain.RunUntilSaid("k8s-node4 soaks: ");
        }),
        ["parked"] = new(
            chain =>
            {
                chain.Detect();
                chain.RunToRest();
            },
            Settings: "window: {open: ['Sun 11:00-12:15', 'Mon 02:00-06:00']}"),
        ["stopped"] = new(chain =>
        {
            chain.Cluster.Node("k8s-node4").Script = new ScriptBehaviour { FailsAt = "kubelet", FailsTimes = 2 };
            chain.Detect();
            chain.RunToRest();
        }),
        ["detector-stale"] = new(
            chain =>
            {
                chain.Detect();
                chain.Pass(TimeSpan.FromDays(7));
                chain.Cluster.Node("k8s-master").Ssh = SshState.Refused;
                chain.Detect();
                chain.Pass(TimeSpan.FromDays(1.1));
                chain.Cluster.Node("k8s-master").Ssh = SshState.Reachable;
            },
            Settings: LooksOnly),
        ["cannot-tell"] = new(
            chain =>
            {
                chain.Detect();
                chain.Cluster.Packages.IsAway = true;
            },
            ClusterShapes.Of(1, 2, new KubeVersion(1, 34, 7))),
    };

    public static TheoryData<string> Names => [.. Outcomes.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void TheReportOfEachOutcomeIsTheOneInItsFile(string outcome)
    {
        var (before, shape, settings, matrix) = Outcomes[outcome];
        var chain = Begin(shape, settings, matrix: matrix);
        before(chain);
        var (jobs, flight) = (chain.Jobs.Count, chain.InFlight);

        var post = JsonNode.Parse(Sent(chain))!.AsObject();

        var shown = $"{(string)post["text"]!}\n\n{post["blocks"]!.ToJsonString(Indented)}\n";
        var masked = TimeOfDay().Replace(shown, "${day}hh:mm");
        masked.ShouldBe(File.ReadAllText($"Reports/Golden/{outcome}.txt"));
        (chain.Jobs.Count, chain.InFlight).ShouldBe((jobs, flight), "it only looks");
    }

    [Fact]
    public void ByHandItIsTheOutputInTheFormThatIsAskedFor()
    {
        var chain = Begin(settings: LooksOnly);
        chain.Detect();

        var report = ByHand(chain);

        ((string?)report["outcome"], (string?)report["target"]).ShouldBe(("due", "1.34.7"));
    }

    // A run whose Job is at work is not stopped, and where nobody can see when anybody has looked last, "none needed" may be weeks old.
    [Theory]
    [InlineData("in-progress", "the chain's Jobs: ")]
    [InlineData("none-needed", "detection's Jobs: ")]
    [InlineData("upgraded", "detection's Jobs: ")]
    [InlineData("due", "detection's Jobs: ")]
    public void WhereJobsCannotBeReadItCannotTell(string otherwise, string unread)
    {
        var (before, shape, settings, matrix) = Outcomes[otherwise];
        var chain = Begin(shape, settings, matrix: matrix);
        before(chain);
        using var _ = chain.Cluster.Api.Faults.Answer(call =>
            call is { Verb: "list", Resource: "jobs" } ? new ApiRefusal(HttpStatusCode.Forbidden, "Forbidden", "jobs.batch is forbidden") : null);

        var report = ByHand(chain);

        ((string?)report["outcome"], (string?)report["title"]).ShouldBe(("cannot tell", "K8s upgrade: can't tell"), chain.Telling());
        report["parts"]!.AsArray().Single(part => (string?)part!["heading"] == "Could not be read")!["lines"]!.AsArray().ShouldContain(line => ((string)line!).StartsWith(unread, StringComparison.Ordinal));
    }

    private static JsonNode ByHand(Scenario chain)
    {
        var from = chain.Story.Count;
        chain.ByHand("report", "--output", "json").ShouldBe(0, chain.Telling());
        return JsonNode.Parse(string.Join('\n', chain.Story.Skip(from).Where(line => line.Who == "report").Select(line => line.Text)))!;
    }

    private static string Addon(string name, string image, params IEnumerable<(string Version, string Kubernetes)> releases) =>
        $"{{name: {name}, images: [{image}], releases: [{string.Join(", ", releases.Select(each => $"{{version: '{each.Version}', kubernetes: '{each.Kubernetes}', source: https://net.example/support, read: 2026-11-22, fact: as it says}}"))}]}}";

    // As its CronJob runs it, which has the compatibility matrix beside what detection's has. Gives what Slack got.
    private static string Sent(Scenario chain)
    {
        var spec = chain.Cluster.Find(Kinds.CronJob, Scenario.Namespace, "k8s-version-check")!.At("spec", "jobTemplate", "spec")!.DeepClone();
        spec["template"]!["spec"]!["containers"]![0]!["args"] = new JsonArray("report");
        spec["template"]!["spec"]!["containers"]![0]!["volumeMounts"]!.AsArray().Add(new JsonObject { ["name"] = "compat", ["mountPath"] = "/compat" });
        spec["template"]!["spec"]!["volumes"]!.AsArray().Add(new JsonObject { ["name"] = "compat", ["configMap"] = new JsonObject { ["name"] = "k8s-upgrade-compat" } });
        spec["template"]!["metadata"]!["labels"] = new JsonObject { ["app"] = "k8s-upgrade-report" };
        chain.Cluster.Create(new JsonObject
        {
            ["apiVersion"] = "batch/v1",
            ["kind"] = "Job",
            ["metadata"] = new JsonObject { ["name"] = "k8s-upgrade-report-1", ["namespace"] = Scenario.Namespace, ["labels"] = new JsonObject { ["app"] = "k8s-upgrade-report" } },
            ["spec"] = spec,
        });
        chain.RunUntil(() => Rehearsal.IsOver(chain.Cluster.Find(Kinds.Job, Scenario.Namespace, "k8s-upgrade-report-1")!));
        chain.HasFailed("k8s-upgrade-report-1").ShouldBeFalse(chain.Telling());
        return chain.Cluster.Webhooks.Posts.Last(post => post.Body.Contains("[k8s-upgrade-report]", StringComparison.Ordinal)).Body;
    }

    // It moves with every gate that takes longer.
    [GeneratedRegex(@"(?<day>[0-9]{4}-[0-9]{2}-[0-9]{2}[ T])[0-9]{2}:[0-9]{2}(:[0-9]{2})?\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TimeOfDay();

    private sealed record Case(Action<Scenario> Before, ClusterShape? Shape = null, string? Settings = null, string Matrix = Scenario.NothingKnown);
}
