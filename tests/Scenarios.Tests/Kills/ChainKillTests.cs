namespace Stepper.Scenarios.Tests.Kills;

/// <summary>Every step is idempotent: killed at whatever point, the next try of the same Job finishes it, and the chain ends as if nothing had been.</summary>
public sealed class ChainKillTests
{
    private const int Seed = 1;

    [Fact]
    public void AChainThatIsKilledAnywhereEndsComplete()
    {
        var undisturbed = new ShortChain(Seed);
        undisturbed.RunByHand().ShouldBeEmpty();
        var points = KillSweep.PointsOf(Seed, undisturbed);
        points.Count.ShouldBe(2 * undisturbed.Journal.Calls);

        var found = KillSweep.Run(points, point => KillSweep.Kill(point));

        found.ShouldBeEmpty($"{found.Select(problem => problem.Split(": ")[0]).Distinct().Count()} of {points.Count} kills");
    }
}
