using System.Text.Json.Nodes;
using Stepper.Simulation.Api;

namespace Stepper.EndToEnd.Tests;

/// <summary>The referee from outside: what the real kubectl makes of the simulated API server.</summary>
public sealed class KubectlTests(LoopbackCluster cluster) : IClassFixture<LoopbackCluster>
{
    private Kubectl Kubectl => cluster.Admin;

    [Fact]
    public void NodesAreShownAsPeopleKnowThem()
    {
        var lines = Kubectl.Run("get", "nodes", "-o", "wide").Split('\n');

        lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)[..5].ShouldBe(["NAME", "STATUS", "ROLES", "AGE", "VERSION"]);
        lines[1].ShouldMatch(@"^node1\s+Ready(,SchedulingDisabled)?\s+worker\s+\S+\s+v1\.34\.8\s+10\.0\.0\.1");
    }

    [Fact]
    public async Task TheInstallationIsAppliedAndAppliedAgain()
    {
        var manifests = await RunningProgram.RunAsync(
            await Repository.ExecutableAsync(), "manifests", "--image", "registry.example.com/stepper:0.1.0", "--set", "namespace=upgrades", "--set", "quiesce=[default/web]", "--set", "soak=5m");
        var objects = manifests.Split("\nkind: ").Length - 1;

        var applied = Kubectl.RunWith(manifests, "apply", "--server-side", "-f", "-").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        applied.Length.ShouldBe(objects);
        applied.ShouldAllBe(line => line.EndsWith(" serverside-applied"));
        var made = Kubectl.Run("get", "cronjob", "k8s-version-check", "-n", "upgrades", "-o", "yaml");

        Kubectl.RunWith(manifests, "apply", "--server-side", "-f", "-");

        Kubectl.Run("get", "cronjob", "k8s-version-check", "-n", "upgrades", "-o", "yaml").ShouldBe(made);
        Kubectl.Run("get", "configmap", "k8s-upgrade-config", "-n", "upgrades", "-o", "jsonpath={.data.stepper\\.yaml}").ShouldContain("soak: 5m");
    }

    [Fact]
    public void PodsAreFoundByNamespaceLabelAndNode()
    {
        cluster.AddPod("found", "node2", "found");

        Kubectl.Run("get", "pods", "-A", "-l", "app in (found)", "--no-headers").ShouldMatch(@"^default\s+found\s+1/1\s+Running\s+0\s+\S+\s*$");
        Kubectl.Run("get", "pods", "-n", "default", "--field-selector", "spec.nodeName=node2,status.phase=Running", "-o", "name").ShouldContain("pod/found");
        var pod = JsonNode.Parse(Kubectl.Run("get", "pod", "found", "-o", "json"))!;
        pod["kind"]!.ToString().ShouldBe("Pod");
        Kubectl.Run("get", "pod", "found", "-o", "yaml").ShouldContain("phase: Running");
        Kubectl.Run("get", "pods", "-l", "app=found", "-o", "jsonpath={.items[*].spec.nodeName}").ShouldBe("node2");
    }

    [Fact]
    public void ThingsAreDescribed()
    {
        cluster.AddPod("described", "node2", "described");

        Kubectl.Run("describe", "node", "node2").ShouldContain("KubeletReady");
        Kubectl.Run("describe", "pod", "described").ShouldMatch(@"Node:\s+node2");
    }

    [Fact]
    public void AJobIsMadeDescribedAndDeleted()
    {
        const string Job =
            """
            apiVersion: batch/v1
            kind: Job
            metadata: {name: once}
            spec:
              template:
                spec:
                  restartPolicy: Never
                  containers: [{name: main, image: "busybox:1"}]
            """;
        Kubectl.RunWith(Job, "create", "-f", "-").ShouldBe("job.batch/once created\n");
        Kubectl.Fail(Job, "create", "-f", "-").ShouldContain("jobs.batch \"once\" already exists");
        Kubectl.Run("describe", "job", "once").ShouldMatch(@"Parallelism:\s+1");
        Kubectl.Run("get", "job", "once", "--no-headers").ShouldMatch(@"^once\s+Running\s+0/1");
        cluster.After(TimeSpan.FromSeconds(10), registry => registry.Change(Kinds.Job, "default", "once", job => job["status"] = JsonNode.Parse(
            """{"succeeded":1,"conditions":[{"type":"Complete","status":"True"}]}""")));
        Kubectl.Run("wait", "--for=condition=complete", "job/once", "--timeout=30s").ShouldBe("job.batch/once condition met\n");
        Kubectl.Run("delete", "job", "once").ShouldStartWith("job.batch \"once\" deleted");
    }

    [Fact]
    public void AnUnknownFieldIsRefusedBeforeAnythingIsMade() =>
        Kubectl.Fail("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"strict"},"dta":{"a":"b"}}""", "create", "-f", "-").ShouldContain("unknown field \"dta\"");

    [Fact]
    public void ServerSideApplyHasItsConflicts()
    {
        Kubectl.RunWith(Map("1"), "apply", "--server-side", "--field-manager=one", "-f", "-").ShouldBe("configmap/applied serverside-applied\n");
        Kubectl.Fail(Map("2"), "apply", "--server-side", "--field-manager=two", "-f", "-").ShouldContain("conflict with \"one\": .data.k");
        Kubectl.RunWith(Map("2"), "apply", "--server-side", "--field-manager=two", "--force-conflicts", "-f", "-");
        Kubectl.Run("get", "configmap", "applied", "-o", "jsonpath={.data.k}").ShouldBe("2");

        static string Map(string value) => $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: applied}}\ndata: {{k: \"{value}\"}}\n";
    }

    [Fact]
    public void ClientSideApplyCreatesAndThenPatches()
    {
        Kubectl.RunWith(Map("1"), "apply", "-f", "-").ShouldBe("configmap/plain created\n");
        Kubectl.RunWith(Map("1"), "apply", "-f", "-").ShouldBe("configmap/plain unchanged\n");
        Kubectl.RunWith(Map("2"), "apply", "-f", "-").ShouldBe("configmap/plain configured\n");

        static string Map(string value) => $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: plain}}\ndata: {{k: \"{value}\"}}\n";
    }

    [Fact]
    public void PatchesOfEachFormAreTaken()
    {
        Kubectl.RunWith("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"patched"},"data":{"a":"1"}}""", "create", "-f", "-");
        Kubectl.Run("patch", "configmap", "patched", "--type=strategic", "-p", """{"data":{"b":"2"}}""");
        Kubectl.Run("patch", "configmap", "patched", "--type=merge", "-p", """{"data":{"a":null}}""");
        Kubectl.Run("patch", "configmap", "patched", "--type=json", "-p", """[{"op":"add","path":"/data/c","value":"3"}]""");

        Kubectl.Run("get", "configmap", "patched", "-o", "jsonpath={.data}").ShouldBe("""{"b":"2","c":"3"}""");
    }

    [Fact]
    public void LabelsAndAnnotationsAreSetAndTakenAway()
    {
        Kubectl.Run("label", "node", "node2", "tier=back").ShouldBe("node/node2 labeled\n");
        Kubectl.Run("annotate", "node", "node2", "note=x").ShouldBe("node/node2 annotated\n");
        Kubectl.Run("get", "nodes", "-l", "tier=back", "-o", "name").ShouldBe("node/node2\n");
        Kubectl.Run("label", "node", "node2", "tier-").ShouldBe("node/node2 unlabeled\n");
        Kubectl.Run("get", "nodes", "-l", "tier=back", "-o", "name").ShouldBe("");
    }

    [Fact]
    public void ANodeIsDrainedByEvictionWithinItsBudgets()
    {
        Kubectl.Run("uncordon", "node1");
        cluster.AddPod("drained-1", "node1", "drained");
        cluster.AddPod("drained-2", "node1", "drained");
        Kubectl.RunWith(
            """{"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"drained"},"spec":{"maxUnavailable":1,"selector":{"matchLabels":{"app":"drained"}}}}""", "create", "-f", "-");
        Kubectl.Run(
            "patch", "pdb", "drained", "--subresource=status", "--type=merge", "-p",
            """{"status":{"observedGeneration":1,"disruptionsAllowed":1,"currentHealthy":2,"desiredHealthy":1,"expectedPods":2}}""");
        // The second pod's turn comes when the budget is told that there is room again.
        cluster.After(TimeSpan.FromSeconds(60), registry => registry.Change(Kinds.DisruptionBudget, "default", "drained", budget => budget["status"]!["disruptionsAllowed"] = 1));

        var said = Kubectl.Run("drain", "node1", "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=60s");

        said.ShouldContain("node/node1 cordoned");
        said.ShouldContain("node/node1 drained");
        Kubectl.Run("get", "pods", "-l", "app=drained", "-o", "name").ShouldBe("");
        Kubectl.Run("get", "node", "node1", "--no-headers").ShouldContain("Ready,SchedulingDisabled");
        Kubectl.Run("uncordon", "node1").ShouldBe("node/node1 uncordoned\n");
    }

    [Fact]
    public void APodIsDeletedAndWaitedFor()
    {
        cluster.AddPod("leaving", "node2", "leaving");

        Kubectl.Run("delete", "pod", "leaving", "--wait=false").ShouldStartWith("pod \"leaving\" deleted");
        Kubectl.Run("wait", "--for=delete", "pod/leaving", "--timeout=30s");
        Kubectl.Fail(null, "get", "pod", "leaving").ShouldContain("pods \"leaving\" not found");
    }

    [Fact]
    public void LogsAreRead()
    {
        cluster.AddPod("talking", "node2", "talking");

        Kubectl.Run("logs", "talking").ShouldBe("first line\nsecond line\n");
        Kubectl.Run("logs", "talking", "--tail=1").ShouldBe("second line\n");
    }

    [Fact]
    public void ADeploymentIsScaledAndItsRolloutFollowed()
    {
        Kubectl.RunWith(
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: scaled}
            spec:
              selector: {matchLabels: {app: scaled}}
              template:
                metadata: {labels: {app: scaled}}
                spec: {containers: [{name: main, image: "busybox:1"}]}
            """, "create", "-f", "-");
        Kubectl.Run("scale", "deployment", "scaled", "--replicas=3").ShouldBe("deployment.apps/scaled scaled\n");
        Kubectl.Run("get", "deployment", "scaled", "-o", "jsonpath={.spec.replicas} {.metadata.generation}").ShouldBe("3 2");
        cluster.After(TimeSpan.FromSeconds(10), registry => registry.Change(Kinds.Deployment, "default", "scaled", deployment => deployment["status"] = JsonNode.Parse(
            """{"observedGeneration":2,"replicas":3,"updatedReplicas":3,"readyReplicas":3,"availableReplicas":3}""")));
        Kubectl.Run("rollout", "status", "deployment/scaled", "--timeout=30s").ShouldContain("deployment \"scaled\" successfully rolled out");
    }

    [Fact]
    public void AWatchShowsWhatChanges()
    {
        cluster.AddPod("watched", "node2", "watched");
        cluster.After(TimeSpan.FromSeconds(30), registry => registry.Delete(Kinds.Pod, "default", "watched"));

        // Ends by itself when the server ends the watch.
        var lines = Kubectl.Run("get", "pods", "-l", "app=watched", "-w", "--request-timeout=5s", "--no-headers").Split('\n', StringSplitOptions.RemoveEmptyEntries);

        lines.Length.ShouldBeGreaterThan(1);
        lines[1].ShouldContain("Terminating");
    }

    [Fact]
    public void OneLearnsWhatOneMayDo()
    {
        Kubectl.Run("auth", "can-i", "delete", "nodes").ShouldBe("yes\n");
        cluster.Reader.Fail(null, "get", "pods").ShouldContain("User \"system:serviceaccount:default:reader\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"");
        Kubectl.RunWith(
            """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: reader}
            rules: [{apiGroups: [""], resources: [pods], verbs: [list, get]}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: reader}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
            subjects: [{kind: ServiceAccount, name: reader, namespace: default}]
            """, "apply", "-f", "-");
        cluster.Reader.Run("auth", "can-i", "list", "pods").ShouldBe("yes\n");
        cluster.Reader.Run("get", "pods", "-o", "name");
    }

    [Fact]
    public void ANamespaceGoesWithAllThatIsInIt()
    {
        Kubectl.RunWith("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"leaving"}}""", "create", "-f", "-");
        Kubectl.RunWith("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"inside","namespace":"leaving"}}""", "create", "-f", "-");

        Kubectl.Run("delete", "namespace", "leaving", "--timeout=30s").ShouldStartWith("namespace \"leaving\" deleted");
    }
}
