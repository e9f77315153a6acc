using Stepper.Cluster;

namespace Stepper.Detection.Tests;

public sealed class DebianIndexTests
{
    private const string Address = "https://pkgs/v1.34/deb/Packages";

    [Fact]
    public void Incident13OnlyKubeadmsOwnStanzasCount() => Read(File.ReadAllText("Answers/Packages-1.34"))
        .ShouldBe(["1.34.0 amd64/kubeadm_1.34.0-1.1_amd64.deb", "1.34.7 amd64/kubeadm_1.34.7-1.1_amd64.deb", "1.34.9 amd64/kubeadm_1.34.9-1.1_amd64.deb", "1.34.10 amd64/kubeadm_1.34.10-1.1_amd64.deb"]);

    [Fact]
    public void FieldsStandInAnyOrderAndCase() => Read("version: 1.34.7-1.1\nfilename: a\nPackage: kubeadm\n").ShouldBe(["1.34.7 a"]);

    [Fact]
    public void ADescriptionThatLooksLikeAFieldIsNone() =>
        Read("Package: kubeadm\nDescription: x\n Version: 9.9.9-1\nVersion: 1.34.7-1.1\nFilename: a\n").ShouldBe(["1.34.7 a"]);

    [Theory]
    [InlineData("1.35.0~rc.1-1.1")]
    [InlineData("1.35.0-rc.1-1.1")]
    [InlineData("1.35.0~alpha.2-1.1")]
    public void APreReleaseIsLeftOut(string version) =>
        Read($"Package: kubeadm\nVersion: 1.34.7-1.1\nFilename: a\n\nPackage: kubeadm\nVersion: {version}\nFilename: b\n").ShouldBe(["1.34.7 a"]);

    [Theory]
    [InlineData("Package: kubeadm\nVersion: 1.35.0~rc.1-1.1\nFilename: a\n", "has no release of kubeadm")]
    [InlineData("Package: kubelet\nVersion: 1.35.0-1.1\nFilename: a\n", "has no release of kubeadm")]
    [InlineData("Package: kubeadm\nFilename: a\n", "has a stanza of kubeadm without a version")]
    [InlineData("Package: kubeadm\nVersion: 1.34.7-1.1\n", "has a stanza of kubeadm without a file")]
    [InlineData("Package: kubeadm\nVersion: newest\nFilename: a\n", "has kubeadm \"newest\", which is no package of a release such as 1.34.7-1.1")]
    [InlineData("Package: kubeadm\nVersion: 1.34.7-1.1\nFilena", "is no whole package index; it begins \"Package: kubeadm Version: 1.34.7-1.1 Fil\" and ends \"kage: kubeadm Version: 1.34.7-1.1 Filena\"")]
    [InlineData("<!DOCTYPE html>\n<p>Sign in</p>\n", "is no whole package index; it begins \"<!DOCTYPE html> <p>Sign in</p> \" and ends \"<!DOCTYPE html> <p>Sign in</p> \"")]
    [InlineData("", "is no whole package index; it begins \"\" and ends \"\"")]
    public void WhatIsNoIndexOfKubeadmIsAnErrorThatNamesTheAddress(string text, string error) =>
        Should.Throw<SourceException>(() => Read(text)).Message.ShouldBe($"{Address} {error}");

    private static IEnumerable<string> Read(string text) =>
        DebianIndex.Releases(text, "kubeadm", Address).Select(release => $"{release.Version} {release.File}");
}
