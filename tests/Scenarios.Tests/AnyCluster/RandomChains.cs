using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Monitoring;

namespace Stepper.Scenarios.Tests.AnyCluster;

/// <summary>Whatever the cluster is like and whatever goes wrong: a chain ends complete, refused, or stopped with a message; and once the way is free, complete.</summary>
public sealed class RandomChains
{
    private const int Cases = 60;

    [Fact]
    public void AChainNeverEndsSilentlyAndGoesOnWhenTheWayIsFree()
    {
        var complete = 0;
        for (var seed = 1; seed <= Cases; seed++)
        {
            var cluster = RandomCluster.Any.Sample(10, new Rnd((ulong)seed), 1).First();
            try
            {
                complete += Run(cluster, seed) ? 1 : 0;
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}: {cluster}\n{e.Message}", e);
            }
        }

        // Were the clusters all hopeless, this would prove little.
        complete.ShouldBeInRange(Cases / 4, Cases * 9 / 10);
    }

    // Whether the chain came through at the first attempt.
    private static bool Run(RandomCluster cluster, int seed)
    {
        var chain = new Scenario(cluster.Shape.With(cluster.Objects), cluster.Settings, seed);
        Break(chain, cluster);
        var cordonedByPeople = cluster.Nodes.Where(node => node.IsCordoned).Select(node => node.Name).ToList();
        var code = chain.ByHand("start", "--target", $"{RandomCluster.Target}");
        chain.RunToRest();

        var isComplete = chain.Messages.Any(message => message.Contains(":white_check_mark:", StringComparison.Ordinal));
        if (isComplete)
        {
            chain.MustBeComplete();
        }
        else
        {
            MustHaveSaidWhy(chain, code, cluster.HasKills);
        }

        MustBeCordonedAsBefore(chain, cordonedByPeople, cluster.HasKills);
        chain.MustBeSound();
        if (!isComplete && cluster.CanBeDone)
        {
            FreeTheWay(chain);
            Detect(chain);
            if (chain.InFlight is not null)
            {
                // What it gave back, Prometheus perhaps, has come back since.
                Detect(chain);
            }

            chain.MustBeComplete();
            chain.MustBeSound();
        }

        chain.Replicas("default", "web").ShouldBe(3, chain.Telling());
        return isComplete;
    }

    private static void Detect(Scenario chain)
    {
        chain.Pass(TimeSpan.FromDays(2));
        chain.Detect();
        chain.RunToRest();
    }

    private static void Break(Scenario chain, RandomCluster cluster)
    {
        foreach (var failure in cluster.Failures)
        {
            var node = chain.Cluster.Node(cluster.Nodes[failure.Node].Name);
            node.Script = node.Script with { FailsAt = failure.Stage, FailsTimes = failure.Times };
        }

        foreach (var trouble in cluster.Troubles)
        {
            chain.Cluster.Time.After(TimeSpan.FromMinutes(trouble.AfterMinutes), () => Happen(chain, trouble.What));
        }
    }

    private static void Happen(Scenario chain, string what)
    {
        if (what == "api away")
        {
            chain.Cluster.TakeApiAway(TimeSpan.FromMinutes(2));
            return;
        }

        if (what == "prometheus down")
        {
            chain.Cluster.Prometheus.State = PrometheusState.Down;
            chain.Cluster.Time.After(TimeSpan.FromMinutes(20), () => chain.Cluster.Prometheus.State = PrometheusState.Well);
            return;
        }

        foreach (var job in chain.Jobs.Select(job => job.Name).Distinct(StringComparer.Ordinal).Where(job => chain.RunningPod(job) is not null).ToList())
        {
            if (what == "evicted")
            {
                chain.Evict(job);
            }
            else
            {
                chain.Kill(job);
            }
        }
    }

    private static void MustHaveSaidWhy(Scenario chain, int startCode, bool hasKills)
    {
        if (startCode != 0)
        {
            (chain.Said("aborted: ") || chain.Errors.Length > 0).ShouldBeTrue(chain.Telling("a start that failed said nothing"));
            return;
        }

        var last = chain.Cluster.Store.List(Kinds.Job, Scenario.Namespace).Where(job => chain.Jobs.Any(made => made.Name == job.Name()))
            .OrderBy(job => job.Time("metadata", "creationTimestamp")).ThenBy(job => job.Uid(), StringComparer.Ordinal).Last();
        (chain.HasFailed(last.Name()) || chain.Outcome(last.Name()) is "refused" or "parked").ShouldBeTrue(chain.Telling($"{last.Name()} was the last and is neither failed nor refused"));
        (hasKills || chain.WasTold("ABORT: ") || chain.WasTold("not begun")).ShouldBeTrue(chain.Telling("the chain stopped and nobody was told"));
    }

    // A process that is killed on its last try tells nobody; its Job has failed, which is alerted on.
    private static void MustBeCordonedAsBefore(Scenario chain, List<string> byPeople, bool hasKills)
    {
        foreach (var node in chain.Cluster.Store.List(Kinds.Node))
        {
            var isLeftByChain = Scenario.IsHeldByChain(node);
            (node.Flag("spec", "unschedulable") == byPeople.Contains(node.Name()) || isLeftByChain).ShouldBeTrue(chain.Telling($"the cordon of {node.Name()}"));
            (!isLeftByChain || hasKills || chain.WasTold($"{node.Name()} stays cordoned") || chain.WasTold($"on {node.Name()}, which stays cordoned")).ShouldBeTrue(
                chain.Telling($"{node.Name()} was left cordoned and nobody was told"));
        }
    }

    // What an operator does who reads the messages: budgets that never let go, taints, cordons, and what broke the node script.
    private static void FreeTheWay(Scenario chain)
    {
        foreach (var budget in chain.Cluster.Store.List(Kinds.DisruptionBudget).ToList())
        {
            chain.Cluster.Registry.Delete(Kinds.DisruptionBudget, budget.Namespace(), budget.Name());
        }

        foreach (var node in chain.Cluster.Nodes)
        {
            node.Script = node.Script with { FailsAt = null };
            chain.Cluster.Registry.Change(Kinds.Node, null, node.Name, changed =>
            {
                var taints = changed.Items("spec", "taints").Where(taint => taint.Text("key").StartsWith("node-role", StringComparison.Ordinal)).Select(taint => taint.DeepClone());
                changed["spec"]!["taints"] = new JsonArray([.. taints]);
                if (!Scenario.IsHeldByChain(changed))
                {
                    changed.Child("spec").Remove("unschedulable");
                }
            });
        }
    }
}
