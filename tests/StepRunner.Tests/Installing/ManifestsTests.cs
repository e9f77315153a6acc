using System.Text.Json.Nodes;
using Stepper.Cluster.Kubernetes;
using Stepper.Simulation;
using Stepper.StepRunner.Gates;
using Stepper.StepRunner.Installing;
using Stepper.StepRunner.Settings;
using Stepper.StepRunner.Spawning;
using YamlDotNet.RepresentationModel;

namespace Stepper.StepRunner.Tests.Installing;

public sealed class ManifestsTests
{
    private const string Image = "registry.example.com:5000/ops/stepper:0.1.0";

    private readonly TestCluster _cluster = new();

    [Fact]
    public void WhatStandsOnAnotherComesAfterIt() => Printed().Select(body => $"{body.Text("kind")} {(body.Namespace() is { Length: > 0 } ns ? $"{ns}/" : "")}{body.Name()}").ShouldBe(
    [
        "Namespace k8s-upgrade",
        "ServiceAccount k8s-upgrade/k8s-upgrade-job",
        "ClusterRole k8s-upgrade",
        "ClusterRoleBinding k8s-upgrade",
        "Role k8s-upgrade/k8s-upgrade",
        "RoleBinding k8s-upgrade/k8s-upgrade",
        "Role kube-system/k8s-upgrade",
        "RoleBinding kube-system/k8s-upgrade",
        "Role default/k8s-upgrade-events",
        "RoleBinding default/k8s-upgrade-events",
        "Role default/k8s-upgrade-snapshot",
        "RoleBinding default/k8s-upgrade-snapshot",
        "ConfigMap k8s-upgrade/k8s-upgrade-job-template",
        "ConfigMap k8s-upgrade/k8s-upgrade-scripts",
        "ConfigMap k8s-upgrade/k8s-upgrade-compat",
        "ConfigMap k8s-upgrade/k8s-upgrade-known-hosts",
        "CronJob k8s-upgrade/k8s-version-check",
        "CronJob k8s-upgrade/k8s-upgrade-report",
    ]);

    [Fact]
    public void AsYamlAndAsJsonItIsTheSame()
    {
        string[] choices = ["--set", "quiesce=[tigera-operator/tigera-operator]", "--network-policy", "--external-secret", "vault"];
        var list = JsonNode.Parse(Print([.. choices, "--output", "json"]))!;

        list["kind"]!.ToString().ShouldBe("List");
        new JsonArray([.. Printed(choices).Select(body => body.DeepClone())]).ToJsonString().ShouldBe(list["items"]!.ToJsonString());
    }

    [Fact]
    public void TheFilesThatPodsReadAreTheShippedOnesToTheLastByte()
    {
        var printed = Printed();

        printed.Single(body => body.Name() == "k8s-upgrade-job-template").Text("data", "job-template.yaml").ShouldBe(ShippedFiles.Embedded("job-template.yaml"));
        printed.Single(body => body.Name() == "k8s-upgrade-scripts").Text("data", "update_k8s.sh").ShouldBe(ShippedFiles.Embedded("update_k8s.sh"));
    }

    [Fact]
    public void DetectionRunsTheImageOnSundaysAndNeverTwiceAtATime()
    {
        var detection = Printed().Single(body => body.Name() == "k8s-version-check");

        detection["spec"]!["jobTemplate"]!["spec"]!["template"]!["spec"]!["containers"]![0]!["image"]!.ToString().ShouldBe(Image);
        (detection.Text("spec", "schedule"), detection.Text("spec", "timeZone"), detection.Text("spec", "concurrencyPolicy")).ShouldBe(("0 12 * * 0", "Etc/UTC", "Forbid"));
    }

    [Fact]
    public void TheReportGoesOutOnMondaysAndIsNoDetection()
    {
        var report = Printed().Single(body => body.Text("kind") == "CronJob" && body.Name() == "k8s-upgrade-report");

        report.Text("spec", "schedule").ShouldBe("0 8 * * 1");
        var template = report["spec"]!["jobTemplate"]!;
        template["metadata"]!["labels"]!["app"]!.ToString().ShouldBe("k8s-upgrade-report");
        template["spec"]!["template"]!["spec"]!["containers"]![0]!["args"]![0]!.ToString().ShouldBe("report");
        template["spec"]!["template"]!["spec"]!["containers"]![0]!["image"]!.ToString().ShouldBe(Image);
    }

    // By the window's own clock. Frozen days end at midnight.
    [Theory]
    [InlineData("soak: 5m")]
    [InlineData("window: {open: [\"Sat,Sun 02:00-06:00\"], timeZone: Europe/Berlin}", "k8s-upgrade-resume 0 2 * * 0,6 Europe/Berlin")]
    [InlineData("window: {open: [\"Mon-Fri 22:30-04:00\", \"Sat 10:00-12:00\"]}", "k8s-upgrade-resume 0 10 * * 6 UTC", "k8s-upgrade-resume-2230 30 22 * * 1,2,3,4,5 UTC")]
    [InlineData("window: {freeze: [2026-12-20..2027-01-03]}", "k8s-upgrade-resume 0 0 * * * UTC")]
    public void WithAWindowARunThatParkedIsTakenUpAtEachOpening(string settings, params string[] expected)
    {
        var resumes = Install(settings).Where(body => body.Text("kind") == "CronJob" && body.Name().StartsWith("k8s-upgrade-resume", StringComparison.Ordinal)).ToList();

        resumes.Select(body => $"{body.Name()} {body.Text("spec", "schedule")} {body.Text("spec", "timeZone")}").ShouldBe(expected);
        resumes.Select(body => body["spec"]!["jobTemplate"]!["spec"]!["template"]!["spec"]!["containers"]![0]!["args"]!.ToJsonString()).ShouldAllBe(args => args == """["detect","--resume"]""");
        resumes.Select(body => body["spec"]!["jobTemplate"]!["metadata"]!["labels"]!["app"]!.ToString()).ShouldAllBe(app => app == "k8s-upgrade-resume");
    }

    [Theory]
    [InlineData("window.open=[Sun 11:00-14:00]", false)]
    [InlineData("window.open=[Sat 22:00-13:00]", false)]
    [InlineData("window.open=[Sat 22:00-04:00]", true)]
    [InlineData("window.freeze=[2026-12-24]", false)]
    public void AWindowThatIsShutWheneverDetectionRunsIsSaid(string window, bool isSaid)
    {
        var end = _cluster.Command(["manifests", "--image", Image, "--set", window]);

        end.Error.Contains("no upgrade would begin", StringComparison.Ordinal).ShouldBe(isSaid);
        end.Code.ShouldBe(0);
    }

    [Fact]
    public void TheOperatorsOwnMatrixTakesTheShippedOnesPlace()
    {
        const string mine = "addons: []\n";
        var files = new Dictionary<string, string>(StringComparer.Ordinal) { ["mine.yaml"] = mine, ["wrong.yaml"] = "adons: []\n" };

        Read(_cluster.Command(["manifests", "--image", Image, "--matrix", "mine.yaml"], files: files).Output).Single(body => body.Name() == "k8s-upgrade-compat").Text("data", "compat.yaml").ShouldBe(mine);
        var wrong = _cluster.Command(["manifests", "--image", Image, "--matrix", "wrong.yaml"], files: files);
        (wrong.Code, wrong.Output).ShouldBe((2, ""));
        wrong.Error.ShouldContain("wrong.yaml:1: ");
        _cluster.Command(["manifests", "--image", Image, "--matrix", "none.yaml"], files: files).Error.ShouldContain("none.yaml can't be read");
    }

    [Fact]
    public void TheAlertRulesAreAFileOrTheOperatorsObjectAndNeitherByDefault()
    {
        Printed().ShouldNotContain(body => body.Name() == "k8s-upgrade-alert-rules");
        Printed("--alert-rules", "configmap").Single(body => body.Name() == "k8s-upgrade-alert-rules").Text("data", "alerts.yaml").ShouldBe(ShippedFiles.Embedded("alerts.yaml"));
        var rule = Printed("--alert-rules", "prometheusrule").Single(body => body.Text("kind") == "PrometheusRule");
        rule["spec"]!["groups"]![0]!["name"]!.ToString().ShouldBe("Upgrade Gates");
        rule["spec"]!["groups"]![0]!["rules"]!.AsArray().Count.ShouldBe(7);
    }

    // Whatever the settings: each call that the chain makes is granted, and nothing else is.
    [Theory]
    [InlineData("")]
    [InlineData("namespace: upgrades")]
    [InlineData("snapshot: {mode: ssh}")]
    [InlineData("snapshot: {mode: none}")]
    [InlineData("snapshot: {cronJob: backup/etcd-nightly}")]
    [InlineData("quiesce: [tigera-operator/tigera-operator, auth/keycloak, auth/dex]")]
    [InlineData("afterControlPlane: [k8s-upgrade/sso/flags.sh, k8s-upgrade/sso/other.sh, tools/audit/run.sh]")]
    public void TheRulesGrantWhatTheChainAsksForAndNothingElse(string settings)
    {
        var asked = NeededAccess.Of(SettingsReader.Read(settings, "stepper.yaml", [])!);

        Granted(Install(settings)).Order(StringComparer.Ordinal).ShouldBe(asked.Where(access => !access.Resource.StartsWith('/')).Select(Words).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void ItMovesToTheNamespaceOfTheSettingsWithAllThatNamesIt()
    {
        var elsewhere = Install("namespace: upgrades");

        elsewhere.Where(body => body.Namespace() == "k8s-upgrade").ShouldBeEmpty();
        elsewhere.Single(body => body.Text("kind") == "Namespace").Name().ShouldBe("upgrades");
        elsewhere.SelectMany(body => body["subjects"] as JsonArray ?? []).Select(subject => subject!["namespace"]!.ToString()).Distinct().ShouldBe(["upgrades"]);
    }

    [Fact]
    public void ASettingsFileStaysAsItIsWithItsComments()
    {
        const string mine = "# On Sundays the disks are slow.\ndrain:\n  timeout: 45m   # not less\n";

        Settings(["--config", "mine.yaml"], mine).ShouldBe(mine);
    }

    [Fact]
    public void WhatIsSetStandsInTheSettingsBesideTheFilesOwn() =>
        Settings(["--config", "mine.yaml", "--set", "drain.budgets=wait", "--set", "detection.maxMinor=1.30", "--set", "alerts.severities=[critical, page]"], "drain: {timeout: 45m, budgets: force}\nsoak: 5m\n").ShouldBe("""
            drain:
              timeout: 45m
              budgets: wait
            soak: 5m
            detection:
              maxMinor: 1.30
            alerts:
              severities:
                - critical
                - page

            """);

    [Fact]
    public void AllThatIsWrongIsSaidAtOnceAndNothingIsPrinted()
    {
        var end = _cluster.Command(["manifests", "--image", "stepper", "--set", "soak", "--set", "drain.budgetz=wait", "--set", "soak=soon", "--set", "quiesce=[", "--network-policy"]);

        end.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(
        [
            "stepper: --image is \"stepper\"; an image with its tag or digest is needed, such as registry.example.com/stepper:0.1.0: without one, the next step could run another program than this.",
            "stepper: --set soak: a setting and its value are needed, such as --set drain.budgets=wait.",
            "stepper: --set drain.budgetz=wait: unknown key drain.budgetz; did you mean drain.budgets?",
            "stepper: --set soak=soon: soak is \"soon\"; a duration such as 30m, 24h, 90s or 1h30m, at most 1000h, is needed",
            "stepper: --set quiesce=[: the value is no YAML that can be read: While parsing a node, did not find expected node content.",
        ]);
        (end.Code, end.Output).ShouldBe((2, ""));
    }

    [Theory]
    [InlineData("stepper:0.1.0", true)]
    [InlineData("localhost:5000/stepper:0.1.0", true)]
    [InlineData("ghcr.io/a/b/stepper@sha256:0123456789012345678901234567890123456789012345678901234567890123", true)]
    [InlineData("ghcr.io/a/stepper:0.1.0@sha256:0123456789012345678901234567890123456789012345678901234567890123", true)]
    [InlineData("localhost:5000/stepper", false)]
    [InlineData("stepper:", false)]
    [InlineData("stepper:0.1.0 --privileged", false)]
    [InlineData("Stepper:0.1.0", false)]
    [InlineData("stepper@sha256:0123", false)]
    public void AnImageHasItsTagOrDigest(string image, bool isTaken) =>
        _cluster.Command(["manifests", "--image", image]).Code.ShouldBe(isTaken ? 0 : 2);

    [Fact]
    public void TheNetworkPolicyOpensThePortsThatTheSettingsName()
    {
        var policy = Printed("--network-policy", "--set", "ssh.port=2222", "--set", "prometheusUrl=http://prometheus:9090").Single(body => body.Text("kind") == "NetworkPolicy");

        policy["spec"]!["egress"]![2]!["ports"]!.AsArray().Select(port => port!["port"]!.ToString()).ShouldBe(["443", "2222", "6443", "9090", "9091"]);
        policy["spec"]!.AsObject().ContainsKey("ingress").ShouldBeFalse();
    }

    [Fact]
    public void CredentialsComeFromTheStoreThatIsNamedAndFromNoneByDefault()
    {
        Printed().Select(body => body["kind"]!.ToString()).Intersect(["Secret", "ExternalSecret"]).ShouldBeEmpty();
        Printed("--external-secret", "vault").Single(body => body.Text("kind") == "ExternalSecret").Text("spec", "secretStoreRef", "name").ShouldBe("vault");
    }

    private static IReadOnlyList<JsonObject> Install(string settings) =>
        Manifests.Of(new InstallationChoices(Image, settings, SettingsReader.Read(settings, "stepper.yaml", [])!));

    private string Settings(IEnumerable<string> options, string file)
    {
        var end = _cluster.Command(["manifests", "--image", Image, .. options], files: new Dictionary<string, string>(StringComparer.Ordinal) { ["mine.yaml"] = file });
        end.Error.ShouldBe("");
        return Read(end.Output).Single(body => body.Name() == "k8s-upgrade-config").Text("data", "stepper.yaml");
    }

    private List<JsonObject> Printed(params IEnumerable<string> options) => Read(Print(options));

    private string Print(IEnumerable<string> options)
    {
        var end = _cluster.Command(["manifests", "--image", Image, .. options]);
        (end.Code, end.Error).ShouldBe((0, ""));
        return end.Output;
    }

    private static List<JsonObject> Read(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return [.. stream.Documents.Select(document => YamlToJson.Convert(document.RootNode)!.AsObject())];
    }

    private static IEnumerable<string> Granted(IEnumerable<JsonObject> objects) =>
        from role in objects
        where role.Text("kind") is "Role" or "ClusterRole"
        from rule in role["rules"]!.AsArray()
        from resource in rule!["resources"] as JsonArray ?? []
        from verb in rule["verbs"]!.AsArray()
        from name in rule["resourceNames"] is JsonArray names ? names.Select(name => (string?)name) : [null]
        select Words(new ApiAccess((string)verb!, (string)rule["apiGroups"]![0]!, (string)resource!, role.Namespace() is { Length: > 0 } ns ? ns : null, name));

    private static string Words(ApiAccess access) => access.ForCanI;
}
