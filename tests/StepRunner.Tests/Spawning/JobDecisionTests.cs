using Stepper.StepRunner.Spawning;

namespace Stepper.StepRunner.Tests.Spawning;

/// <summary>The table of what a Job that has the step's name already means, row by row.</summary>
public sealed class JobDecisionTests
{
    private static readonly Step Worker = Given.Step(PhaseName.Worker, "k8s-node3");
    private static readonly Run Other = new(Given.Target, Given.Noon.AddDays(-7));

    [Theory]
    [InlineData("absent", "Make", "Make", "Make")]
    [InlineData("being deleted", "WaitUntilGone", "WaitUntilGone", "WaitUntilGone")]
    [InlineData("other run, done", "DeleteFirst", "DeleteFirst", "DeleteFirst")]
    [InlineData("other run, refused", "DeleteFirst", "DeleteFirst", "DeleteFirst")]
    [InlineData("other run, failed", "DeleteFirst", "DeleteFirst", "DeleteFirst")]
    [InlineData("other run, failed, other labels", "DeleteFirst", "DeleteFirst", "DeleteFirst")]
    [InlineData("other run, active", "Abort", "LeaveAlone", "LeaveAlone")]
    [InlineData("active", "LeaveAlone", "LeaveAlone", "LeaveAlone")]
    [InlineData("done", "LeaveAlone", "LeaveAlone", "LeaveAlone")]
    [InlineData("failed", "LeaveAlone", "DeleteFirst", "DeleteFirst")]
    [InlineData("refused", "LeaveAlone", "DeleteFirst", "DeleteFirst")]
    [InlineData("parked", "LeaveAlone", "DeleteFirst", "DeleteFirst")]
    [InlineData("for another phase", "Abort", "Abort", "Abort")]
    [InlineData("for another node", "Abort", "Abort", "Abort")]
    [InlineData("for another version", "Abort", "Abort", "Abort")]
    public void WhatIsThereAndWhoAsksDecide(string found, string chain, string detection, string byOperator)
    {
        Decide(found, SpawnedBy.Chain).Action.ToString().ShouldBe(chain);
        Decide(found, SpawnedBy.Detection).Action.ToString().ShouldBe(detection);
        Decide(found, SpawnedBy.Operator).Action.ToString().ShouldBe(byOperator);
    }

    [Theory]
    [InlineData("active", "Job k8s-upgrade-worker-1-34-7-k8s-node3 of this run is there already")]
    [InlineData("done", "Job k8s-upgrade-worker-1-34-7-k8s-node3 of this run is done already")]
    [InlineData("failed", "Job k8s-upgrade-worker-1-34-7-k8s-node3 of this run has failed (Pod failed) and is left for a person")]
    [InlineData("refused", "Job k8s-upgrade-worker-1-34-7-k8s-node3 of this run had refused and is left for the next detection")]
    [InlineData("other run, done", "Job k8s-upgrade-worker-1-34-7-k8s-node3 is of another run (1.34.7/2026-11-15T12:00:00Z), and over")]
    [InlineData("for another node",
        "Job k8s-upgrade-worker-1-34-7-k8s-node3 is there, but for worker k8s-node4 to 1-34-7; look at it and delete it: kubectl delete job k8s-upgrade-worker-1-34-7-k8s-node3")]
    [InlineData("for another phase",
        "Job k8s-upgrade-worker-1-34-7-k8s-node3 is there, but for postflight to 1-34-7; look at it and delete it: kubectl delete job k8s-upgrade-worker-1-34-7-k8s-node3")]
    public void ALineSaysIt(string found, string line) => Decide(found, SpawnedBy.Chain).Why.ShouldBe(line);

    [Fact]
    public void AJobWhoseRunCannotBeReadIsOfAnotherRun()
    {
        var job = Given.Job(Worker, JobState.Complete) with { Run = null };

        JobDecision.About(job, Worker, SpawnedBy.Chain).Action.ShouldBe(JobAction.DeleteFirst);
    }

    [Fact]
    public void ALongNodesJobIsKnownByItsLabel()
    {
        var step = Given.Step(PhaseName.Worker, "node3.example.com");

        JobDecision.About(Given.Job(step), step, SpawnedBy.Chain).Action.ShouldBe(JobAction.LeaveAlone);
    }

    private static JobDecision Decide(string found, SpawnedBy by) => JobDecision.About(
        found switch
        {
            "absent" => null,
            "being deleted" => Given.Job(Worker, JobState.BeingDeleted),
            "other run, done" => Given.Job(Worker, JobState.Complete, EndKind.Done, Other),
            "other run, refused" => Given.Job(Worker, JobState.Complete, EndKind.Refused, Other),
            "other run, failed" => Given.Job(Worker, JobState.Failed, run: Other),
            "other run, failed, other labels" => Given.Job(Worker, JobState.Failed, run: Other) with { Phase = null, NodeLabel = null },
            "other run, active" => Given.Job(Worker, run: Other),
            "active" => Given.Job(Worker),
            "done" => Given.Job(Worker, JobState.Complete, EndKind.Done),
            "failed" => Given.Job(Worker, JobState.Failed, failure: "Pod failed"),
            "refused" => Given.Job(Worker, JobState.Complete, EndKind.Refused),
            "parked" => Given.Job(Worker, JobState.Complete, EndKind.Parked),
            "for another phase" => Given.Job(Worker) with { Phase = PhaseName.Postflight, NodeLabel = null },
            "for another node" => Given.Job(Worker) with { NodeLabel = "k8s-node4" },
            "for another version" => Given.Job(Worker) with { TargetLabel = "1-34-8" },
            _ => throw new ArgumentOutOfRangeException(nameof(found), found, "No such row."),
        },
        Worker,
        by);
}
