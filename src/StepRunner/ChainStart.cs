using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.Versions;
using Stepper.StepRunner.Phases.Parts;
using Stepper.StepRunner.Spawning;

namespace Stepper.StepRunner;

/// <summary>Begins a chain: makes the preflight Job of a new run.</summary>
internal sealed class ChainStart(KubeApi api, Spawner spawner, OwnImage image, Messenger messenger, Wait wait, Action<string> say)
{
    /// <param name="takesOver">The run in flight, which has stopped; null when there is none.</param>
    /// <param name="why">Why this target, or why again: a sentence without its full stop.</param>
    /// <exception cref="AbortException">The Job could not be made, or nobody can run it.</exception>
    public async Task BeginAsync(KubeVersion target, IReadOnlyList<ClusterNode> live, SpawnedBy by, Run? takesOver, string why, CancellationToken ct)
    {
        var running = live.Min(node => node.Kubelet);
        var kind = PhaseNames.KindOf(running, target);
        // Steps and alerts are compared with it; an operator's own machine may be hours away.
        var start = await api.TimeAsync(ct) ?? wait.Now;
        var step = new Step(PhaseName.Preflight, null, Run.Beginning(target, start), kind, await image.ReadAsync(ct)) { TakesOver = takesOver };
        IReadOnlyList<ChainNode> chain = [.. live.Select(node => new ChainNode(node.Name, node.IsControlPlane, node.Kubelet == target))];
        var done = chain.Where(node => node.IsDone).Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        var line = await spawner.SpawnAsync(step, by, Chain.BestHost(step, chain), live, done, ct);
        say(line);
        await messenger.SendAsync(Messenger.Detection, $"{running} to {target} ({kind.Text()}): {why}. {line}", ct);
    }
}
