using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Authentication;

namespace Stepper.Cluster.Tests.Kubernetes.Authentication;

/// <summary>Which servers are believed, by real handshakes; and that one that is not is no outage, and a handshake that is cut is one.</summary>
public sealed class ServerTrustTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("stepper-test-");
    private readonly Pki _pki = new("root");
    private readonly List<string> _said = [];

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task OfSeveralAuthoritiesAnyOneWillDo()
    {
        await using var server = await ApiServer.StartAsync(_pki.Server("127.0.0.1"), ScriptedApi.Map("1"));

        (await AskedAsync(server.Address, new Pki("before").AuthorityPem + "\n# the new one\n" + _pki.AuthorityPem)).ShouldBe("answered");
    }

    [Fact]
    public async Task AnAuthorityThatAnotherOneSignedIsBelievedByItself()
    {
        var middle = new Pki("middle", above: _pki);
        await using var server = await ApiServer.StartAsync(middle.Server("127.0.0.1"), ScriptedApi.Map("1"));

        (await AskedAsync(server.Address, middle.AuthorityPem)).ShouldBe("answered");
    }

    [Fact]
    public async Task WhatOnlyNamesSuchAnAuthorityIsNotBelieved()
    {
        var middle = new Pki("middle", above: _pki);
        await using var forged = await ApiServer.StartAsync(new Pki("middle", above: new Pki("root")).Server("127.0.0.1"), ScriptedApi.Map("1"));
        await using var sibling = await ApiServer.StartAsync(new Pki("sibling", above: _pki).Server("127.0.0.1"), ScriptedApi.Map("1"));

        (await AskedAsync(forged.Address, middle.AuthorityPem)).ShouldContain("is not believed");
        (await AskedAsync(sibling.Address, middle.AuthorityPem)).ShouldContain("is not believed");
    }

    [Fact]
    public async Task AnExpiredCertificateIsSaidAtOnce()
    {
        await using var server = await ApiServer.StartAsync(_pki.Server(new DateTimeOffset(2021, 2, 3, 4, 5, 6, TimeSpan.Zero), "127.0.0.1"), ScriptedApi.Map("1"));

        var says = await AskedAsync(server.Address, _pki.AuthorityPem);

        says.ShouldStartWith("GET /api/v1/namespaces/ns/configmaps/a: the certificate that 127.0.0.1 shows is not believed: it, or one that signed it, has expired");
        says.ShouldEndWith("It is CN=server, issued by CN=root, for 127.0.0.1, valid from 2020-01-01 00:00:00Z to 2021-02-03 04:05:06Z");
        _said.ShouldBeEmpty();
    }

    [Fact]
    public async Task ACertificateOfAnotherHostOrAuthorityIsSaidAtOnce()
    {
        await using var server = await ApiServer.StartAsync(_pki.Server("kubernetes", "10.96.0.1"), ScriptedApi.Map("1"));

        var says = await AskedAsync(server.Address, _pki.AuthorityPem);
        says.ShouldContain("it is not for 127.0.0.1 (if it is the right server, name one of its names as tls-server-name in the kubeconfig)");
        says.ShouldContain("for kubernetes, 10.96.0.1,");
        (await AskedAsync(server.Address, new Pki("root").AuthorityPem)).ShouldContain("no authority that is believed has signed it");
    }

    [Fact]
    public async Task HealthSaysItToo()
    {
        await using var server = await ApiServer.StartAsync(new Pki("stranger").Server("127.0.0.1"), ScriptedApi.Map("1"));

        (await Api(server.Address, _pki.AuthorityPem).ProbeAsync("readyz", default)).ShouldNotBeNull().ShouldContain("is not believed");
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    public async Task AHandshakeThatIsCutIsAnOutage(string instead)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var cut = CutAsync(listener, instead);

        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1.2), TimeProvider.System);
        await Should.ThrowAsync<OperationCanceledException>(
            () => Api($"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}", _pki.AuthorityPem).FindAsync(Resources.ConfigMaps, "ns", "a", stop.Token));

        listener.Stop();
        (await cut).ShouldBeGreaterThan(1);
    }

    private static async Task<int> CutAsync(TcpListener listener, string instead)
    {
        for (var count = 0; ; count++)
        {
            try
            {
                using var client = await listener.AcceptTcpClientAsync();
                await client.GetStream().ReadExactlyAsync(new byte[5]);
                await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(instead));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return count;
            }
        }
    }

    // "answered", or how it fails.
    private async Task<string> AskedAsync(string address, string authority)
    {
        try
        {
            await Api(address, authority).FindAsync(Resources.ConfigMaps, "ns", "a", default);
            return "answered";
        }
        catch (SourceException e)
        {
            return e.Message;
        }
    }

    private KubeApi Api(string address, string authority)
    {
        var file = Path.Combine(_directory.FullName, "config");
        File.WriteAllText(file, $$$"""
            current-context: c
            contexts: [{name: c, context: {cluster: k, user: u}}]
            clusters: [{name: k, cluster: {server: "{{{address}}}", certificate-authority-data: {{{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(authority))}}}}}]
            users: [{name: u, user: {token: t}}]
            """);
        var connection = KubeConnection.Find(_ => null, file, null, TimeProvider.System);
        return new KubeApi(new HttpClient(connection.Handler) { BaseAddress = connection.Address, Timeout = Timeout.InfiniteTimeSpan }, new Wait(TimeProvider.System), _said.Add);
    }
}
