using Stepper.Cluster;
using Stepper.Cluster.Versions;

namespace Stepper.Detection.Tests;

public sealed class TargetChoiceTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly DetectionPolicy Any = new(AllowMinor: true, TimeSpan.Zero, [], MaxMinor: null);

    // Offered releases: "1.34.7" or, with hours since it came out, "1.34.7:30". A next minor that is null is not out.
    [Theory]
    [InlineData("1.34.7", "1.34.7 1.34.9", null, "1.34.9 Patch", "1.34.9 is the newest release of 1.34 that may be taken")]
    [InlineData("1.34.9", "1.34.7 1.34.9 1.34.10", null, "1.34.10 Patch", "1.34.10 is the newest release of 1.34 that may be taken")]
    [InlineData("1.34.7", "1.34.9", "1.35.1", "1.34.9 Patch", "1.34.9 is the newest release of 1.34 that may be taken")]
    [InlineData("1.34.9", "1.34.9", "1.35.0 1.35.1", "1.35.1 Minor", "1.34.9 is the newest release of 1.34; 1.35.1 is the newest release of 1.35 that may be taken")]
    [InlineData("1.34.10", "1.34.9", null, "", "1.34.10 is the newest release of 1.34, and 1.35 is not out yet")]
    [InlineData("1.34.9", "1.35.1", null, "", "1.34.9 is the newest release of 1.34, and 1.35 is not out yet")]
    public void TheNewestPatchComesBeforeTheNextMinor(string running, string patches, string? next, string target, string reason) =>
        Choose(running, patches, next, Any).ShouldBe((target, reason));

    [Theory]
    [InlineData("1.34.9:100 1.34.10:30", "1.35.1:100", "1.34.9 Patch", "1.34.9 is the newest release of 1.34 that may be taken; 1.34.10 has been out for 30 h only and is waited for until it is 72 h old")]
    [InlineData("1.34.10:30", "1.35.1:100", "", "1.34.10 has been out for 30 h only and is waited for until it is 72 h old")]
    [InlineData("1.34.10", "1.35.1:100", "", "nobody says how long 1.34.10 has been out, and it has to be 72 h old")]
    [InlineData("1.34.10:72", null, "1.34.10 Patch", "1.34.10 is the newest release of 1.34 that may be taken")]
    [InlineData("1.34.7", "1.35.0:100 1.35.1:71", "1.35.0 Minor", "1.34.7 is the newest release of 1.34; 1.35.0 is the newest release of 1.35 that may be taken; 1.35.1 has been out for 71 h only and is waited for until it is 72 h old")]
    [InlineData("1.34.7", "1.35.0:10", "", "1.34.7 is the newest release of 1.34; 1.35.0 has been out for 10 h only and is waited for until it is 72 h old")]
    public void AReleaseThatIsTooYoungOrOfUnknownAgeIsWaitedFor(string patches, string? next, string target, string reason) =>
        Choose("1.34.7", patches, next, Any with { MinimumAge = TimeSpan.FromHours(72) }).ShouldBe((target, reason));

    [Theory]
    [InlineData("1.34.9 1.34.10", null, "1.34.9 Patch", "1.34.9 is the newest release of 1.34 that may be taken")]
    [InlineData("1.34.10", "1.35.2", "1.35.2 Minor", "1.34.7 is the newest release of 1.34 but for 1.34.10, to be skipped; 1.35.2 is the newest release of 1.35 that may be taken")]
    [InlineData("1.34.7", "1.35.1", "", "1.34.7 is the newest release of 1.34, and every release of 1.35 is to be skipped")]
    public void AReleaseThatIsToBeSkippedIsNeverTaken(string patches, string? next, string target, string reason) =>
        Choose("1.34.7", patches, next, Any with { Skip = [new KubeVersion(1, 34, 10), new KubeVersion(1, 35, 1)] }).ShouldBe((target, reason));

    [Theory]
    [InlineData(false, null, "", "1.34.9 is the newest release of 1.34, and minor upgrades are switched off")]
    [InlineData(true, "1.34", "", "1.34.9 is the newest release of 1.34, and no minor after 1.34 is wanted")]
    [InlineData(true, "1.35", "1.35.1 Minor", "1.34.9 is the newest release of 1.34; 1.35.1 is the newest release of 1.35 that may be taken")]
    public void AMinorThatNobodyWantsIsNotTaken(bool allowMinor, string? maxMinor, string target, string reason)
    {
        var last = MinorVersion.TryParse(maxMinor, out var minor) ? minor : (MinorVersion?)null;

        Choose("1.34.9", "1.34.9", "1.35.1", Any with { AllowMinor = allowMinor, MaxMinor = last }).ShouldBe((target, reason));
    }

    [Theory]
    [InlineData("1.34.9", "1.35.1", "1.35.1 Minor")]
    [InlineData("1.34.7", "1.34.9", "1.34.9 Patch")]
    public void AHalfWayClusterGoesToItsHighestVersion(string oldest, string highest, string target)
    {
        var choice = TargetChoice.OfHalfWay(Versions(oldest, highest))!;

        $"{choice.Target} {choice.Kind}".ShouldBe(target);
        choice.Reason.ShouldBe($"the cluster is half-way: kubelet of node1 at {oldest}, kube-apiserver of master at {highest}");
    }

    [Fact]
    public void AClusterOfOneVersionIsNotHalfWay() => TargetChoice.OfHalfWay(Versions("1.34.9", "1.34.9")).ShouldBeNull();

    [Fact]
    public void PartsMoreThanAMinorFromEachOtherAreAnError() =>
        Should.Throw<SourceException>(() => TargetChoice.OfHalfWay(Versions("1.33.2", "1.35.1"))).Message.ShouldStartWith(
            "kubelet of node1 at 1.33.2 and kube-apiserver of master at 1.35.1 can't be brought together by one upgrade: 1.35.1 is more than one minor above");

    private static (string Target, string Reason) Choose(string running, string patches, string? next, DetectionPolicy policy)
    {
        var from = Version(running);
        var choice = TargetChoice.OfPatches(from, Offered(patches), policy, Now)
            ?? TargetChoice.OfNextMinor(from, Offered(patches), next is null ? null : Offered(next), policy, Now);
        choice.Running.ShouldBe(from);
        return ($"{choice.Target} {choice.Kind}".Trim(), choice.Reason);
    }

    private static OfferedRelease[] Offered(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split(':')).Select(one =>
            new OfferedRelease(Version(one[0]), one.Length == 1 ? null : Now - TimeSpan.FromHours(int.Parse(one[1]))))];

    private static RunningVersions Versions(string oldest, string highest) =>
        new(new RunningVersion("kubelet of node1", Version(oldest)), new RunningVersion("kube-apiserver of master", Version(highest)));

    private static KubeVersion Version(string text) => KubeVersion.Parse(text, "this test");
}
