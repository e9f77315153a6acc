using Stepper.StepRunner.Gates.Compatibility;

namespace Stepper.StepRunner.Tests.Gates.Compatibility;

public sealed class DottedVersionTests
{
    [Theory]
    [InlineData("v1.16.3", "1.16.3")]
    [InlineData("3.30", "3.30")]
    [InlineData("v2.14.1-debian", "2.14.1")]
    [InlineData("1.6.20~ds1", "1.6.20")]
    [InlineData("v24.9.0-ubuntu22.04", "24.9.0")]
    [InlineData("1.9.0+build.3", "1.9.0")]
    [InlineData("v1.16.3-devel-arch", "1.16.3")]
    public void ATagThatIsAVersionIsRead(string tag, string version) => DottedVersion.OfTag(tag).ShouldNotBeNull().ToString().ShouldBe(version);

    [Theory]
    [InlineData("")]
    [InlineData("latest")]
    [InlineData("v3")]
    [InlineData("20261122")]
    [InlineData("v1.17.0-rc.1")]
    [InlineData("1.17.0-alpha")]
    [InlineData("1.17.0-beta2")]
    [InlineData("release-1.17")]
    [InlineData("1.17.x")]
    [InlineData("3f2a9c1")]
    public void AnyOtherIsNone(string tag) => DottedVersion.OfTag(tag).ShouldBeNull();

    [Theory]
    [InlineData("1.9", "1.10", -1)]
    [InlineData("1.16.0", "1.16", 0)]
    [InlineData("2", "1.99.99", 1)]
    [InlineData("3.30.10", "3.30.9", 1)]
    public void TheyAreOrderedNumberByNumber(string one, string other, int order) => Read(one).CompareTo(Read(other)).ShouldBe(order);

    [Theory]
    [InlineData("1.16.3", "1.16", true)]
    [InlineData("1.160.3", "1.16", false)]
    [InlineData("1.17.0", "1.16", false)]
    [InlineData("3.5.1", "3", true)]
    public void ALineIsItsFirstNumbers(string version, string line, bool isOfIt) => Read(version).IsOfLine(Read(line)).ShouldBe(isOfIt);

    private static DottedVersion Read(string text) => DottedVersion.TryParse(text, out var version) ? version : throw new FormatException(text);
}
