using System.Text.Json.Nodes;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;

namespace Stepper.Simulation.Tests.World;

public sealed class JobTests
{
    private static readonly JsonNode Policy = JsonNode.Parse("""
        {"rules": [
          {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]},
          {"action": "FailJob", "onExitCodes": {"containerName": "main", "operator": "In", "values": [2]}}]}
        """)!;

    private readonly Story _story = new();

    [Fact]
    public void AJobThatEndsWellIsComplete()
    {
        Start("ends", 0);

        _story.When(() => _story.Job("ends").HasCondition("Complete")).ShouldBeInRange(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(34));

        var job = _story.Job("ends");
        job.Number("status", "succeeded").ShouldBe(1);
        job.Time("status", "completionTime").ShouldNotBeNull();
        job.HasCondition("SuccessCriteriaMet").ShouldBeTrue();
    }

    [Fact]
    public void AFailedPodIsTriedAgainAfterAPauseThatDoubles()
    {
        Start("fails", 1, spec => spec["backoffLimit"] = 2);

        _story.Cluster.Time.RunUntil(() => _story.Job("fails").HasCondition("Failed"));

        var starts = _story.PodsOf("fails").Select(pod => pod.Time("metadata", "creationTimestamp")!.Value).Order().ToList();
        starts.Count.ShouldBe(3);
        // The pod's own 30 s, and 10 s, then 20 s.
        (starts[1] - starts[0]).ShouldBeInRange(TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(44));
        (starts[2] - starts[1]).ShouldBeInRange(TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(54));
        _story.Job("fails").Condition("Failed").Text("reason").ShouldBe("BackoffLimitExceeded");
        _story.Job("fails").HasCondition("FailureTarget").ShouldBeTrue();
    }

    [Fact]
    public void ExitCodeTwoFailsTheJobAtOnceWhereThePolicySaysSo()
    {
        Start("wrong", 2, spec => spec["podFailurePolicy"] = Policy.DeepClone());

        _story.Cluster.Time.RunUntil(() => _story.Job("wrong").HasCondition("Failed"));

        _story.PodsOf("wrong").Count.ShouldBe(1);
        var failed = _story.Job("wrong").Condition("Failed");
        failed.Text("reason").ShouldBe("PodFailurePolicy");
        failed.Text("message").ShouldBe($"Container main for pod default/{_story.PodsOf("wrong")[0].Name()} failed with exit code 2 matching FailJob rule at index 1");
    }

    [Fact]
    public void AnEvictedPodIsNoFailureAndIsMadeAgainWhenItHasEnded()
    {
        Start("moved", 0, spec =>
        {
            spec["backoffLimit"] = 0;
            spec["podFailurePolicy"] = Policy.DeepClone();
        });
        _story.Pass(10);
        var first = _story.PodsOf("moved").Single();

        _story.Cluster.Evict("default", first.Name());
        _story.Cluster.Time.RunUntil(() => _story.Job("moved").HasCondition("Complete"));

        _story.Job("moved").Number("status", "failed").ShouldBe(0);
        _story.PodsOf("moved").ShouldAllBe(pod => pod.Uid() != first.Uid());
    }

    [Fact]
    public void APodThatIsStillEndingIsNotReplacedWhereThereIsAPolicy()
    {
        _story.Cluster.Programs.Set("stubborn", async process =>
        {
            await new Cluster.Wait(process.Time).ForAsync(TimeSpan.FromHours(9), CancellationToken.None);
            return 0;
        });
        _story.Cluster.Create(Workloads.Job("default", "stubborn", "stubborn:1", spec =>
        {
            spec["podFailurePolicy"] = Policy.DeepClone();
            spec["template"]!["spec"]!["terminationGracePeriodSeconds"] = 60;
        }));
        _story.Pass(10);

        _story.Cluster.Evict("default", _story.PodsOf("stubborn").Single().Name());

        _story.Pass(59);
        _story.PodsOf("stubborn").Count.ShouldBe(1);
        _story.Job("stubborn").Number("status", "terminating").ShouldBe(1);
        _story.Pass(15);
        _story.PodsOf("stubborn").Single().IsBeingDeleted().ShouldBeFalse();
    }

    [Fact]
    public void TheDeadlineEndsThePodAndFailsTheJob()
    {
        Start("late", 0, spec => spec["activeDeadlineSeconds"] = 12);

        _story.When(() => _story.Job("late").HasCondition("Failed")).ShouldBeInRange(TimeSpan.FromSeconds(12), TimeSpan.FromSeconds(15));

        _story.Job("late").Condition("Failed").Text("reason").ShouldBe("DeadlineExceeded");
        _story.PodsOf("late").ShouldBeEmpty();
    }

    [Fact]
    public void AFinishedJobAndItsPodsAreGoneWhenItsTimeIsOver()
    {
        Start("old", 0, spec => spec["ttlSecondsAfterFinished"] = 600);
        _story.Cluster.Time.RunUntil(() => _story.Job("old").HasCondition("Complete"));

        _story.Pass(590);
        _story.PodsOf("old").Count.ShouldBe(1);
        _story.Pass(15);

        _story.Cluster.Find(Kinds.Job, "default", "old").ShouldBeNull();
        _story.PodsOf("old").ShouldBeEmpty();
    }

    [Fact]
    public void ASuspendedJobRunsNothingUntilItIsResumed()
    {
        Start("later", 0, spec => spec["suspend"] = true);
        _story.Pass(60);
        _story.PodsOf("later").ShouldBeEmpty();
        _story.Job("later").HasCondition("Suspended").ShouldBeTrue();

        _story.Cluster.Registry.Change(Kinds.Job, "default", "later", job => job["spec"]!["suspend"] = false);

        _story.Cluster.Time.RunUntil(() => _story.Job("later").HasCondition("Complete"));
    }

    private void Start(string name, int exitCode, Action<JsonObject>? change = null)
    {
        _story.Cluster.Programs.Set(name, TimeSpan.FromSeconds(30), "", exitCode);
        _story.Cluster.Create(Workloads.Job("default", name, name + ":1", change));
    }
}
