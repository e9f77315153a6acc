using Stepper.Cluster.Kubernetes.Objects;
using Stepper.StepRunner.Gates.Compatibility;

namespace Stepper.StepRunner.Tests.Gates.Compatibility;

public sealed class WorkloadTests
{
    [Theory]
    [InlineData("ReplicaSet", "web-5d8f", "web")]
    [InlineData("ReplicaSet", "by-hand", "by-hand")]
    [InlineData("DaemonSet", "agent-29391840", "agent-29391840")]
    [InlineData("Job", "import-7", "import-7")]
    [InlineData("Job", "backup-29391840", "backup")]
    [InlineData("Job", "backup-29391900", "backup")]
    [InlineData("Job", "back-up-1668427200", "back-up")]
    public void APodIsNamedByWhatStaysOfItsOwner(string kind, string owner, string name)
    {
        var pod = new ImagePod
        {
            Metadata = new ObjectMeta
            {
                Name = "it-x7k2p",
                Namespace = "a",
                Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["pod-template-hash"] = "5d8f" },
                OwnerReferences = [new OwnerReference { Kind = kind, Name = owner, Controller = true }],
            },
        };

        Workload.Of(pod).Where.ShouldBe($"a/{name}");
    }
}
