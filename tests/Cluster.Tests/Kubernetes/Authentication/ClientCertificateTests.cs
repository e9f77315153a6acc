using System.Security.Cryptography;
using Stepper.Cluster.Kubernetes.Authentication;

namespace Stepper.Cluster.Tests.Kubernetes.Authentication;

/// <summary>Client certificates with every form of key that kubeadm, openssl and clouds write, shown to a real server.</summary>
public sealed class ClientCertificateTests : IAsyncLifetime
{
    // As openssl ecparam -genkey writes it before the key: the curve, prime256v1.
    private const string Curve = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("stepper-test-");
    private readonly Pki _pki = new("root");
    private ApiServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ApiServer.StartAsync(_pki.Server("127.0.0.1"));
        Write("ca.crt", _pki.AuthorityPem);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task OfRsa()
    {
        using var key = RSA.Create(2048);
        var certificate = _pki.ClientPem("rsa", key);

        (await ShownAsync(certificate, key.ExportRSAPrivateKeyPem())).ShouldContain("|CN=rsa|");
        (await ShownAsync(certificate, key.ExportPkcs8PrivateKeyPem())).ShouldContain("|CN=rsa|");
    }

    [Fact]
    public async Task OfEllipticCurves()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var certificate = _pki.ClientPem("ec", key);

        (await ShownAsync(certificate, key.ExportECPrivateKeyPem())).ShouldContain("|CN=ec|");
        (await ShownAsync(certificate, Curve + key.ExportECPrivateKeyPem())).ShouldContain("|CN=ec|");
        (await ShownAsync("some text before\n" + certificate, key.ExportPkcs8PrivateKeyPem())).ShouldContain("|CN=ec|");
    }

    [Fact]
    public async Task WhatSignedItIsShownWithIt()
    {
        var middle = new Pki("middle", above: _pki);
        var (certificate, key) = middle.ClientPem("me");

        (await ShownAsync(certificate + "\n" + middle.AuthorityPem, key)).ShouldContain("|CN=me|");

        _server.Shown.ShouldContain("CN=middle");
    }

    [Fact]
    public async Task ACertificateAndATokenBothArrive()
    {
        var (certificate, key) = _pki.ClientPem("me");

        (await ShownAsync(certificate, key, "token: abc,")).ShouldContain("|Bearer abc|CN=me|");
        Write("token", "from-file");
        (await ShownAsync(certificate, key, "tokenFile: token,")).ShouldContain("|Bearer from-file|CN=me|");
    }

    [Fact]
    public async Task AKeyOfAnotherCertificateIsSaidBeforeAnythingIsSent()
    {
        var failure = await Should.ThrowAsync<KubeConfigException>(() => ShownAsync(_pki.ClientPem("one").Certificate, _pki.ClientPem("two").Key));

        failure.Message.ShouldContain("user \"u\": the client certificate, or its key, can't be read");
    }

    private async Task<string> ShownAsync(string certificate, string key, string more = "")
    {
        Write("me.crt", certificate);
        Write("me.key", key);
        Write("config", $$$"""
            current-context: c
            contexts: [{name: c, context: {cluster: k, user: u}}]
            clusters: [{name: k, cluster: {server: "{{{_server.Address}}}", certificate-authority: ca.crt}}]
            users: [{name: u, user: { {{{more}}} client-certificate: me.crt, client-key: me.key}}]
            """);
        var connection = KubeConnection.Find(_ => null, Path.Combine(_directory.FullName, "config"), null, TimeProvider.System);
        using var client = new HttpClient(connection.Handler) { BaseAddress = connection.Address };
        return await client.GetStringAsync("x");
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_directory.FullName, name), text);
}
