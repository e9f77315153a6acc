using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Stepper.Cluster.Versions;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;

namespace Stepper.Scenarios.Tests.Chains;

/// <summary>Where steps run, and what is said where they can't.</summary>
public sealed partial class HostScenarios : ScenarioTests
{
    private static readonly KubeVersion Before = new(1, 34, 2);
    private static readonly KubeVersion After = new(1, 34, 7);

    [Fact]
    public void LongAndDottedNodeNamesGiveJobsOfTheirOwn()
    {
        const string Long = "ip-10-0-0-1.a-rather-long-name-for-a-region-of-some-cloud.compute.internal";
        var chain = Begin(Renamed(ClusterShapes.Of(1, 3, Before, After), new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["k8s-node1"] = "node.1", ["k8s-node2"] = Long, ["k8s-node3"] = Long.Replace("internal", "external", StringComparison.Ordinal),
        }));
        chain.Start();
        chain.RunToRest();

        chain.MustBeComplete();
        var names = chain.Jobs.Where(job => job.Phase == "worker").Select(job => job.Name).ToList();
        names.Distinct(StringComparer.Ordinal).Count().ShouldBe(3);
        names.ShouldAllBe(name => name.Length <= 63 && DnsLabel().IsMatch(name));
        chain.Jobs.Where(job => job.Phase == "worker").Select(job => job.Body.Labels()["target-node"]).ShouldAllBe(label => DnsLabel().IsMatch(label));
    }

    [Fact]
    public void AHostIsNamedByItsLabelAndNotByItsName()
    {
        var chain = Begin(ClusterShapes.Default().Change("k8s-node1", node => node with { HostnameLabel = "rack-4-left" }));
        chain.Start();
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Jobs.Where(job => job.Phase is "preflight" or "master").ShouldAllBe(job => job.Host == "rack-4-left");
        chain.Pods.Where(pod => pod.Node == "k8s-node3").ShouldAllBe(pod => pod.Host == "k8s-node1");
    }

    [Fact]
    public void ARunnerThatIsCordonedGivesWayToTheNextFitHost()
    {
        var chain = Begin(ClusterShapes.Default().Change("k8s-node1", node => node with { IsCordoned = true }));
        chain.Start();
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Pods.ShouldNotContain(pod => pod.Host == "k8s-node1");
        chain.Pods.Where(pod => pod.Node.Length > 0).Select(pod => $"{pod.Node} on {pod.Host}").ShouldBe(
            ["k8s-master on k8s-node2", "k8s-node4 on k8s-master", "k8s-node3 on k8s-node4", "k8s-node2 on k8s-node3", "k8s-node1 on k8s-master"], chain.Telling());
        chain.IsCordoned("k8s-node1").ShouldBeTrue();
    }

    [Fact]
    public void WhereNoHostIsFitTheChainStopsBeforeTheNodeIsTouched()
    {
        var chain = Begin(ClusterShapes.Of(1, 3, Before, After));
        chain.Start();
        chain.RunUntilSaid("etcd snapshot: /mnt");
        chain.Cordon("k8s-node1");
        chain.Cordon("k8s-node2");
        chain.Cluster.Registry.Change(Kinds.Node, null, "k8s-node3", node => node["spec"]!["taints"] = new JsonArray(
            new JsonObject { ["key"] = "node.kubernetes.io/out-of-service", ["value"] = "nodeshutdown", ["effect"] = "NoSchedule" }));
        chain.RunToRest();

        chain.HasFailed("k8s-upgrade-preflight-1-34-7").ShouldBeTrue(chain.Telling());
        chain.WasTold("master was not begun: no node is fit to run its pod").ShouldBeTrue(chain.Telling());
        chain.WasTold("k8s-master: it is the node to drain; k8s-node1: it is cordoned; k8s-node2: it is cordoned").ShouldBeTrue();
        chain.WasTold("k8s-node3: it has the taint node.kubernetes.io/out-of-service").ShouldBeTrue();
        chain.Cordons.ShouldNotContain(change => change.Node == "k8s-master");
        chain.Cluster.Nodes.ShouldAllBe(node => node.Scripts.Count == 0);
    }

    [Fact]
    public void AHostWithoutRoomGivesWayToTheNextOne()
    {
        var chain = Begin(ClusterShapes.Default().Change("k8s-node1", node => node with { Pods = 3 }));
        chain.Start();
        chain.RunToRest();

        chain.MustBeComplete();
        chain.Jobs.ShouldNotContain(job => job.Host == "k8s-node1");
    }

    [Fact]
    public void AOneNodeClusterIsToldSo()
    {
        var chain = Begin(ClusterShapes.Of(1, 0, Before, After));
        chain.Start();
        chain.RunToRest();

        chain.HasFailed("k8s-upgrade-preflight-1-34-7").ShouldBeTrue(chain.Telling());
        chain.WasTold("- k8s-master is the only node").ShouldBeTrue(chain.Telling());
        chain.InFlight.ShouldBeNull();
        chain.Cordons.ShouldBeEmpty();
    }

    [Fact]
    public void SeveralControlPlaneNodesAreRefusedBeforeAnythingIsChanged()
    {
        var chain = Begin(ClusterShapes.HighlyAvailable());
        chain.Start();
        chain.RunToRest();

        chain.HasFailed("k8s-upgrade-preflight-1-34-7").ShouldBeTrue(chain.Telling());
        chain.WasTold("Nothing was changed. act now: the cluster has 3 control-plane nodes (k8s-master1, k8s-master2, k8s-master3)").ShouldBeTrue(chain.Telling());
        chain.InFlight.ShouldBeNull();
        chain.Cordons.ShouldBeEmpty();
        chain.Cluster.Store.List(Kinds.Job, "default").ShouldBeEmpty();
    }

    private static ClusterShape Renamed(ClusterShape shape, Dictionary<string, string> names) => shape with
    {
        // A label's value is at most 63 long, which a node's name need not be.
        Nodes = [.. shape.Nodes.Select(node => names.TryGetValue(node.Name, out var name) ? node with { Name = name, HostnameLabel = node.Name } : node)],
    };

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DnsLabel();
}
