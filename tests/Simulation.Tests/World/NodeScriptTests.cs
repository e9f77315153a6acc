using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;
using Stepper.Simulation.Api;
using Stepper.Simulation.Nodes;
using Stepper.Simulation.Shapes;

namespace Stepper.Simulation.Tests.World;

public sealed class NodeScriptTests
{
    private static readonly KubeVersion New = new(1, 34, 7);

    private readonly Story _story = new();

    [Fact]
    public void AWorkersRunGoesThroughItsStagesAndLeavesTheNodeAtTheRelease()
    {
        var run = Start("k8s-node2", TestScripts.Worker(New));

        var took = _story.When(() => run.State == ScriptState.Ended);

        took.ShouldBeInRange(TimeSpan.FromSeconds(80), TimeSpan.FromSeconds(100));
        Stages(run).ShouldBe(["source", "kubeadm", "node", "kubelet", "hold", "restart", "done"]);
        run.ExitCode.ShouldBe(0);
        Node("k8s-node2").Packages["kubelet"].ShouldBe("1.34.7-1.1");
        Node("k8s-node2").IsHeld.ShouldBeTrue();
        _story.Pass(5);
        Reported("k8s-node2").ShouldBe("v1.34.7");
    }

    [Fact]
    public void TheApiServerIsAwayWhileTheControlPlaneIsUpgradedAndThenIsAnother()
    {
        var run = Start("k8s-master", TestScripts.Master(New));

        var gone = _story.When(() => !_story.Cluster.ApiIsUp);
        var back = _story.When(() => _story.Cluster.ApiIsUp);
        var ended = _story.When(() => run.State == ScriptState.Ended);
        _story.Pass(10);

        (back - gone).ShouldBe(TimeSpan.FromSeconds(25));
        ended.ShouldBeInRange(TimeSpan.FromSeconds(220), TimeSpan.FromSeconds(260));
        Stages(run).ShouldBe(["source", "kubeadm", "plan", "apply", "kubelet", "hold", "restart", "done"]);
        var server = _story.Pod("kube-apiserver-k8s-master", "kube-system");
        server.Items("spec", "containers").Single().Text("image").ShouldBe("registry.k8s.io/kube-apiserver:v1.34.7");
        server.IsReady().ShouldBeTrue();
        _story.Cluster.Api.Version.ShouldBe("v1.34.7");
    }

    [Fact]
    public void WithSeveralControlPlaneNodesAnApiServerAlwaysAnswersAndTheOldestCounts()
    {
        var story = new Story(ClusterShapes.HighlyAvailable());
        var wasAway = false;
        story.Cluster.Time.Happened += () => wasAway |= !story.Cluster.ApiIsUp;

        var run = story.Cluster.StartScriptByHand("k8s-master1", TestScripts.Master(New));
        story.Cluster.Time.RunUntil(() => run.State == ScriptState.Ended);

        wasAway.ShouldBeFalse();
        story.Cluster.Node("k8s-master1").ApiServer.ShouldBe(New);
        story.Cluster.Api.Version.ShouldBe("v1.34.2");
    }

    [Fact]
    public void ARerunDoesOnlyWhatIsLeft()
    {
        Finish(Start("k8s-node2", TestScripts.Worker(New)));
        var before = _story.Cluster.Time.GetUtcNow();

        var again = Finish(Start("k8s-node2", TestScripts.Worker(New)));

        again.ExitCode.ShouldBe(0);
        again.Log.ShouldContain("kubeadm's part is done at 1.34.7 already");
        (_story.Cluster.Time.GetUtcNow() - before).ShouldBeLessThan(TimeSpan.FromSeconds(25));
    }

    [Theory]
    [InlineData("source", "1.34.2-1.1")]
    [InlineData("kubeadm", "1.34.2-1.1")]
    [InlineData("node", "1.34.2-1.1")]
    [InlineData("kubelet", "1.34.2-1.1")]
    [InlineData("hold", "1.34.7-1.1")]
    [InlineData("restart", "1.34.7-1.1")]
    public void AFailureHoldsThePackagesAgainAndTheNextRunGoesOn(string stage, string kubelet)
    {
        Node("k8s-node2").Script = new ScriptBehaviour { FailsAt = stage, FailsTimes = 1, FailsWith = "E: no" };

        var run = Finish(Start("k8s-node2", TestScripts.Worker(New)));

        (run.ExitCode, run.Log.EndsWith("E: no\n", StringComparison.Ordinal), Node("k8s-node2").IsHeld, Node("k8s-node2").Packages["kubelet"]).ShouldBe((1, true, true, kubelet));
        Finish(Start("k8s-node2", TestScripts.Worker(New))).ExitCode.ShouldBe(0);
    }

    [Theory]
    [InlineData("1.34.1", "update_k8s.sh: kubeadm is at 1.34.2, which is newer than 1.34.1; a downgrade is not supported. Ask for 1.34.2 or newer.\n")]
    [InlineData("1.36.0", "update_k8s.sh: kubeadm is at 1.34.2; 1.36.0 would jump over a minor. Go to the newest release of the minor between them first.\n")]
    public void AJumpIsRefused(string release, string says)
    {
        var run = Finish(Start("k8s-node2", TestScripts.Worker(KubeVersion.Parse(release, "the test"))));

        (run.ExitCode, run.Log).ShouldBe((2, says));
    }

    [Fact]
    public void AReleaseThatIsNotOfferedInstallsNothing()
    {
        var run = Finish(Start("k8s-node2", TestScripts.Worker(new KubeVersion(1, 34, 99))));

        run.ExitCode.ShouldBe(1);
        run.Log.ShouldEndWith("has no kubeadm 1.34.99. Nothing was installed.\n");
    }

    [Fact]
    public void ASecondStartAttaches()
    {
        var first = Start("k8s-node2", TestScripts.Worker(New));

        Start("k8s-node2", TestScripts.Worker(New)).ShouldBeSameAs(first);
    }

    [Fact]
    public void ANodeThatRebootsInTheMiddleHasLostTheRun()
    {
        var run = Start("k8s-node2", TestScripts.Worker(New));
        _story.Pass(12);
        _story.Cluster.Boot("k8s-node2");
        _story.Pass(60);

        run.State.ShouldBe(ScriptState.Rebooted);
        // The hold was off at that moment, and nobody has put it back.
        Node("k8s-node2").IsHeld.ShouldBeFalse();
        _story.Cluster.Time.RunUntil(_story.Cluster.Shell.InspectAsync(Target("k8s-node2"), default)).Script.ShouldBe(new ScriptRun(run.Id, New, ScriptState.Rebooted, null));
    }

    [Fact]
    public void TheLogIsFollowedFromWhereItWas()
    {
        var started = _story.Cluster.Time.RunUntil(_story.Cluster.Shell.StartScriptAsync(Target("k8s-node2"), TestScripts.Worker(New), default));

        var first = _story.Cluster.Time.RunUntil(_story.Cluster.Shell.FollowScriptAsync(Target("k8s-node2"), started, 0, default));
        var second = _story.Cluster.Time.RunUntil(_story.Cluster.Shell.FollowScriptAsync(Target("k8s-node2"), started, first.NextByte, default));

        (first.Text, second.Text).ShouldBe(("stage: source\n", "stage: kubeadm\n"));
    }

    [Fact]
    public void FollowingEndsAfterTwentySecondsWithoutNews()
    {
        Node("k8s-node2").Script = new ScriptBehaviour { Durations = new Dictionary<string, TimeSpan> { ["source"] = TimeSpan.FromMinutes(5) } };
        var run = Start("k8s-node2", TestScripts.Worker(New));
        var began = _story.Cluster.Time.GetUtcNow();

        var progress = _story.Cluster.Time.RunUntil(_story.Cluster.Shell.FollowScriptAsync(
            Target("k8s-node2"), new ScriptRun(run.Id, New, ScriptState.Running, null), run.Log.Length, default));

        progress.ShouldBe(new ScriptProgress(ScriptState.Running, null, "", run.Log.Length));
        (_story.Cluster.Time.GetUtcNow() - began).ShouldBeInRange(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(21));
    }

    [Theory]
    [InlineData(SshState.Unreachable, true, "Connection timed out")]
    [InlineData(SshState.WrongHostKey, false, "Host key verification failed")]
    [InlineData(SshState.Refused, false, "Permission denied (publickey)")]
    public void AConnectionThatFailsSaysSo(SshState state, bool mayPass, string says)
    {
        Node("k8s-node2").Ssh = state;

        var asked = _story.Cluster.Shell.InspectAsync(Target("k8s-node2"), default);
        var failure = Should.Throw<ShellException>(() => _story.Cluster.Time.RunUntil(asked));

        failure.MayPass.ShouldBe(mayPass);
        failure.Message.ShouldEndWith(says);
    }

    [Fact]
    public void AKubeletThatDoesNotComeToItselfLeavesItsNodeNotReady()
    {
        Node("k8s-node2").NeverReadyAfterRestart = true;

        Finish(Start("k8s-node2", TestScripts.Worker(New)));
        _story.Pass(60);

        _story.Cluster.Find(Kinds.Node, null, "k8s-node2")!.HasCondition("Ready").ShouldBeFalse();
    }

    [Fact]
    public void ThePlanListsTheTarget()
    {
        var plan = _story.Cluster.Time.RunUntil(_story.Cluster.Shell.KubeadmPlanAsync(Target("k8s-master"), New, [], default));

        plan.ExitCode.ShouldBe(0);
        plan.Output.ShouldContain("\tkubeadm upgrade apply v1.34.7\n");
        plan.Output.ShouldContain("kubelet.config.k8s.io     v1beta1           v1beta1             no\n");
    }

    private NodeScriptRun Start(string node, NodeScript script)
    {
        _story.Cluster.Time.RunUntil(_story.Cluster.Shell.StartScriptAsync(Target(node), script, default));
        return Node(node).Scripts[^1];
    }

    private NodeScriptRun Finish(NodeScriptRun run)
    {
        _story.Cluster.Time.RunUntil(() => run.State != ScriptState.Running);
        return run;
    }

    private SimulatedNode Node(string name) => _story.Cluster.Node(name);

    private NodeTarget Target(string name) => new(name, Node(name).Address);

    private string Reported(string node) => _story.Cluster.Find(Kinds.Node, null, node)!.Text("status", "nodeInfo", "kubeletVersion");

    private static IReadOnlyList<string> Stages(NodeScriptRun run) =>
        [.. run.Log.Split('\n').Where(line => line.StartsWith("stage: ", StringComparison.Ordinal)).Select(line => line["stage: ".Length..])];
}
