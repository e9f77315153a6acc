using Stepper.Simulation;
using Stepper.Simulation.Processes;
using Stepper.Simulation.Shapes;
using Stepper.StepRunner.Rehearsing;

namespace Stepper.Scenarios.Tests.Kills;

/// <summary>Runs the program of a pod of stepper's with something put between the two.</summary>
/// <returns>The exit code.</returns>
internal delegate Task<int> Around(ShortChain chain, PodProcess process, PodProgram program);

/// <summary>
/// A chain of the default cluster, with settings that leave nothing of it out and yet keep it short: a Deployment is quiesced, a hook runs, each worker soaks.
/// </summary>
internal sealed class ShortChain
{
    public const string Namespace = "k8s-upgrade";
    public const string Target = "1.34.7";
    public const string Quiesced = "batcher";

    private const string Settings = """
        quiesce: [default/batcher]
        afterControlPlane: [k8s-upgrade/after-control-plane/hook.sh]
        soak: 1m
        alerts:
          minimumUptime: 1m
        """;

    // The operator's own script, and the right to read it.
    private const string Hook = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: after-control-plane, namespace: k8s-upgrade}
        data: {hook.sh: echo put back}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: after-control-plane, namespace: k8s-upgrade}
        rules:
          - {apiGroups: [""], resources: [configmaps], resourceNames: [after-control-plane], verbs: [get]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: after-control-plane, namespace: k8s-upgrade}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: after-control-plane}
        subjects:
          - {kind: ServiceAccount, name: k8s-upgrade-job, namespace: k8s-upgrade}
        """;

    private readonly ChainWatch _watch;
    private readonly StringWriter _error = new();

    /// <param name="around">Stands between a pod and its program; null: nothing does.</param>
    public ShortChain(int seed, Around? around = null)
    {
        Rehearsal = new Rehearsal(ClusterShapes.Default().WithYaml(Hook), seed, Settings);
        _watch = new ChainWatch(Rehearsal);
        if (around is not null)
        {
            Cluster.Programs.Set(Rehearsal.Image, process => around(this, process, Rehearsal.RunAsync));
        }
    }

    public Rehearsal Rehearsal { get; }

    public SimulatedCluster Cluster => Rehearsal.Cluster;

    public Journal Journal => Cluster.Journal;

    /// <summary>All that was said, a line each.</summary>
    public string Story => string.Join('\n', Rehearsal.Story.Lines.Select(line => $"{line.Time:HH:mm:ss.fff} {line.Who} {line.Host} {line.Text}"));

    /// <summary>Kills the process of a pod once, at this call.</summary>
    public void KillAt(KillPoint point) => At(point, _ => true);

    /// <summary>Has something done once, at this call; true kills its process.</summary>
    public void At(KillPoint point, Func<SeamCall, bool> kills)
    {
        _watch.Awaits = point;
        Cluster.Kills = (call, moment) =>
        {
            if (call.Index != point.Call.Index || moment != point.Moment)
            {
                return false;
            }

            _watch.Reached = call;
            return kills(call);
        };
    }

    /// <summary>Begins the chain as an operator does, and lets it come to its end.</summary>
    /// <returns>All that is not as it must be.</returns>
    public IReadOnlyList<string> RunByHand()
    {
        Rehearsal.ByHand(_error, "start", "--target", Target);
        Rehearsal.RunToRest();
        return _watch.Problems();
    }

    /// <summary>Has detection begin the chain, and lets it come to its end. A detection that came to nothing is followed by the next one.</summary>
    /// <returns>All that is not as it must be.</returns>
    public IReadOnlyList<string> RunByDetection()
    {
        Rehearsal.BeginDetection("check-1");
        Rehearsal.RunToRest();
        if (!Rehearsal.ChainJobs.Any())
        {
            Rehearsal.BeginDetection("check-2");
            Rehearsal.RunToRest();
        }

        return _watch.Problems();
    }
}
