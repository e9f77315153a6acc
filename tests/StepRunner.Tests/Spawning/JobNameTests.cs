using Stepper.StepRunner.Spawning;

namespace Stepper.StepRunner.Tests.Spawning;

public sealed class JobNameTests
{
    [Fact]
    public void AJobIsNamedForItsPhaseVersionAndNode()
    {
        JobName.Of(Given.Step(PhaseName.Preflight)).ShouldBe("k8s-upgrade-preflight-1-34-7");
        JobName.Of(Given.Step(PhaseName.Master, "k8s-master")).ShouldBe("k8s-upgrade-master-1-34-7");
        JobName.Of(Given.Step(PhaseName.Worker, "k8s-node3")).ShouldBe("k8s-upgrade-worker-1-34-7-k8s-node3");
        JobName.Of(Given.Step(PhaseName.Postflight)).ShouldBe("k8s-upgrade-postflight-1-34-7");
    }

    [Fact]
    public void ADottedOrLongNodeNameIsCutAndGetsAHash()
    {
        JobName.Of(Given.Step(PhaseName.Worker, "node3.example.com")).ShouldMatch(@"\Ak8s-upgrade-worker-1-34-7-node3-example-com-[0-9a-f]{8}\z");
        JobName.Of(Given.Step(PhaseName.Worker, new string('n', 200))).Length.ShouldBe(63);
    }

    [Fact]
    public void TwoLongNodesNeverShareAJob() =>
        Enumerable.Range(0, 100).Select(number => JobName.Of(Given.Step(PhaseName.Worker, $"ip-10-0-0-1.eu-central-1.compute.internal.example.com-{number}")))
            .Distinct(StringComparer.Ordinal).Count().ShouldBe(100);

    [Fact]
    public void OneNodesJobsOfTwoVersionsHaveTwoNames()
    {
        var node = new string('n', 100);
        var step = Given.Step(PhaseName.Worker, node);

        JobName.Of(step with { Run = step.Run with { Target = new(1, 35, 0) } }).ShouldNotBe(JobName.Of(step));
    }
}
