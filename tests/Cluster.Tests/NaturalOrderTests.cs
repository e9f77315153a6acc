namespace Stepper.Cluster.Tests;

public sealed class NaturalOrderTests
{
    [Fact]
    public void Node2ComesBeforeNode10() =>
        new[] { "node10", "node2", "node1" }.Order(NaturalOrder.OfNames).ShouldBe(["node1", "node2", "node10"]);

    [Fact]
    public void NumbersInTheMiddleCountToo() =>
        new[] { "rack10-a", "rack9-b", "rack9-a" }.Order(NaturalOrder.OfNames).ShouldBe(["rack9-a", "rack9-b", "rack10-a"]);

    [Fact]
    public void ADifferenceInLeadingZerosIsStillADifference() =>
        NaturalOrder.OfNames.Compare("node01", "node1").ShouldNotBe(0);
}
