using Stepper.StepRunner.Gates;

namespace Stepper.StepRunner.Tests.Gates;

/// <summary>What a gate is to have seen, and what it comes to. Each finding must name the command that shows it.</summary>
internal static class VerdictAssertions
{
    public static void ShouldAbort(this Verdict verdict, params IReadOnlyList<string> seen) => verdict.ShouldSay(VerdictKind.Aborts, BlockerClass.ActNow, seen);

    public static void ShouldRefuseForNow(this Verdict verdict, params IReadOnlyList<string> seen) => verdict.ShouldSay(VerdictKind.Refuses, BlockerClass.Wait, seen);

    public static void ShouldRefuseAsDecided(this Verdict verdict, params IReadOnlyList<string> seen) => verdict.ShouldSay(VerdictKind.Refuses, BlockerClass.DecidedByYou, seen);

    public static void ShouldWarn(this Verdict verdict, params IReadOnlyList<string> seen) => verdict.ShouldSay(VerdictKind.Warns, BlockerClass.Wait, seen);

    private static void ShouldSay(this Verdict verdict, VerdictKind kind, BlockerClass what, IReadOnlyList<string> seen)
    {
        verdict.Findings.Select(finding => finding.Seen).ShouldBe(seen);
        verdict.Findings.ShouldAllBe(finding => finding.Kind == kind && finding.Class == what && finding.Show.Length > 0);
    }
}
