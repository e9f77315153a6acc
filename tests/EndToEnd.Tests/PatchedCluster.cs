using Stepper.Simulation;
using Stepper.Simulation.Api;

namespace Stepper.EndToEnd.Tests;

/// <summary>
/// A patch on five machines. Two things go wrong, as they do: the API server is away while its own node is upgraded, and a step's pod is evicted while the node
/// script runs. And somebody has put a flag into the API server's manifest.
/// </summary>
public sealed class PatchedCluster : UpgradedCluster
{
    /// <summary>The node whose step loses its pod.</summary>
    public const string Interrupted = "k8s-node3";

    /// <summary>While the first worker was worked on.</summary>
    internal PushedText PushedInFlight { get; private set; } = null!;

    /// <summary>When all was over.</summary>
    internal PushedText Pushed { get; private set; } = null!;

    protected override int Workers => 4;

    // Longer than one that has restarted is asked without a word.
    protected override TimeSpan ApiServerAway => TimeSpan.FromSeconds(20);

    protected override async Task PlayAsync()
    {
        await Lab.ExecAsync("k8s-master", "sed", "-i", "/allow-privileged/i\\    - --oidc-client-id=kubernetes", "/etc/kubernetes/manifests/kube-apiserver.yaml");
        await Lab.FaultAsync(Interrupted, "slow-node", "600");
        When(Interrupted, "script: node", Evict);
        // Now it is the pod after the evicted one that says so.
        When(Interrupted, "script: node", () => Lab.MendAsync(Interrupted));
        When("k8s-node4", "cordoned", async () => PushedInFlight = await Monitoring.LookAsync());
        await DetectAsync();
        Pushed = await Monitoring.LookAsync();
        PushedInFlight.Keep("in-flight");
        Pushed.Keep("complete");
    }

    private static void Evict(SimulatedCluster cluster)
    {
        var pod = cluster.Store.List(Kinds.Pod, Namespace).Single(body => body.Labels().GetValueOrDefault("target-node") == Interrupted && !body.IsFinished());
        cluster.Evict(Namespace, pod.Name());
    }
}
