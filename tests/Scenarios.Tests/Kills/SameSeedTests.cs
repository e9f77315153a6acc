namespace Stepper.Scenarios.Tests.Kills;

public sealed class SameSeedTests
{
    [Fact]
    public void TheSameSeedGivesTheSameRunByteForByte()
    {
        var (first, second) = (Run(7), Run(7));

        second.Journal.Text.ShouldBe(first.Journal.Text);
        second.Story.ShouldBe(first.Story);
    }

    [Fact]
    public void TheSameKillGivesTheSameRunByteForByte()
    {
        var point = KillSweep.PointsOf(7, Run(7))[200];
        var (first, second) = (Killed(), Killed());

        second.Journal.Text.ShouldBe(first.Journal.Text);
        second.Story.ShouldBe(first.Story);
        first.Journal.Text.ShouldNotBe(Run(7).Journal.Text);

        ShortChain Killed()
        {
            var chain = new ShortChain(7);
            chain.KillAt(point);
            chain.RunByHand();
            return chain;
        }
    }

    [Fact]
    public void AnotherSeedGivesAnotherRun() => Run(8).Journal.Text.ShouldNotBe(Run(7).Journal.Text);

    private static ShortChain Run(int seed)
    {
        var chain = new ShortChain(seed);
        chain.RunByHand();
        return chain;
    }
}
