namespace Stepper.Scenarios.Tests.Kills;

/// <summary>Detection that is killed at whatever point: its Job's next try, or the next detection, begins the chain, and only one.</summary>
public sealed class DetectionKillTests
{
    private const int Seed = 1;

    [Fact]
    public void ADetectionThatIsKilledAnywhereBeginsOneChain()
    {
        var undisturbed = new ShortChain(Seed);
        undisturbed.RunByDetection().ShouldBeEmpty();
        var calls = undisturbed.Journal.Entries.Count(entry => IsDetections(entry.Call.Pod));
        var points = KillSweep.PointsOf(Seed, undisturbed).Where(point => IsDetections(point.Call.Pod)).ToList();
        points.Count.ShouldBe(2 * calls);

        KillSweep.Run(points, point =>
        {
            var chain = new ShortChain(point.Seed);
            chain.KillAt(point);
            return chain.RunByDetection();
        }).ShouldBeEmpty();
    }

    private static bool IsDetections(string pod) => pod.StartsWith("check-", StringComparison.Ordinal);
}
