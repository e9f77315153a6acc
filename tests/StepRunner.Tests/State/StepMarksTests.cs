using System.Text.Json.Nodes;
using Stepper.Cluster;
using Stepper.Cluster.Nodes;
using Stepper.Simulation;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Tests.State;

public sealed class StepMarksTests
{
    private readonly StepMarks _marks = new(Given.Names, new Wait(new VirtualTime(Given.Noon)));

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(10, true)]
    [InlineData(20, true)]
    [InlineData(35, true)]
    [InlineData(36, false)]
    public void ChangesOfAStepsTimeAndAQuarterOfAnHourAreItsOwn(int minutes, bool covers) =>
        _marks.Covers(Marked(Given.Noon, Given.Noon.AddMinutes(20)), Given.Noon.AddMinutes(minutes)).ShouldBe(covers);

    [Theory]
    [InlineData(5, true)]
    [InlineData(7, false)]
    public void AStepThatNeverEndedWasKilledAndCoversNoMoreThanAStepsTime(int hours, bool covers) =>
        _marks.Covers(Marked(Given.Noon, null), Given.Noon.AddHours(hours)).ShouldBe(covers);

    [Fact]
    public void WhereNoStepEverWorkedNothingIsItsOwn() => _marks.Covers(Given.Node("node1"), Given.Noon).ShouldBeFalse();

    [Fact]
    public void AMarkThatIsNoTimeIsAnError() =>
        Should.Throw<SourceException>(() => _marks.Covers(With(("step-began", "soon")), Given.Noon)).Message
            .ShouldBe("node node1 has viktorbarzin.me/k8s-upgrade-step-began=\"soon\", which is no time such as 2026-11-22T12:00:00Z; right it or take it away");

    [Fact]
    public void ABeginningSaysSinceWhenAndFromWhat() =>
        Begun(Given.Node("node1")).ShouldBe(
            """{"viktorbarzin.me/k8s-upgrade-step-ended":null,"viktorbarzin.me/k8s-upgrade-step-by":"by hand","viktorbarzin.me/k8s-upgrade-step-began":"2026-11-22T12:00:00Z","viktorbarzin.me/k8s-upgrade-from":"1.34.2"}""");

    [Theory]
    [InlineData("cordoned")]
    [InlineData("cordoned-before")]
    public void ARetryLeavesTheFirstTrysBeginning(string cordon)
    {
        Begun(With((cordon, Given.Run.ToString()))).ShouldBe("""{"viktorbarzin.me/k8s-upgrade-step-ended":null,"viktorbarzin.me/k8s-upgrade-step-by":"by hand"}""");
        Begun(With((cordon, "1.34.6/2026-10-25T12:00:00Z"))).ShouldContain("step-began");
    }

    private string Begun(ClusterNode node)
    {
        var annotations = new JsonObject();
        _marks.Begin(node, Given.Run, annotations);
        return annotations.ToJsonString();
    }

    private static ClusterNode Marked(DateTimeOffset began, DateTimeOffset? ended) =>
        ended is { } end ? With(("step-began", began.ToString("u").Replace(' ', 'T')), ("step-ended", end.ToString("u").Replace(' ', 'T'))) : With(("step-began", began.ToString("u").Replace(' ', 'T')));

    private static ClusterNode With(params IEnumerable<(string Name, string Value)> marks) =>
        Given.Node("node1", annotations: marks.ToDictionary(mark => $"viktorbarzin.me/k8s-upgrade-{mark.Name}", mark => mark.Value, StringComparer.Ordinal));
}
