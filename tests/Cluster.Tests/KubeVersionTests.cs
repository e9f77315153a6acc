using Stepper.Cluster.Versions;

namespace Stepper.Cluster.Tests;

public sealed class KubeVersionTests
{
    [Theory]
    [InlineData("1.34.7", 1, 34, 7)]
    [InlineData("v1.34.10", 1, 34, 10)]
    public void AReleaseIsRead(string text, int major, int minor, int patch)
    {
        KubeVersion.TryParse(text, out var version).ShouldBeTrue();

        version.ShouldBe(new KubeVersion(major, minor, patch));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1.34")]
    [InlineData("1.35.0-rc.1")]
    [InlineData("1.34.+7")]
    [InlineData("1.34.7.1")]
    [InlineData("vv1.34.7")]
    public void WhatIsNoReleaseIsNotRead(string? text) => KubeVersion.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void Patch10IsNewerThanPatch9() => (new KubeVersion(1, 34, 10) > new KubeVersion(1, 34, 9)).ShouldBeTrue();
}
