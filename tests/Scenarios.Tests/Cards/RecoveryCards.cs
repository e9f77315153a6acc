using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Monitoring;
using Stepper.Simulation.Nodes;
using Stepper.Simulation.Shapes;

namespace Stepper.Scenarios.Tests.Cards;

/// <summary>For every way to stop, the whole message that a person gets: in Golden/, to be read like code.</summary>
public sealed partial class RecoveryCards : ScenarioTests
{
    private const string Master = "k8s-upgrade-master-1-34-7";

    private static readonly Dictionary<string, Action<Scenario>> Ways = new(StringComparer.Ordinal)
    {
        ["preflight-gates"] = chain =>
        {
            chain.Cluster.KillNode("k8s-node3");
            chain.Pass(TimeSpan.FromMinutes(3));
            chain.Cluster.Prometheus.Fire(new SimulatedAlert("EtcdDown") { From = chain.Now.AddMinutes(-2) });
            chain.Start();
        },
        ["preflight-snapshot"] = chain =>
        {
            chain.Cluster.Programs.Set(SimulatedCluster.BackupImage, TimeSpan.FromSeconds(25), "no such thing\n");
            chain.Start();
        },
        ["master-alert-before"] = chain =>
        {
            chain.Start();
            chain.RunUntilSaid("etcd snapshot: Job default");
            chain.Cluster.Prometheus.Fire(new SimulatedAlert("EtcdDown") { From = chain.Now });
        },
        ["master-etcd-before"] = chain =>
        {
            chain.Start();
            chain.RunUntilSaid("etcd snapshot: Job default");
            chain.Cluster.Node("k8s-master").Etcd.IsHealthy = false;
        },
        ["master-plan-fails"] = chain => Fails(chain, "k8s-master", "source"),
        ["master-apply-fails"] = chain => Fails(chain, "k8s-master", "apply"),
        ["master-does-not-stand"] = chain =>
        {
            chain.Start();
            chain.RunUntilSaid("k8s-master uncordoned");
            chain.Cluster.Prometheus.Fire(new SimulatedAlert("EtcdDown") { From = chain.Now });
        },
        ["worker-nothing-installed"] = chain => Fails(chain, "k8s-node4", "source"),
        ["worker-half-installed"] = chain => Fails(chain, "k8s-node4", "kubelet"),
        ["worker-never-ready"] = chain =>
        {
            chain.Cluster.Node("k8s-node4").NeverReadyAfterRestart = true;
            chain.Start();
        },
        ["worker-script-goes-on"] = chain =>
        {
            chain.Cluster.Node("k8s-node4").Script = new ScriptBehaviour { Durations = new Dictionary<string, TimeSpan>(StringComparer.Ordinal) { ["kubelet"] = TimeSpan.FromHours(3) } };
            chain.Start();
        },
        ["worker-not-reachable-any-more"] = chain =>
        {
            chain.Cluster.Node("k8s-node4").Script = new ScriptBehaviour { Durations = new Dictionary<string, TimeSpan>(StringComparer.Ordinal) { ["kubelet"] = TimeSpan.FromHours(3) } };
            chain.Start();
            chain.RunUntilSaid("k8s-node4 cordoned");
            chain.RunUntilSaid("script: kubelet");
            chain.Cluster.Node("k8s-node4").Ssh = SshState.Refused;
        },
        ["worker-not-drained"] = chain =>
        {
            chain.Cluster.Create(Workloads.Budget("default", "web-never", minAvailable: 3, selector: new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "web" } }));
            chain.Start();
        },
        ["worker-does-not-settle"] = chain =>
        {
            chain.Start();
            chain.RunUntilSaid("k8s-node4 soaks: 4 min left");
            chain.Cluster.Prometheus.Fire(new SimulatedAlert("EtcdDown") { From = chain.Now });
        },
        ["worker-cordoned-by-a-person"] = chain =>
        {
            chain.Cordon("k8s-node4");
            Fails(chain, "k8s-node4", "kubelet");
        },
        ["nowhere-to-run"] = chain =>
        {
            chain.Start();
            chain.RunUntilSaid("k8s-node4 soaks: 4 min left");
            foreach (var node in chain.Cluster.Store.List(Kinds.Node).Select(ObjectFields.Name).ToList())
            {
                chain.Cordon(node);
            }
        },
        ["not-begun-job-without-run"] = chain =>
        {
            chain.Start();
            chain.RunUntilSaid($"Job {Master} made");
            chain.Cluster.Registry.Change(Kinds.Job, Scenario.Namespace, Master, job => job["metadata"]!["annotations"]!.AsObject().Remove("viktorbarzin.me/k8s-upgrade-run"));
        },
        ["not-begun-node-gone"] = chain =>
        {
            chain.Start();
            chain.RunUntilSaid($"Job {Scenario.Worker("k8s-node4")} made");
            chain.Cluster.Registry.Delete(Kinds.Node, null, "k8s-node4");
        },
        ["not-begun-wrong-environment"] = chain =>
        {
            chain.Cluster.Registry.Change(Kinds.ConfigMap, Scenario.Namespace, "k8s-upgrade-job-template", map => map["data"]!["job-template.yaml"] =
                map.Text("data", "job-template.yaml").Replace("- name: NODE_NAME", "- name: NO_NAME", StringComparison.Ordinal));
            chain.Start();
        },
        ["not-begun-wrong-settings"] = chain =>
        {
            chain.Start();
            chain.RunUntilSaid($"Job {Master} made");
            chain.Cluster.Create(new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "ConfigMap",
                ["metadata"] = new JsonObject { ["name"] = "k8s-upgrade-config", ["namespace"] = Scenario.Namespace },
                ["data"] = new JsonObject { ["stepper.yaml"] = "soak: often\nsoka: 10m\n" },
            });
        },
        ["detection-cannot-ask"] = chain =>
        {
            chain.Cluster.Node("k8s-master").Ssh = SshState.Refused;
            chain.BeginDetection();
        },
        ["detection-wrong-settings"] = chain =>
        {
            chain.Cluster.Create(new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "ConfigMap",
                ["metadata"] = new JsonObject { ["name"] = "k8s-upgrade-config", ["namespace"] = Scenario.Namespace },
                ["data"] = new JsonObject { ["stepper.yaml"] = "detection: {minimumAge: soon}\n" },
            });
            chain.BeginDetection();
        },
        ["detection-beside-a-stopped-run"] = chain =>
        {
            chain.Start();
            chain.RunUntilSaid("k8s-master uncordoned");
            chain.PullTheBrake("a look by hand");
            chain.RunToRest();
            chain.ReleaseTheBrake();
            chain.Pass(TimeSpan.FromHours(1));
            foreach (var node in chain.Cluster.Store.List(Kinds.Node).Select(ObjectFields.Name).ToList())
            {
                chain.Cordon(node);
            }

            // It can be asked where its pod runs, and no node is fit for the preflight that it would make.
            chain.Uncordon("k8s-master");
            chain.BeginDetection();
            chain.RunUntilSaid("has stopped");
            chain.Cordon("k8s-master");
        },
        ["postflight-alert-of-the-run"] = chain =>
        {
            chain.Start();
            chain.RunUntilSaid("all 5 nodes are done");
            chain.Cluster.Prometheus.Fire(new SimulatedAlert("EtcdDown") { From = chain.Now });
        },
    };

    public static TheoryData<string> Names => [.. Ways.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void TheMessageOfEachWayToStopIsTheOneInItsFile(string way)
    {
        var chain = Begin();
        Ways[way](chain);
        chain.RunToRest();

        // Slack has a form of its own for some characters.
        var message = WebUtility.HtmlDecode(chain.Messages.First(message => message.Contains("ABORT: ", StringComparison.Ordinal)));

        PodSuffix().Replace(message, "${pod}-*").ShouldBe(File.ReadAllText($"Cards/Golden/{way}.txt").TrimEnd('\n'));
    }

    private static void Fails(Scenario chain, string node, string stage)
    {
        chain.Cluster.Node(node).Script = new ScriptBehaviour { FailsAt = stage };
        chain.Start();
    }

    // A pod's name has a random end.
    [GeneratedRegex(@"\b(?<pod>(default|kube-system|monitoring)/[a-z0-9-]+)-[a-z0-9]{5}\b", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PodSuffix();
}
