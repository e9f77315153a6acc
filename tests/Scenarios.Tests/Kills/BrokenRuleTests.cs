using Stepper.Simulation.Processes;

namespace Stepper.Scenarios.Tests.Kills;

/// <summary>The kill test can fail: with one rule broken the chain still ends complete as long as nothing is killed, and goes red where something is.</summary>
public sealed class BrokenRuleTests
{
    private const int Seed = 1;

    [Fact]
    public void ASpawnThatIsNotIdempotentTurnsItRed() => Found(
        BrokenRules.SpawnsUnderAnyName, "k8s-upgrade-worker-1-34-7-k8s-node4-", call => call.What == "POST /apis/batch/v1/namespaces/k8s-upgrade/jobs?fieldValidation=Strict")
        .ShouldContain(problem => problem.Contains("the steps begun were not each once", StringComparison.Ordinal) && problem.EndsWith("worker k8s-node3, worker k8s-node3, worker k8s-node2, worker k8s-node2, worker k8s-node1, worker k8s-node1, postflight, postflight", StringComparison.Ordinal));

    [Fact]
    public void ARetryThatDoesNotAttachTurnsItRed() => Found(
        BrokenRules.NeverAttaches, "k8s-upgrade-master-1-34-7-", call => call.What.StartsWith("follow-script", StringComparison.Ordinal))
        .ShouldContain(problem => problem.Contains("a second node script was started on k8s-master", StringComparison.Ordinal));

    [Fact]
    public void AGiveBackThatIsLeftOutTurnsItRed() => Found(
        BrokenRules.LeavesGiveBackOut, "k8s-upgrade-master-1-34-7-", call => call.What.EndsWith("deployments/batcher", StringComparison.Ordinal))
        .ShouldContain(problem => problem.Contains("Still quiesced: Deployment default/batcher", StringComparison.Ordinal));

    // Undisturbed it is green. Then the kills of one pod, after such calls.
    private static IReadOnlyList<string> Found(Around rule, string pods, Func<SeamCall, bool> calls)
    {
        var undisturbed = new ShortChain(Seed, rule);
        undisturbed.RunByHand().ShouldBeEmpty();
        var points = KillSweep.PointsOf(Seed, undisturbed)
            .Where(point => point.Moment == Moment.AfterItTookEffect && point.Call.Pod.StartsWith(pods, StringComparison.Ordinal) && calls(point.Call)).ToList();
        return KillSweep.Run(points, point => KillSweep.Kill(point, rule));
    }
}
