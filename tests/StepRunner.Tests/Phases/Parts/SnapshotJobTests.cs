using System.Text.Json.Nodes;
using Stepper.Cluster;
using Stepper.StepRunner.Phases.Parts;

namespace Stepper.StepRunner.Tests.Phases.Parts;

/// <summary>
/// A CronJob that bears every field that could be thought of, as kube-apiserver 1.36 keeps it, and the Job that <c>kubectl create job --from</c> 1.32 made of it
/// (Copied/, without managedFields, status and empty creationTimestamps).
/// </summary>
public sealed class SnapshotJobTests
{
    private readonly JsonObject _cronJob = Copied("cronjob.json");

    [Fact]
    public void ItIsTheJobThatKubectlMakes() =>
        JsonNode.DeepEquals(SnapshotJob.From(_cronJob, "kube-helper", "made-by-kubectl"), Copied("job.json")).ShouldBeTrue();

    [Fact]
    public void AFieldThatNobodyKnowsYetIsCopiedToo()
    {
        _cronJob["spec"]!["jobTemplate"]!["spec"]!["newInJobs"] = true;
        _cronJob["spec"]!["jobTemplate"]!["spec"]!["template"]!["spec"]!["containers"]![0]!["newInContainers"] = new JsonObject { ["of"] = new JsonArray(1, 2.5, null) };

        JsonNode.DeepEquals(SnapshotJob.From(_cronJob, "a", "b")["spec"], _cronJob["spec"]!["jobTemplate"]!["spec"]).ShouldBeTrue();
    }

    [Fact]
    public void ItSaysThatItWasMadeByHand()
    {
        _cronJob["spec"]!["jobTemplate"]!.AsObject().Remove("metadata");

        var meta = SnapshotJob.From(_cronJob, "a", "b")["metadata"]!;

        meta["annotations"]!.ToJsonString().ShouldBe("""{"cronjob.kubernetes.io/instantiate":"manual"}""");
        meta["labels"].ShouldBeNull();
    }

    [Fact]
    public void WithoutATemplateThereIsNone()
    {
        _cronJob["spec"]!.AsObject().Remove("jobTemplate");

        Should.Throw<SourceException>(() => SnapshotJob.From(_cronJob, "default", "b")).Message.ShouldBe("CronJob default/backup-etcd has no spec.jobTemplate");
    }

    private static JsonObject Copied(string file) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Phases", "Parts", "Copied", file)))!.AsObject();
}
