using Stepper.Cluster.Kubernetes.Authentication;

namespace Stepper.Cluster.Tests.Kubernetes.Authentication;

/// <summary>The way to the API server, and who may stand on it.</summary>
public sealed class ProxyTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("stepper-test-");
    private readonly Pki _pki = new("root");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    [InlineData("socks5")]
    public async Task TheKubeconfigsProxyIsGoneThroughAndTheServersOwnCertificateVerified(string scheme)
    {
        await using var proxy = new TestProxy(scheme, scheme == "https" ? _pki.Server("127.0.0.1") : null);
        await using var server = await ApiServer.StartAsync(_pki.Server("cluster.test"));
        await using var stranger = await ApiServer.StartAsync(new Pki("root").Server("cluster.test"));

        (await AskedAsync(server, $", proxy-url: \"{proxy.Address}\"")).ShouldContain("|Bearer abc|");
        proxy.Tunnels.ShouldBe([$"cluster.test:{new Uri(server.Address).Port}"]);
        (await Should.ThrowAsync<HttpRequestException>(() => AskedAsync(stranger, $", proxy-url: \"{proxy.Address}\""))).GetBaseException().Message.ShouldContain("is not believed");
    }

    [Fact]
    public async Task TheEnvironmentsProxyIsGoneThroughWhereTheKubeconfigNamesNone()
    {
        await using var proxy = new TestProxy("http");
        await using var own = new TestProxy("http");
        await using var server = await ApiServer.StartAsync(_pki.Server("cluster.test"));

        await AskedAsync(server, "", ("HTTPS_PROXY", proxy.Address));
        proxy.Tunnels.Count.ShouldBe(1);
        await AskedAsync(server, $", proxy-url: \"{own.Address}\"", ("HTTPS_PROXY", proxy.Address));
        proxy.Tunnels.Count.ShouldBe(1);
        own.Tunnels.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("*", false)]
    [InlineData("other.test, example.org", false)]
    [InlineData(".example.org", false)]
    [InlineData("*.example.org", false)]
    [InlineData("API.Example.ORG", false)]
    [InlineData("ample.org", true)]
    [InlineData(".api.example.org", true)]
    [InlineData("example.org:6443", false)]
    [InlineData("example.org:443", true)]
    public void NamesThatAreLeftOut(string noProxy, bool goesThrough) => GoesThrough("https://api.example.org:6443", noProxy).ShouldBe(goesThrough);

    [Theory]
    [InlineData("10.0.0.0/8", false)]
    [InlineData("192.168.0.0/16,10.0.0.0/8", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("10.1.2.3:6443", false)]
    [InlineData("10.1.2.3:443", true)]
    [InlineData("10.1.2.4", true)]
    [InlineData("10.1.3.0/24", true)]
    [InlineData("0.1.2.3", true)]
    public void AddressesThatAreLeftOut(string noProxy, bool goesThrough) => GoesThrough("https://10.1.2.3:6443", noProxy).ShouldBe(goesThrough);

    [Theory]
    [InlineData("https://[fd00::1]:6443", "fd00::/8", false)]
    [InlineData("https://[fd00::1]:6443", "fd00::1", false)]
    [InlineData("https://[fd00::1]:6443", "[fd00::1]:6443", false)]
    [InlineData("https://127.0.0.1:6443", "", false)]
    [InlineData("https://localhost:6443", "", false)]
    [InlineData("https://[::1]:6443", "", false)]
    public void OthersThatAreLeftOut(string address, string noProxy, bool goesThrough) => GoesThrough(address, noProxy).ShouldBe(goesThrough);

    [Fact]
    public void AProxyMayBeNamedWithoutItsScheme()
    {
        Proxy("https://x.test", ("https_proxy", "proxy.test:3128")).ShouldBe(new Uri("http://proxy.test:3128"));
        Proxy("https://x.test", ("HTTPS_PROXY", "http://a.test"), ("https_proxy", "http://b.test")).ShouldBe(new Uri("http://a.test"));
        Proxy("https://x.test", ("HTTP_PROXY", "http://a.test")).ShouldBeNull();
        Should.Throw<KubeConfigException>(() => Proxy("https://x.test", ("HTTPS_PROXY", "ftp://a b"))).Message.ShouldContain("HTTPS_PROXY is \"ftp://a b\"");
    }

    private static bool GoesThrough(string address, string noProxy) => Proxy(address, ("HTTPS_PROXY", "http://proxy.test:3128"), ("no_proxy", noProxy)) is not null;

    private static Uri? Proxy(string address, params (string Name, string Value)[] environment) => EnvironmentProxy.For(new Uri(address), Environment(environment));

    private async Task<string> AskedAsync(ApiServer server, string cluster, params (string Name, string Value)[] environment)
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "ca.crt"), _pki.AuthorityPem);
        var config = Path.Combine(_directory.FullName, "config");
        File.WriteAllText(config, $$$"""
            current-context: c
            contexts: [{name: c, context: {cluster: k, user: u}}]
            clusters: [{name: k, cluster: {server: "https://cluster.test:{{{new Uri(server.Address).Port}}}", certificate-authority: ca.crt{{{cluster}}}}}]
            users: [{name: u, user: {token: abc}}]
            """);
        var connection = KubeConnection.Find(Environment(environment), config, null, TimeProvider.System);
        using var client = new HttpClient(connection.Handler) { BaseAddress = connection.Address };
        return await client.GetStringAsync("x");
    }

    private static Func<string, string?> Environment((string Name, string Value)[] variables) =>
        variables.ToDictionary(variable => variable.Name, variable => variable.Value, StringComparer.Ordinal).GetValueOrDefault;
}
