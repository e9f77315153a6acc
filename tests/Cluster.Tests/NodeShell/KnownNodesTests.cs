using System.Net;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.NodeShell;

namespace Stepper.Cluster.Tests.NodeShell;

public sealed class KnownNodesTests : IDisposable
{
    private const string Address = "https://api/api/v1/namespaces/k8s-upgrade/configmaps/k8s-upgrade-known-hosts";
    private const string ConfigMap = """{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"k8s-upgrade-known-hosts"},"data":{"node1":"node1 ssh-ed25519 AAAA1"}}""";
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private readonly OutsideWorld _outside = new(DateTimeOffset.UnixEpoch);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("stepper-test-");

    [Fact]
    public async Task AKeyThatIsKeptIsKnown()
    {
        _outside.Web.Answer("GET " + Address, ConfigMap);

        (await FileOfAsync("node1")).ShouldBe("node1 ssh-ed25519 AAAA1\n");
    }

    [Fact]
    public async Task AKeyThatIsKeptIsNotWrittenAgain()
    {
        _outside.Web.Answer("GET " + Address, ConfigMap);

        await AcceptedAsync("node1", "node1 ssh-ed25519 AAAA1\n");

        _outside.Web.Asked.ShouldBe(["GET " + Address]);
    }

    [Fact]
    public async Task ANewKeyIsKeptBesideTheOthers()
    {
        _outside.Web.Answer("GET " + Address, ConfigMap).Answer("PATCH " + Address, ConfigMap);

        await AcceptedAsync("node2", "node2 ssh-ed25519 AAAA2\n");

        _outside.Web.Body.ShouldBe("""{"data":{"node2":"node2 ssh-ed25519 AAAA2"}}""");
    }

    [Fact]
    public async Task AKeyThatSshCouldNotWriteDownIsNotTrusted()
    {
        _outside.Web.Answer("GET " + Address, ConfigMap);

        (await Should.ThrowAsync<ShellException>(() => AcceptedAsync("node2", ""))).MayPass.ShouldBeFalse();
        _outside.Web.Asked.ShouldBe(["GET " + Address]);
    }

    [Fact]
    public async Task WhereThereIsNoConfigMapItIsSaid()
    {
        const string absent = """{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","details":{"name":"k8s-upgrade-known-hosts","kind":"configmaps"},"code":404}""";
        _outside.Web.Answer("GET " + Address, absent, HttpStatusCode.NotFound).Answer("PATCH " + Address, absent, HttpStatusCode.NotFound);

        var failure = await Should.ThrowAsync<SourceException>(() => AcceptedAsync("node2", "node2 ssh-ed25519 AAAA2\n"));

        failure.Message.ShouldContain("ConfigMap k8s-upgrade/k8s-upgrade-known-hosts is not there to keep the host key of node2 in");
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private async Task<string> FileOfAsync(string node)
    {
        var known = await Keys().ForAsync(new NodeTarget(node, "10.0.0.1"), 22, PathOf(node), Ct);
        return await File.ReadAllTextAsync(known.File, Ct);
    }

    private async Task AcceptedAsync(string node, string shown)
    {
        await File.WriteAllTextAsync(PathOf(node), shown, Ct);
        await Keys().AcceptedAsync(new NodeTarget(node, "10.0.0.1"), new KnownHost(PathOf(node), node, IsStrict: false), Ct);
    }

    private HostKeys Keys()
    {
        var http = _outside.Http();
        http.BaseAddress = new Uri("https://api/");
        return new KnownNodes(new KubeApi(http, _outside.Wait, _ => { }), "k8s-upgrade").Keys;
    }

    private string PathOf(string node) => Path.Combine(_directory.FullName, node);
}
