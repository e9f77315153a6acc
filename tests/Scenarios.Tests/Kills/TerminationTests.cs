using Stepper.Simulation;
using Stepper.Simulation.Api;

namespace Stepper.Scenarios.Tests.Kills;

/// <summary>SIGTERM, as by an eviction of the step's pod: what was taken is given back, except while the node script runs; and the chain ends as if nothing had been.</summary>
public sealed class TerminationTests
{
    private const int Seed = 1;

    [Theory]
    [InlineData("k8s-upgrade-master-1-34-7-")]
    [InlineData("k8s-upgrade-worker-1-34-7-k8s-node4-")]
    public void AStepThatIsToldToStopAnywhereGivesBackAndTheNextTryGoesOn(string pods)
    {
        var undisturbed = new ShortChain(Seed);
        undisturbed.RunByHand().ShouldBeEmpty();
        var points = KillSweep.PointsOf(Seed, undisturbed).Where(point => point.Call.Pod.StartsWith(pods, StringComparison.Ordinal)).ToList();
        points.Count.ShouldBeGreaterThan(100);

        KillSweep.Run(points, Terminate).ShouldBeEmpty();
    }

    private static IReadOnlyList<string> Terminate(KillPoint point)
    {
        var stops = new Dictionary<string, CancellationTokenSource>(StringComparer.Ordinal);
        var kept = new List<string>();
        var chain = new ShortChain(point.Seed, async (chain, process, program) =>
        {
            var stop = stops[process.Name] = CancellationTokenSource.CreateLinkedTokenSource(process.Terminated);
            var code = await program(process with { Terminated = stop.Token });
            if (process.Name == point.Call.Pod)
            {
                kept.AddRange(Kept(chain.Cluster, process.Environment["TARGET_NODE"], code));
            }

            return code;
        });
        chain.At(point, call =>
        {
            // An eviction's SIGTERM comes some time after it; here it comes in the middle of the call.
            chain.Cluster.Evict(ShortChain.Namespace, call.Pod);
            chain.Cluster.Time.After(TimeSpan.Zero, stops[call.Pod].Cancel);
            return false;
        });
        var problems = chain.RunByHand();
        return [.. kept, .. problems];
    }

    // What the process that was told to stop has left, at the moment of its end.
    private static IEnumerable<string> Kept(SimulatedCluster cluster, string name, int code)
    {
        var (node, machine) = (cluster.Find(Kinds.Node, null, name)!, cluster.Node(name));
        var isCordoned = node.Annotation("viktorbarzin.me/k8s-upgrade-cordoned").Length > 0;
        var isQuiesced = cluster.Find(Kinds.Deployment, "default", ShortChain.Quiesced)!.Annotation("viktorbarzin.me/k8s-upgrade-replicas").Length > 0;
        if (code is not (0 or 143))
        {
            yield return $"the step that was told to stop ended with {code}";
        }

        if (machine.RunningScript is not null)
        {
            if (!isCordoned || isQuiesced != machine.IsControlPlane)
            {
                yield return $"the node script runs on {name}, and the step that was told to stop has given back: cordoned {isCordoned}, quiesced {isQuiesced}";
            }
        }
        else
        {
            // A node whose packages were changed stays cordoned on purpose.
            if (isCordoned && !machine.Packages.Values.Any(version => version.StartsWith(ShortChain.Target, StringComparison.Ordinal)))
            {
                yield return $"{name} is untouched, and the step that was told to stop has left it cordoned";
            }

            if (isQuiesced)
            {
                yield return $"Deployment {ShortChain.Quiesced} was left quiesced by the step that was told to stop";
            }
        }
    }
}
