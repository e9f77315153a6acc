using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.StepRunner.Settings;
using Stepper.StepRunner.Spawning;

namespace Stepper.StepRunner.Tests.Spawning;

public sealed class ChainJobsTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void AStepWritesItsOutcomeOnItsOwnJob()
    {
        var job = Make();

        SetOutcome(job).ShouldBeTrue();

        Outcome(job).ShouldBe("done");
    }

    [Fact]
    public void AnotherJobOfTheSameNameIsNotWrittenOn()
    {
        var job = Make();

        SetOutcome(job with { Uid = "0a1b2c3d-0000-4000-8000-000000000000" }).ShouldBeFalse();

        Outcome(job).ShouldBe("");
    }

    [Fact]
    public void AJobThatIsGoneIsNoFailureOfTheStep()
    {
        var job = Make();
        _cluster.Sim.Registry.Delete(Kinds.Job, "k8s-upgrade", job.Name);

        SetOutcome(job).ShouldBeFalse();
    }

    [Fact]
    public void APodOfAJobThatWasMadeAgainDoesNothing()
    {
        var job = Make();

        var (own, other) = (Step(job.Uid), Step("0a1b2c3d-0000-4000-8000-000000000000"));

        (other.Code, other.Output.Contains($"its Job {job.Name} is not there any more", StringComparison.Ordinal)).ShouldBe((1, true), other.Output);
        own.Output.ShouldContain("preflight: target 1.34.7");
    }

    [Fact]
    public void ATemplateThatDoesNotSayTheJobStillWorks()
    {
        Make();

        Step(uid: "").Output.ShouldContain("preflight: target 1.34.7");
    }

    private CommandEnd Step(string uid) => _cluster.Command(
        [],
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PHASE"] = "preflight", ["TARGET_VERSION"] = "1.34.7", ["KIND"] = "patch", ["IMAGE"] = Given.Image, ["POD_NAME"] = "p", ["NODE_NAME"] = "k8s-node1", ["JOB_UID"] = uid,
        },
        new Dictionary<string, string>(StringComparer.Ordinal) { [ShippedFiles.TemplatePath] = ShippedFiles.Embedded("job-template.yaml") });

    private ChainJob Make()
    {
        var template = new StepJob(ShippedFiles.Embedded("job-template.yaml"), "k8s-upgrade", Given.Names, StepLimits.Of(new StepperSettings()));
        return _cluster.Run(_cluster.Jobs.TryCreateAsync(template.Render(Given.Step(PhaseName.Preflight), host: null), default)).ShouldNotBeNull();
    }

    private bool SetOutcome(ChainJob job) => _cluster.Run(_cluster.Jobs.TrySetOutcomeAsync(job, EndKind.Done, default));

    private string Outcome(ChainJob job) => _cluster.Sim.Find(Kinds.Job, "k8s-upgrade", job.Name)!.Annotation("viktorbarzin.me/k8s-upgrade-outcome");
}
