using System.IO.Compression;
using System.Net;
using System.Text;
using Stepper.Cluster;
using Stepper.Cluster.Tests;
using Stepper.Cluster.Versions;

namespace Stepper.Detection.Tests;

public sealed class PackageRepositoryTests
{
    private const string Root = "https://pkgs.example.com/core:/stable:";
    private const string Packages34 = $"{Root}/v1.34/deb/Packages";
    private const string Release35 = $"{Root}/v1.35/deb/Release";
    private static readonly MinorVersion Line34 = new(1, 34);
    private static readonly string Index = File.ReadAllText("Answers/Packages-1.34");

    private readonly OutsideWorld _world = new(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Incident13ARedirectIsFollowed()
    {
        _world.Web
            .Redirect($"GET {Packages34}", "https://cdn.example.com/a")
            .Redirect("GET https://cdn.example.com/a", "/b")
            .Answer("GET https://cdn.example.com/b", Index);

        Newest().ShouldBe("1.34.10");
    }

    [Fact]
    public void AnIndexThatIsThereOnlyPackedIsUnpacked()
    {
        _world.Web.Answer($"GET {Packages34}.gz", Packed());

        Newest().ShouldBe("1.34.10");
    }

    [Fact]
    public void VersionsOfAnotherMinorAreIgnored()
    {
        _world.Web.Answer($"GET {Packages34}", Index + File.ReadAllText("Answers/Packages-1.35"));

        Newest().ShouldBe("1.34.10");
    }

    [Fact]
    public void AServerThatComesBackIsAskedAgain()
    {
        _world.Web.Answer($"GET {Packages34}", "busy", HttpStatusCode.ServiceUnavailable);
        var newest = NewestAsync();
        _world.Web.Answer($"GET {Packages34}", Index);

        _world.Run(newest).ShouldBe("1.34.10");
        _world.Web.Asked.Count.ShouldBe(2);
    }

    [Fact]
    public void Incident13NoIndexIsAnErrorThatNamesTheAddress() =>
        Failure().ShouldBe($"GET {Packages34} answered 404: 404 page not found; GET {Packages34}.gz answered 404");

    [Fact]
    public void APageInsteadOfAnIndexIsAnErrorThatNamesTheAddress()
    {
        _world.Web.Answer($"GET {Packages34}", "<html>Sign in</html>\n");

        Failure().ShouldStartWith($"GET {Packages34} is no whole package index; it begins \"<html>Sign in</html>");
    }

    [Fact]
    public void AnIndexThatIsCutShortIsAnErrorThatNamesTheAddress()
    {
        _world.Web.Answer($"GET {Packages34}", Index[..(Index.Length / 3)]);

        Failure().ShouldStartWith($"GET {Packages34} is no whole package index; it begins \"Package: cri-tools");
    }

    [Fact]
    public void APackedIndexThatIsCutShortAnywhereIsAnErrorThatNamesTheAddress()
    {
        var packed = Packed();
        for (var length = 0; length < packed.Length; length++)
        {
            _world.Web.Answer($"GET {Packages34}.gz", packed[..length]);

            Failure().ShouldNotBeNull($"{length} of {packed.Length} bytes").ShouldStartWith($"GET {Packages34}.gz ");
        }
    }

    [Fact]
    public void ASmallPackedIndexThatUnpacksToAHugeOneIsCutOff()
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(new byte[TimedHttp.MostBytes + 1]);
        }

        _world.Web.Answer($"GET {Packages34}.gz", packed.ToArray());

        Failure().ShouldBe($"GET {Packages34}.gz unpacks to more than 32 MiB");
    }

    [Theory]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.RequestTimeout)]
    public void AServerThatIsBusyIsAskedAgain(HttpStatusCode code)
    {
        _world.Web.AnswerInTurn(
            $"GET {Packages34}",
            () => new HttpResponseMessage(code) { Content = new StringContent("busy") },
            () => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(Index) });

        Newest().ShouldBe("1.34.10");
    }

    [Fact]
    public void AServerThatIsAwayIsAnErrorThatNamesTheAddress()
    {
        _world.Web.Refuse($"GET {Packages34}");

        Failure().ShouldBe($"GET {Packages34}: Connection refused");
    }

    [Fact]
    public void AServerThatHangsIsGivenUp()
    {
        _world.Web.NeverAnswer($"GET {Packages34}");

        Failure().ShouldBe($"GET {Packages34}: no answer within 60 s");
    }

    [Fact]
    public void RedirectsInACircleAreAnError()
    {
        _world.Web.Redirect($"GET {Packages34}", Packages34);

        Failure().ShouldBe($"GET {Packages34} leads through more than 5 redirects");
    }

    [Fact]
    public void ARedirectAwayFromTlsIsAnError()
    {
        _world.Web.Redirect($"GET {Packages34}", "http://cdn.example.com/a");

        Failure().ShouldBe($"GET {Packages34} leads from https to http://cdn.example.com/a");
    }

    [Fact]
    public void AMinorWithAReleaseFileExists()
    {
        _world.Web.Redirect($"HEAD {Release35}", "https://cdn.example.com/r").Answer("HEAD https://cdn.example.com/r", "");

        Exists().ShouldBeTrue();
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.Forbidden)]
    public void AMinorThatIsMissingDoesNotExistWhereTheRunningOneIsThere(HttpStatusCode code)
    {
        _world.Web.Answer($"HEAD {Release35}", "", code).Answer($"HEAD {Root}/v1.34/deb/Release", "");

        Exists().ShouldBeFalse();
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.Forbidden)]
    public void WhereTheRunningMinorIsMissingTooItIsNoRepositoryAndAnError(HttpStatusCode code)
    {
        _world.Web.Answer($"HEAD {Release35}", "", code).Answer($"HEAD {Root}/v1.34/deb/Release", "", code);

        _world.Failure(() => Repository().ExistsAsync(new MinorVersion(1, 35), Line34, CancellationToken.None)).ShouldBe(
            $"HEAD {Release35} answered {(int)code}, and so it is not out; but HEAD {Root}/v1.34/deb/Release, which must be there, answered {(int)code} (setting repository, or a proxy in the way)");
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.ProxyAuthenticationRequired)]
    public void AnyOtherAnswerIsAnErrorAndNotTakenForNoMinor(HttpStatusCode code)
    {
        _world.Web.Answer($"HEAD {Release35}", "", code).Answer($"HEAD {Root}/v1.34/deb/Release", "", code);

        _world.Failure(() => Repository().ExistsAsync(new MinorVersion(1, 35), Line34, CancellationToken.None))
            .ShouldBe($"HEAD {Release35} answered {(int)code}: ");
    }

    private bool Exists() => _world.Run(Repository().ExistsAsync(new MinorVersion(1, 35), Line34, CancellationToken.None));

    private string Newest() => _world.Run(NewestAsync());

    private async Task<string> NewestAsync() => (await Repository().ReleasesAsync(Line34, CancellationToken.None))[^1].Version.ToString();

    private string? Failure() => _world.Failure(() => Repository().ReleasesAsync(Line34, CancellationToken.None));

    private PackageRepository Repository() => new(_world.Http(), new Uri(Root), _world.Wait);

    private static byte[] Packed()
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            gzip.Write(Encoding.UTF8.GetBytes(Index));
        }

        return packed.ToArray();
    }
}
