using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;
using Stepper.Cluster;
using Stepper.Cluster.Tests.Kubernetes.Authentication;
using Stepper.Cluster.Versions;

namespace Stepper.Detection.Tests;

/// <summary>A mirror as companies have them, over real sockets: under a path, behind redirects, a proxy and an authority of their own; and what answers in its place.</summary>
public sealed class RepositoryOverTlsTests(LoopbackRepository server) : IClassFixture<LoopbackRepository>
{
    private const string Login = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>\n";
    private static readonly MinorVersion Line34 = new(1, 34);
    private static readonly MinorVersion Line35 = new(1, 35);
    private static readonly string Index = File.ReadAllText("Answers/Packages-1.34");

    [Fact]
    public async Task AMirrorUnderAPathAndBehindRedirectsIsRead()
    {
        const string root = "/artifactory/kubernetes/core:/stable:";
        server.Redirect($"{root}/v1.35/deb/Release", "/store/release");
        server.Put("/store/release", "Origin: x\n");
        server.Redirect($"{root}/v1.34/deb/Packages", server.At("/store/packages?signature=s3cr3t"));
        server.Put("/store/packages", context => context.Response.WriteAsync(context.Request.Query["signature"] == "s3cr3t" ? Index : Login));

        var mirror = Mirror(root + "/");

        (await mirror.ExistsAsync(Line35, known: Line34, Ct)).ShouldBeTrue();
        (await mirror.ReleasesAsync(Line34, Ct))[^1].Version.ShouldBe(new KubeVersion(1, 34, 10));
        server.Asked.ShouldContain($"HEAD /store/release");
    }

    [Fact]
    public async Task TheAgeOfAReleaseIsOfItsFileBehindARedirect()
    {
        var published = new DateTimeOffset(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);
        server.Redirect("/aged/v1.34/deb/amd64/kubeadm.deb", "/store/kubeadm.deb");
        server.Put("/store/kubeadm.deb", context =>
        {
            context.Response.GetTypedHeaders().LastModified = published;
            return Task.CompletedTask;
        });

        (await Mirror("/aged").PublishedAsync(new PackagedRelease(new KubeVersion(1, 34, 10), "amd64/kubeadm.deb"), Ct)).ShouldBe(published);
    }

    [Fact]
    public async Task AnAuthorityThatIsNotInTheCaFileIsAnErrorThatNamesTheAddress()
    {
        server.Put("/tls/v1.34/deb/Packages", Index);

        var failure = await FailureAsync(Mirror("/tls", caFile: null));

        failure.ShouldStartWith($"GET {server.At("/tls/v1.34/deb/Packages")}: The remote certificate is invalid because of errors in the certificate chain: ");
        failure.ShouldEndWith(" (setting caFile names more authorities to believe)");
    }

    [Fact]
    public async Task TheEnvironmentsProxyIsGoneThroughWithItsLoginUnlessTheHostIsLeftOut()
    {
        server.Put("/proxied/v1.34/deb/Packages", Index);
        await using var proxy = new TestProxy("http", login: "me:s3cr3t");
        var named = $"https://{LoopbackRepository.Name}:{server.Port}/proxied";

        (await new PackageRepository(Http(server.CaFile, ("https_proxy", proxy.Address.Replace("://", "://me:s3cr3t@", StringComparison.Ordinal))), new Uri(named), Swift).ReleasesAsync(Line34, Ct)).ShouldNotBeEmpty();
        proxy.Tunnels.ShouldBe([$"{LoopbackRepository.Name}:{server.Port}"]);

        var refused = await FailureAsync(new PackageRepository(Http(server.CaFile, ("https_proxy", proxy.Address)), new Uri(named), Swift));
        refused.ShouldStartWith($"GET {named}/v1.34/deb/Packages: ");
        refused.ShouldContain("407");

        // Straight there it is no name that anybody knows.
        (await FailureAsync(new PackageRepository(Http(server.CaFile, ("https_proxy", proxy.Address), ("no_proxy", ".test")), new Uri(named), Swift)))
            .ShouldStartWith($"GET {named}/v1.34/deb/Packages: ");
        proxy.Tunnels.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("nothing", "GET {0}/v1.34/deb/Packages answered 404: 404 page not found; GET {0}/v1.34/deb/Packages.gz answered 404")]
    [InlineData("login", "GET {0}/v1.34/deb/Packages is no whole package index; it begins \"<!DOCTYPE html>")]
    [InlineData("sso", "GET {0}/v1.34/deb/Packages, led to {0}/sso, is no whole package index; it begins \"<!DOCTYPE html>")]
    [InlineData("cut", "GET {0}/v1.34/deb/Packages: ")]
    [InlineData("packed-cut", "GET {0}/v1.34/deb/Packages.gz can't be unpacked: ")]
    [InlineData("no-version", "GET {0}/v1.34/deb/Packages has a stanza of kubeadm without a version")]
    [InlineData("rc", "GET {0}/v1.34/deb/Packages has no release of kubeadm")]
    [InlineData("other-minor", "GET {0}/v1.34/deb/Packages has no release of kubeadm 1.34, only of other minors")]
    [InlineData("circle", "GET {0}/v1.34/deb/Packages leads through more than 5 redirects")]
    [InlineData("to-http", "GET {0}/v1.34/deb/Packages leads from https to http://plain.test/index")]
    [InlineData("to-ftp", "GET {0}/v1.34/deb/Packages leads from https to ftp://plain.test/index")]
    [InlineData("to-nowhere", "GET {0}/v1.34/deb/Packages answered 302 with what is no redirect: it does not say where to")]
    [InlineData("drip", "GET {0}/v1.34/deb/Packages: no answer within 60 s")]
    public async Task WhateverElseAnswersIsAnErrorThatNamesTheAddress(string what, string error)
    {
        var root = "/wrong-" + what;
        Put(root + "/v1.34/deb/Packages", what, root);
        server.Put(root + "/sso", Login);

        (await FailureAsync(Mirror(root))).ShouldStartWith(string.Format(null, error, server.At(root)));
    }

    private void Put(string at, string what, string root)
    {
        switch (what)
        {
            case "login": server.Put(at, Login); break;
            case "sso": server.Redirect(at, $"{root}/sso?from=here&ticket=s3cr3t"); break;
            case "cut": server.Put(at, CutAsync); break;
            case "packed-cut": server.Put(at + ".gz", context => context.Response.Body.WriteAsync(Packed().AsMemory()[..^9]).AsTask()); break;
            case "no-version": server.Put(at, "Package: kubeadm\nFilename: a\n"); break;
            case "rc": server.Put(at, "Package: kubeadm\nVersion: 1.34.0~rc.1-1.1\nFilename: a\n"); break;
            case "other-minor": server.Put(at, File.ReadAllText("Answers/Packages-1.35")); break;
            case "circle": server.Redirect(at, at); break;
            case "to-http": server.Redirect(at, "http://plain.test/index?token=s3cr3t"); break;
            case "to-ftp": server.Redirect(at, "ftp://plain.test/index"); break;
            case "to-nowhere": server.Redirect(at, "https://:/"); break;
            case "drip": server.Put(at, DripAsync); break;
        }
    }

    private static async Task CutAsync(HttpContext context)
    {
        context.Response.ContentLength = Index.Length;
        await context.Response.WriteAsync(Index[..(Index.Length / 2)]);
        await context.Response.Body.FlushAsync();
        context.Abort();
    }

    private static async Task DripAsync(HttpContext context)
    {
        for (var wait = new Wait(TimeProvider.System); !context.RequestAborted.IsCancellationRequested; await wait.ForAsync(TimeSpan.FromMilliseconds(20), CancellationToken.None))
        {
            await context.Response.WriteAsync("Package: kubeadm\n");
            await context.Response.Body.FlushAsync();
        }
    }

    private static byte[] Packed()
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            gzip.Write(Encoding.UTF8.GetBytes(Index));
        }

        return packed.ToArray();
    }

    private static async Task<string> FailureAsync(PackageRepository mirror)
    {
        var failure = (await Should.ThrowAsync<SourceException>(() => mirror.ReleasesAsync(Line34, Ct))).Message;
        failure.ShouldNotContain("s3cr3t");
        return failure;
    }

    private PackageRepository Mirror(string root) => Mirror(root, server.CaFile);

    private PackageRepository Mirror(string root, string? caFile) => new(Http(caFile), new Uri(server.At(root)), Swift);

    private static Wait Swift => new(new SwiftClock(times: 150));

    private static HttpClient Http(string? caFile, params (string Name, string Value)[] environment) =>
        new(OutsideHandler.Plain(caFile, environment.ToDictionary(variable => variable.Name, variable => variable.Value, StringComparer.Ordinal).GetValueOrDefault)) { Timeout = Timeout.InfiniteTimeSpan };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;
}
