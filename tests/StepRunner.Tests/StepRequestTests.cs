using Stepper.Detection;

namespace Stepper.StepRunner.Tests;

public sealed class StepRequestTests
{
    private readonly List<string> _problems = [];

    [Fact]
    public void AllThatIsWrongIsSaidAtOnce()
    {
        Read(("PHASE", "uplift"), ("TARGET_VERSION", "1.34"), ("KIND", "major"), ("POD_NAME", "p")).ShouldBeNull();

        _problems.ShouldBe(
        [
            "PHASE (--phase) is \"uplift\"; one of preflight, master, worker, postflight is needed.",
            "TARGET_VERSION (--target-version) is \"1.34\"; a release such as 1.34.7 is needed.",
            "KIND (--kind) is \"major\"; patch or minor is needed.",
            "IMAGE is empty; the Job of a step sets it (templates/job-template.yaml).",
            "NODE_NAME is empty; the Job of a step sets it (templates/job-template.yaml).",
        ]);
    }

    [Fact]
    public void APodHasAllThatItsJobSets()
    {
        Read(("PHASE", "worker"), ("POD_NAME", "p")).ShouldBeNull();

        _problems.ShouldBe(
        [
            "TARGET_NODE (--node) is empty; a worker step needs the name of the node that it upgrades.",
            "TARGET_VERSION is empty; the Job of a step sets it (templates/job-template.yaml).",
            "KIND is empty; the Job of a step sets it (templates/job-template.yaml).",
            "IMAGE is empty; the Job of a step sets it (templates/job-template.yaml).",
            "NODE_NAME is empty; the Job of a step sets it (templates/job-template.yaml).",
        ]);
    }

    [Fact]
    public void ByHandAPhaseIsEnough() =>
        Read(("PHASE", "master")).ShouldBe(new StepRequest(PhaseName.Master, null, null, null, null, null, null, null, Spawns: true));

    [Fact]
    public void AnEmptyVariableIsNotGiven() =>
        Read(("PHASE", "preflight"), ("TARGET_NODE", ""), ("TARGET_VERSION", ""), ("KIND", ""), ("IMAGE", ""), ("POD_NAME", ""))!.Target.ShouldBeNull();

    [Fact]
    public void TheRequestOfAJobIsReadWhole() =>
        Read(
            ("PHASE", "worker"), ("TARGET_NODE", "k8s-node3"), ("TARGET_VERSION", "1.35.0"), ("KIND", "minor"), ("IMAGE", Given.Image), ("POD_NAME", "p"), ("NODE_NAME", "k8s-node1"))
            .ShouldBe(new StepRequest(PhaseName.Worker, "k8s-node3", new(1, 35, 0), UpgradeKind.Minor, Given.Image, "p", "k8s-node1", null, Spawns: true));

    private StepRequest? Read(params (string Name, string Value)[] given) =>
        StepRequest.Read(given.ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal), spawns: true, _problems);
}
