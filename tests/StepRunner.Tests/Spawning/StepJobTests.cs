using System.Diagnostics;
using System.Text.Json.Nodes;
using Stepper.Cluster.Nodes;
using Stepper.Simulation;
using Stepper.StepRunner.Settings;
using Stepper.StepRunner.Spawning;

namespace Stepper.StepRunner.Tests.Spawning;

/// <summary>The Job of each phase as the shipped template makes it: whole in Golden/, and what must be in it one by one.</summary>
public sealed class StepJobTests
{
    private static readonly ClusterNode Gpu = Given.Node("k8s-node1", taints: ["nvidia.com/gpu=true:NoSchedule"]);
    private static readonly ClusterNode Master = Given.Node("k8s-master", isControlPlane: true, taints: ["node-role.kubernetes.io/control-plane:NoSchedule"]);

    [Theory]
    [InlineData("preflight")]
    [InlineData("master")]
    [InlineData("worker")]
    [InlineData("postflight")]
    public void TheJobOfEachPhaseIsTheOneInItsFile(string phase) => Of(phase).Yaml.ShouldBe(File.ReadAllText($"Spawning/Golden/{phase}.yaml"));

    [Theory]
    [InlineData("preflight")]
    [InlineData("master")]
    [InlineData("worker")]
    [InlineData("postflight")]
    public void WhatIsSentIsWhatKubectlReads(string phase)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/kubectl"), "there is no kubectl here");
        var start = new ProcessStartInfo("/usr/bin/kubectl", ["label", "--local", "-f", $"Spawning/Golden/{phase}.yaml", "read=so", "-o", "json"]) { UseShellExecute = false, RedirectStandardOutput = true };
        using var kubectl = Process.Start(start)!;
        var read = JsonNode.Parse(kubectl.StandardOutput.ReadToEnd())!;
        read["metadata"]!["labels"]!.AsObject().Remove("read");

        JsonNode.DeepEquals(read, Of(phase).Json).ShouldBeTrue();
    }

    [Theory]
    [InlineData("preflight")]
    [InlineData("master")]
    [InlineData("worker")]
    [InlineData("postflight")]
    public void TheApiServerTakesIt(string phase)
    {
        var cluster = new TestCluster();

        cluster.Run(cluster.Jobs.TryCreateAsync(Of(phase), default)).ShouldNotBeNull();

        cluster.Writes.ShouldBe(["create jobs"]);
        cluster.Run(cluster.Jobs.FindAsync(Of(phase).Json.Name(), default))!.Run.ShouldBe(Given.Run);
    }

    [Fact]
    public void AFieldThatTheApiServerDoesNotKnowIsNotLostWithoutAWord()
    {
        var cluster = new TestCluster();
        var template = ShippedFiles.Embedded("job-template.yaml").Replace("backoffLimit:", "backofLimit:", StringComparison.Ordinal);
        var job = new StepJob(template, "k8s-upgrade", Given.Names, StepLimits.Of(new StepperSettings())).Render(Given.Step(PhaseName.Preflight), Gpu);

        cluster.FailureOf(cluster.Jobs.TryCreateAsync(job, default)).ShouldContain("unknown field \"spec.backofLimit\"");
    }

    [Fact]
    public void AJobThatFailsIsTriedOnceMoreButNotAfterWrongUse()
    {
        var spec = Of("worker").Json["spec"]!;

        spec.Number("backoffLimit").ShouldBe(1);
        spec.Number("ttlSecondsAfterFinished").ShouldBe(604800);
        spec.Text("template", "spec", "restartPolicy").ShouldBe("Never");
        spec.At("podFailurePolicy", "rules")!.ToJsonString().ShouldBe(
            """[{"action":"Ignore","onPodConditions":[{"type":"DisruptionTarget"}]},{"action":"FailJob","onExitCodes":{"containerName":"stepper","operator":"In","values":[2]}}]""");
    }

    [Fact]
    public void APodHasNoMoreRightsThanItNeeds()
    {
        var pod = Of("worker").Json["spec"]!["template"]!["spec"]!;

        pod.Number("terminationGracePeriodSeconds").ShouldBe(60);
        pod.Text("serviceAccountName").ShouldBe("k8s-upgrade-job");
        pod["securityContext"]!.ToJsonString().ShouldBe(
            """{"runAsNonRoot":true,"runAsUser":10001,"runAsGroup":10001,"fsGroup":10001,"seccompProfile":{"type":"RuntimeDefault"}}""");
        pod["containers"]![0]!["securityContext"]!.ToJsonString().ShouldBe(
            """{"allowPrivilegeEscalation":false,"readOnlyRootFilesystem":true,"capabilities":{"drop":["ALL"]}}""");
        pod["containers"]![0]!["resources"]!.ToJsonString().ShouldBe("""{"requests":{"cpu":"100m","memory":"64Mi"},"limits":{"memory":"256Mi"}}""");
        pod["volumes"]![0]!.ToJsonString().ShouldBe("""{"name":"tmp","emptyDir":{"medium":"Memory"}}""");
        pod["containers"]![0]!["volumeMounts"]![0]!.ToJsonString().ShouldBe("""{"name":"tmp","mountPath":"/tmp"}""");
        pod["containers"]![0]!["volumeMounts"]!.AsArray().Skip(1).ShouldAllBe(mount => mount!["readOnly"]!.GetValue<bool>());
    }

    [Fact]
    public void TheKeyIsReadByTheGroupAloneThoughKubectlReadsOctal()
    {
        var credentials = Of("worker").Json["spec"]!["template"]!["spec"].Items("volumes").Single(volume => volume.Text("name") == "credentials");

        Convert.ToString(credentials.Number("secret", "defaultMode"), 8).ShouldBe("440");
    }

    [Fact]
    public void APreflightSaysWhoseRunsPlaceItTakes()
    {
        var job = Render(Given.Step(PhaseName.Preflight) with { TakesOver = new Run(Given.Target, Given.Noon.AddHours(-1)) }, Gpu).Json;

        job["metadata"]!["annotations"]!.ToJsonString().ShouldBe(
            """{"viktorbarzin.me/k8s-upgrade-run":"1.34.7/2026-11-22T12:00:00Z","viktorbarzin.me/k8s-upgrade-takes-over":"1.34.7/2026-11-22T11:00:00Z"}""");
    }

    [Fact]
    public void AStepWithoutANodeHasNoLabelOfOne()
    {
        Of("postflight").Json["metadata"]!["labels"]!.ToJsonString().ShouldBe("""{"app":"k8s-upgrade-chain","phase":"postflight","target-version":"1-34-7"}""");
        Of("worker").Json["spec"]!["template"]!["metadata"]!["labels"]!.ToJsonString()
            .ShouldBe("""{"app":"k8s-upgrade-chain","phase":"worker","target-version":"1-34-7","target-node":"k8s-node3"}""");
    }

    [Fact]
    public void ALongNodeNameIsCutInItsLabelAndWholeInItsVariable()
    {
        const string node = "ip-10-0-0-1.eu-central-1.compute.internal.some-very-long-name.example.com";
        var job = Render(Given.Step(PhaseName.Worker, node), Gpu).Json;

        job["metadata"]!["labels"].Text("target-node").ShouldBe(DnsLabel.Of(node));
        Variable(job, "TARGET_NODE").ShouldBe(node);
    }

    [Fact]
    public void APodIsPinnedByTheHostsLabelNotByItsName() =>
        Pod(Given.Node("k8s-node1", hostname: "node1.example.com"))["nodeSelector"]!.ToJsonString().ShouldBe("""{"kubernetes.io/hostname":"node1.example.com"}""");

    [Fact]
    public void ExactlyTheHostsOwnTaintsAreTolerated() =>
        Pod(Given.Node("k8s-node1", taints: ["gpu=true:NoSchedule", "gpu=true:NoExecute", "soft=1:PreferNoSchedule", "node-role.kubernetes.io/control-plane:NoSchedule"]))
            ["tolerations"]!.AsArray().Select(toleration => toleration!.ToJsonString()).ShouldBe(
        [
            """{"key":"gpu","operator":"Equal","value":"true","effect":"NoSchedule"}""",
            """{"key":"gpu","operator":"Equal","value":"true","effect":"NoExecute"}""",
            """{"key":"node-role.kubernetes.io/control-plane","operator":"Equal","value":"","effect":"NoSchedule"}""",
        ]);

    [Theory]
    [InlineData("node\", evil: \"true")]
    [InlineData("node\nevil: true")]
    [InlineData("node\r\n    - name: EVIL")]
    [InlineData("{{ image }}")]
    [InlineData("{{ nothing }}")]
    [InlineData("}} # - ' : [ ] & * ! | > % @ `")]
    [InlineData("---")]
    [InlineData("null")]
    [InlineData("0440")]
    [InlineData("нода")]
    public void AValueCannotBreakOutOfItsPlace(string value)
    {
        var step = Given.Step(PhaseName.Worker, value) with { Image = value };
        var job = Render(step, Gpu).Json;

        Variable(job, "TARGET_NODE").ShouldBe(value);
        Variable(job, "IMAGE").ShouldBe(value);
        job["spec"]!["template"]!["spec"]!["containers"]![0].Text("image").ShouldBe(value);
        var env = job["spec"]!["template"]!["spec"]!["containers"]![0].Items("env").Select(variable => variable.Text("name"));
        env.ShouldBe(["PHASE", "TARGET_NODE", "TARGET_VERSION", "KIND", "IMAGE", "POD_NAME", "POD_NAMESPACE", "NODE_NAME", "JOB_UID"]);
    }

    [Fact]
    public void AJobMayTakeAsLongAsItsStepByItsOwnLimitsAndHalfAnHour()
    {
        var settings = new StepperSettings { AfterControlPlane = [new ConfigMapKey("ops", "hooks", "audit.sh")] };
        var limits = StepLimits.Of(settings);
        const double compatibility = 10, survey = 20, plan = 3 * 10.25, diff = 3, snapshot = 2 * 10, prepared = 10 + 30 + 30, host = 2, drain = 30, script = 45 + (3 * 10), ready = 15, stands = 5, hook = 30;
        const double alerts = 30, etcd = 10, others = 30, soak = 10 + 30, workloads = 30;

        limits.Of(PhaseName.Preflight).ShouldBe(TimeSpan.FromMinutes(30 + compatibility + survey + plan + diff + snapshot + prepared));
        limits.Of(PhaseName.Master).ShouldBe(TimeSpan.FromMinutes(30 + etcd + others + host + drain + script + ready + stands + hook));
        limits.Of(PhaseName.Worker).ShouldBe(TimeSpan.FromMinutes(30 + alerts + others + host + drain + script + ready + soak + workloads));
        limits.Of(PhaseName.Postflight).ShouldBe(TimeSpan.FromMinutes(30 + alerts));
    }

    private static RenderedJob Of(string phase) => phase switch
    {
        "preflight" => Render(Given.Step(PhaseName.Preflight), Gpu),
        "master" => Render(Given.Step(PhaseName.Master, "k8s-master"), Gpu),
        "worker" => Render(Given.Step(PhaseName.Worker, "k8s-node3"), Master),
        _ => Render(Given.Step(PhaseName.Postflight), host: null),
    };

    private static JsonNode Pod(ClusterNode host) => Render(Given.Step(PhaseName.Worker, "k8s-node3"), host).Json["spec"]!["template"]!["spec"]!;

    private static string Variable(JsonObject job, string name) =>
        job["spec"]!["template"]!["spec"]!["containers"]![0].Items("env").Single(variable => variable.Text("name") == name).Text("value");

    private static RenderedJob Render(Step step, ClusterNode? host) =>
        new StepJob(ShippedFiles.Embedded("job-template.yaml"), "k8s-upgrade", Given.Names, StepLimits.Of(new StepperSettings())).Render(step, host);
}
