using System.Net;
using System.Text.Json.Nodes;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Tests;
using Stepper.Cluster.Versions;

namespace Stepper.Detection.Tests;

public sealed class DetectorTests
{
    private const string Root = "https://pkgs.example.com/core:/stable:";
    private static readonly DetectionPolicy Any = new(AllowMinor: true, TimeSpan.Zero, [], MaxMinor: null);

    private readonly OutsideWorld _world = new(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));
    private AptOfOneNode _apt = new([new KubeVersion(1, 34, 7), new KubeVersion(1, 34, 9), new KubeVersion(1, 34, 10), new KubeVersion(1, 35, 9)]);

    public DetectorTests() =>
        _world.Web
            .Answer($"GET {Root}/v1.34/deb/Packages", File.ReadAllText("Answers/Packages-1.34"))
            .Answer($"HEAD {Root}/v1.35/deb/Release", "")
            .Answer($"GET {Root}/v1.35/deb/Packages", File.ReadAllText("Answers/Packages-1.35"));

    [Fact]
    public void ThePatchIsAskedOfTheFirstControlPlaneNodeByItsInternalAddress()
    {
        Runs("1.34.7", "1.34.7", "1.34.7");

        Detect().ShouldBe("1.34.10 Patch");
        _apt.Asked.ShouldBe(new NodeTarget("master2", "10.0.0.2"));
        _world.Web.Asked.ShouldNotContain(asked => asked.Contains("pkgs.example.com", StringComparison.Ordinal));
    }

    [Fact]
    public void AHalfWayClusterAsksNobodyWhereToGo()
    {
        Runs("1.34.9", "1.34.7", "1.34.9");

        Detect().ShouldBe("1.34.9 Patch");
        _apt.Asked.ShouldBeNull();
        _world.Web.Asked.ShouldNotContain(asked => asked.Contains("pkgs.example.com", StringComparison.Ordinal));
    }

    [Fact]
    public void Incident11AClusterWhoseControlPlaneIsDoneIsNotDone()
    {
        Runs("1.34.10", "1.34.9", "1.34.10");

        Detect().ShouldBe("1.34.10 Patch");
    }

    [Fact]
    public void Incident13ThePatchOfTheIndexIsKubeadmsBehindItsRedirect()
    {
        _apt = new AptOfOneNode([]);
        _world.Web
            .Redirect($"GET {Root}/v1.34/deb/Packages", "https://cdn.example.com/Packages")
            .Answer("GET https://cdn.example.com/Packages", File.ReadAllText("Answers/Packages-1.34"));
        Runs("1.34.7", "1.34.7", "1.34.7");

        Detect().ShouldBe("1.34.10 Patch");
    }

    [Fact]
    public void Incident13NoAnswerIsAnErrorAndNotNoUpgradeNeeded()
    {
        _apt = new AptOfOneNode([]);
        _world.Web.Refuse($"GET {Root}/v1.34/deb/Packages");
        Runs("1.34.7", "1.34.7", "1.34.7");

        Failure().ShouldBe($"GET {Root}/v1.34/deb/Packages: Connection refused");
    }

    [Fact]
    public void Incident14PatchTenComesAfterPatchNine()
    {
        Runs("1.34.9", "1.34.9", "1.34.9");

        Detect().ShouldBe("1.34.10 Patch");
    }

    [Fact]
    public void Incident46AHalfWayMinorIsFinishedThoughTheOldMinorHasANewPatch()
    {
        Runs("1.35.0", "1.34.9", "1.34.9");

        Detect().ShouldBe("1.35.0 Minor");
    }

    [Fact]
    public void Incident46StaticPodsAloneMakeItHalfWay()
    {
        Runs("1.34.9", "1.34.9", "1.34.9", apiServer: "1.35.0");

        Detect().ShouldBe("1.35.0 Minor");
    }

    [Fact]
    public void AtTheNewestPatchTheNextMinorIsTheTarget()
    {
        Runs("1.34.10", "1.34.10", "1.34.10");

        Detect().ShouldBe("1.35.1 Minor");
    }

    [Fact]
    public void AMinorThatNobodyWantsIsNotAskedFor()
    {
        Runs("1.34.10", "1.34.10", "1.34.10");

        Detect(Any with { AllowMinor = false }).ShouldBe("");
        _world.Web.Asked.ShouldNotContain(asked => asked.Contains("pkgs.example.com", StringComparison.Ordinal));
    }

    [Fact]
    public void ThatTheNextMinorCanNotBeAskedForIsAnError()
    {
        Runs("1.34.10", "1.34.10", "1.34.10");
        _world.Web.Answer($"HEAD {Root}/v1.35/deb/Release", "", HttpStatusCode.BadGateway);

        Failure().ShouldBe($"HEAD {Root}/v1.35/deb/Release answered 502: ");
    }

    [Fact]
    public void ANodeThatCanNotBeReachedIsAnError()
    {
        _apt = new AptOfOneNode(null);
        Runs("1.34.7", "1.34.7", "1.34.7");

        Failure().ShouldBe("master2 (10.0.0.2) can't be reached");
    }

    [Theory]
    [InlineData("1.34.9+k3s1")]
    [InlineData("1.35.0-rc.1")]
    [InlineData("")]
    public void AKubeletThatIsNoReleaseIsAnError(string version)
    {
        Runs("1.34.9", version, "1.34.9");

        Failure().ShouldBe($"the kubelet of node node1 reports \"v{version}\", which is no Kubernetes version such as v1.34.7");
    }

    [Fact]
    public void Incident37TheAgeOfAReleaseIsThatOfItsFile()
    {
        Runs("1.34.7", "1.34.7", "1.34.7");
        _world.Web
            .Answer($"HEAD {Root}/v1.34/deb/amd64/kubeadm_1.34.9-1.1_amd64.deb", "", lastModified: _world.Now - TimeSpan.FromDays(20))
            .Answer($"HEAD {Root}/v1.34/deb/amd64/kubeadm_1.34.10-1.1_amd64.deb", "", lastModified: _world.Now - TimeSpan.FromHours(5));

        Detect(Any with { MinimumAge = TimeSpan.FromDays(3) }).ShouldBe("1.34.9 Patch");
    }

    [Fact]
    public void AReleaseThatOnlyTheNodesSourceHasIsOfUnknownAge()
    {
        _apt = new AptOfOneNode([new KubeVersion(1, 34, 11)]);
        Runs("1.34.10", "1.34.10", "1.34.10");

        Detect(Any with { MinimumAge = TimeSpan.FromDays(3) }).ShouldBe("");
    }

    [Fact]
    public void TheNewestOfTheNextMinorIsToldBesideAPatchHoweverYoungButNotOneToBeSkipped()
    {
        NewestOfNextMinor(Any with { MinimumAge = TimeSpan.FromDays(3) }).ShouldBe("1.35.1");
        NewestOfNextMinor(Any with { Skip = [new KubeVersion(1, 35, 1)] }).ShouldBe("1.35.0");
    }

    [Fact]
    public void ANextMinorThatNobodyWantsIsNotAskedFor()
    {
        NewestOfNextMinor(Any with { AllowMinor = false }).ShouldBe("");
        NewestOfNextMinor(Any with { MaxMinor = new MinorVersion(1, 34) }).ShouldBe("");
        _world.Web.Asked.ShouldBeEmpty();
    }

    private string NewestOfNextMinor(DetectionPolicy policy) =>
        $"{_world.Run(Detector().NewestOfNextMinorAsync(new KubeVersion(1, 34, 7), policy, CancellationToken.None))}";

    private string Detect(DetectionPolicy? policy = null)
    {
        var choice = _world.Run(Detector().DetectAsync(policy ?? Any, CancellationToken.None)).Choice;
        return $"{choice.Target} {choice.Kind}".Trim();
    }

    private string? Failure() => _world.Failure(() => Detector().DetectAsync(Any, CancellationToken.None));

    private Detector Detector()
    {
        var kube = _world.Http();
        kube.BaseAddress = new Uri("https://kubernetes/");
        return new Detector(new KubeApi(kube, _world.Wait, _ => { }), _apt, new PackageRepository(_world.Http(), new Uri(Root), _world.Wait), _world.Wait);
    }

    // Two control-plane nodes, of which master2 is the first by number, and a worker.
    private void Runs(string master10, string worker, string master2, string? apiServer = null)
    {
        _world.Web
            .Answer(
                "GET https://kubernetes/api/v1/nodes?limit=500",
                List("Node", Node("master10", "10.0.0.10", master10, true), Node("node1", "10.0.0.1", worker, false), Node("master2", "10.0.0.2", master2, true)))
            .Answer(
                "GET https://kubernetes/api/v1/namespaces/kube-system/pods?labelSelector=tier%3Dcontrol-plane&limit=500",
                List("Pod", Component("kube-apiserver", "registry.k8s.io/kube-apiserver:v" + (apiServer ?? master10)), Component("etcd", "registry.k8s.io/etcd:3.6.4-0")));
    }

    private static string List(string kind, params JsonNode?[] items) =>
        new JsonObject { ["kind"] = kind + "List", ["metadata"] = new JsonObject { ["resourceVersion"] = "7" }, ["items"] = new JsonArray(items) }.ToJsonString();

    private static JsonObject Node(string name, string address, string kubelet, bool controlPlane) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = controlPlane ? new JsonObject { ["node-role.kubernetes.io/control-plane"] = "" } : [] },
        ["status"] = new JsonObject
        {
            ["addresses"] = new JsonArray(
                new JsonObject { ["type"] = "Hostname", ["address"] = name },
                new JsonObject { ["type"] = "InternalIP", ["address"] = address }),
            ["nodeInfo"] = new JsonObject { ["kubeletVersion"] = "v" + kubelet },
        },
    };

    private static JsonObject Component(string name, string image) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = $"{name}-master10" },
        ["spec"] = new JsonObject { ["nodeName"] = "master10", ["containers"] = new JsonArray(new JsonObject { ["name"] = name, ["image"] = image }) },
    };
}
