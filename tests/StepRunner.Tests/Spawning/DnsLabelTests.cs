using System.Text.RegularExpressions;
using Stepper.StepRunner.Spawning;

namespace Stepper.StepRunner.Tests.Spawning;

public sealed class DnsLabelTests
{
    private static readonly string Long = new('a', 60);

    [Theory]
    [InlineData("k8s-node3")]
    [InlineData("1")]
    [InlineData("a23456789-123456789-123456789-123456789-123456789-123456789-123")]
    public void ALabelStaysAsItIs(string name) => DnsLabel.Of(name).ShouldBe(name);

    [Theory]
    [InlineData("node.example.com", "node-example-com-")]
    [InlineData("Node3", "node3-")]
    [InlineData("node_3", "node-3-")]
    [InlineData("-node-", "node-")]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234", "a23456789012345678901234567890123456789012345678901234-")]
    public void AnyOtherNameIsCutAndGetsAHash(string name, string begins)
    {
        var label = DnsLabel.Of(name);

        label.ShouldStartWith(begins);
        label.Length.ShouldBeLessThanOrEqualTo(63);
        label.ShouldMatch(@"\A[a-z0-9]([a-z0-9-]*[a-z0-9])?\z");
    }

    [Fact]
    public void ALabelIsTheSameInEachVersionOfStepper() => DnsLabel.Of("node.example.com").ShouldBe("node-example-com-0b3adeaa");

    [Theory]
    [InlineData("node.a", "node-a")]
    [InlineData("node.a", "node_a")]
    [InlineData("Node1", "node1")]
    public void NamesThatAreCutAlikeDoNotShareALabel(string one, string other) => DnsLabel.Of(one).ShouldNotBe(DnsLabel.Of(other));

    [Fact]
    public void ANameThatIsWhatAnotherIsCutToGetsAnotherLabel()
    {
        DnsLabel.Of("node-example-com-0b3adeaa").ShouldNotBe(DnsLabel.Of("node.example.com"));
        DnsLabel.Of("node-20261122").ShouldStartWith("node-20261122-");
    }

    [Fact]
    public void LongNamesThatBeginAlikeDoNotShareALabel()
    {
        var labels = Enumerable.Range(0, 1000).Select(number => DnsLabel.Of($"{Long}-{number:0000}")).ToList();

        labels.ShouldAllBe(label => label.Length <= 63 && Regex.IsMatch(label, @"\Aa+-[0-9a-f]{8}\z", RegexOptions.None, TimeSpan.FromSeconds(1)));
        labels.Distinct(StringComparer.Ordinal).Count().ShouldBe(1000);
    }
}
