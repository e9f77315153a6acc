using Stepper.Cluster.Versions;

namespace Stepper.EndToEnd.Tests;

/// <summary>A cluster at the newest patch of its minor: the next minor is found and gone to. One worker has lost the key of its package source.</summary>
public sealed class MinorUpgrade : UpgradedCluster
{
    public const string Keyring = "/etc/apt/keyrings/kubernetes-apt-keyring.gpg";

    internal byte[] Key { get; private set; } = [];

    internal Sight Ended { get; private set; } = null!;

    protected override KubeVersion Running => new(1, 34, 7);

    protected override int Workers => 2;

    protected override async Task PlayAsync()
    {
        Key = await File.ReadAllBytesAsync(Lab.PathOn("k8s-master", Keyring));
        File.Delete(Lab.PathOn("k8s-node2", Keyring));
        await DetectAsync();
        Ended = await Sight.OfAsync(this);
    }
}

public sealed class MinorTests(MinorUpgrade cluster) : UpgradeTests<MinorUpgrade>(cluster)
{
    private const string Files = "/repositories/isv:/kubernetes:/core:/stable:/v1.35/deb/";

    [Fact]
    public void TheNextMinorIsFoundByItsReleaseAndItsPackagesThroughRedirects()
    {
        var asked = Cluster.Lab.RepositoryLog.Where(line => line.Contains("/v1.35/deb/", StringComparison.Ordinal)).Select(line => line[line.IndexOf('"', StringComparison.Ordinal)..]).ToList();

        asked.Take(4).ShouldBe(
            [
                "\"HEAD /core:/stable:/v1.35/deb/Release HTTP/1.1\" 302 -",
                $"\"HEAD {Files}Release HTTP/1.1\" 200 -",
                "\"GET /core:/stable:/v1.35/deb/Packages HTTP/1.1\" 302 -",
                $"\"GET {Files}Packages HTTP/1.1\" 200 -",
            ],
            Cluster.Story);
    }

    [Fact]
    public async Task ItIsAnnounced() =>
        (await Cluster.Monitoring.PushedAsync()).ShouldContain("k8s_upgrade_available{instance=\"\",job=\"k8s-version-check\",kind=\"minor\",running=\"1.34.7\",target=\"1.35.1\"} 1", Cluster.Story);

    [Fact]
    public void EveryMachineTakesItsPackagesFromTheMinorWithItsKey()
    {
        foreach (var node in Cluster.Lab.Names)
        {
            File.ReadAllText(Cluster.Lab.PathOn(node, "/etc/apt/sources.list.d/kubernetes.list")).ShouldBe($"deb [signed-by={MinorUpgrade.Keyring}] {Cluster.Lab.Repository}/v1.35/deb/ /\n", node);
            File.ReadAllBytes(Cluster.Lab.PathOn(node, MinorUpgrade.Keyring)).ShouldBe(Cluster.Key, node);
        }
    }

    [Fact]
    public void ThatIsSoBeforeAnyNodeIsTouched() =>
        Cluster.Containers.Single(container => container.Phase == "preflight").Log.ShouldContain("the package source of every node is that of 1.35", Case.Sensitive, Cluster.Story);

    [Fact]
    public void TheWholeChainRuns() =>
        Cluster.Ended.Exits.ShouldBe(["detect 0", "preflight 0", "master k8s-master 0", "worker k8s-node2 0", "worker k8s-node1 0", "postflight 0"], Cluster.Story);

    [Fact]
    public void EveryNodeAndItsPackagesAreAtTheMinor() => Cluster.Ended.ShouldBeComplete("1.35.1", Cluster.Story);

    [Fact]
    public void TheControlPlaneRunsItsImages() =>
        File.ReadAllText(Cluster.Lab.PathOn("k8s-master", "/etc/kubernetes/manifests/kube-apiserver.yaml")).ShouldContain("kube-apiserver:v1.35.1", Case.Sensitive, Cluster.Story);
}
