using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.Versions;
using Stepper.Cluster.Workloads;
using Stepper.StepRunner.Spawning;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner;

/// <summary>A step with what it is part of.</summary>
/// <param name="OwnJob">The Job whose pod this is; null for a step by hand.</param>
/// <param name="Spawns">Whether the next step is begun after it.</param>
/// <param name="Nodes">All nodes, as they were when the step began.</param>
/// <param name="Jobs">The Jobs of all chains, as they were when the step began.</param>
internal sealed record ResolvedStep(Step Step, ChainJob? OwnJob, bool Spawns, IReadOnlyList<ClusterNode> Nodes, IReadOnlyList<ChainJob> Jobs);

/// <summary>
/// Makes a step of a request. A chain Job says all of it, and its annotation names the run; by hand, what was not given is taken from the run in flight, else
/// from the live nodes, and what was taken is said.
/// </summary>
internal sealed class StepResolver(NodeList nodes, ControlPlanePods controlPlane, ChainJobs jobs, RunState state, OwnImage image, Wait wait, Action<string> say)
{
    /// <exception cref="UsageException">There is no such node, or nothing says which version to go to.</exception>
    /// <exception cref="AbortException">The pod's own Job is not there, or of no run.</exception>
    public async Task<ResolvedStep> ResolveAsync(StepRequest request, CancellationToken ct) =>
        request.PodName is null ? await ByHandAsync(request, ct) : await OfJobAsync(request, ct);

    private async Task<ResolvedStep> OfJobAsync(StepRequest request, CancellationToken ct)
    {
        // Its Job's name says which step it is; which run it is of stands on the Job.
        var named = new Step(request.Phase, request.Node, new Run(request.Target!.Value, default), request.Kind!.Value, request.Image!);
        var name = JobName.Of(named);
        var chain = await jobs.ListAsync(ct);
        var job = chain.FirstOrDefault(job => job.Name == name && (request.JobUid is null || request.JobUid == job.Uid))
            ?? throw new AbortException($"This pod is {request.PodName}, but its Job {name} is not there any more; the step is not begun");
        var run = job.Run ?? throw new AbortException($"Job {name} has no readable annotation that names its run; the step is not begun");
        var all = await nodes.ListAsync(ct);
        MustFit(request.Phase, request.Node, all);
        return new ResolvedStep(named with { Run = run }, job, request.Spawns, all, chain);
    }

    private async Task<ResolvedStep> ByHandAsync(StepRequest request, CancellationToken ct)
    {
        var flight = (await state.ReadAsync(ct)).InFlight;
        var chain = await jobs.ListAsync(ct);
        MustBeAlone(chain);
        var all = await nodes.ListAsync(ct);
        var target = request.Target ?? flight?.Run.Target ?? await HighestAsync(request, all, ct);
        if (flight is not null && flight.Run.Target != target)
        {
            throw new UsageException($"TARGET_VERSION (--target-version) is {target}, but the run {flight.Run} is in flight; leave it out, or give {flight.Run.Target}.");
        }

        var node = request.Phase switch
        {
            PhaseName.Worker => request.Node,
            PhaseName.Master => request.Node ?? all.FirstOrDefault(candidate => candidate.IsControlPlane)?.Name,
            _ => null,
        };
        MustFit(request.Phase, node, all);
        var run = flight?.Run ?? Run.Beginning(target, wait.Now);
        var kind = request.Kind ?? PhaseNames.KindOf(all.Min(candidate => candidate.Kubelet), target);
        // Beside any run there is nothing that a next Job could belong to, unless this is where a run begins.
        var spawns = request.Spawns && (flight is not null || request.Phase is PhaseName.Preflight);
        var step = new Step(request.Phase, node, run, kind, spawns ? request.Image ?? await image.ReadAsync(ct) : "");
        say($"by hand: {step.Title}, target {target} ({(request.Target is not null ? "given" : flight is not null ? "of the run in flight" : "the highest in the cluster")}), {kind.Text()}, run {(flight is null ? "none in flight" : run.ToString())}{(spawns ? $", image {step.Image}" : ", nothing is begun after it")}");
        return new ResolvedStep(step, null, spawns, all, chain);
    }

    // Two steps at once would take from under each other what they hold: nobody but its Job keeps a step apart from another.
    private void MustBeAlone(IReadOnlyList<ChainJob> chain)
    {
        if (chain.FirstOrDefault(job => job.State is JobState.Active) is { } active)
        {
            throw new AbortException(
                $"Job {active.Name} of the chain is active, and may try again; a step by hand beside it would be in its way. Wait for its end, or delete it first: kubectl --namespace {jobs.Namespace} delete job {active.Name}");
        }
    }

    private async Task<KubeVersion> HighestAsync(StepRequest request, IReadOnlyList<ClusterNode> all, CancellationToken ct)
    {
        if (request.Phase is PhaseName.Preflight)
        {
            throw new UsageException("TARGET_VERSION (--target-version) is empty, and no run is in flight; a release such as 1.34.7 is needed.");
        }

        var pods = await controlPlane.ListAsync(ct);
        return all.Select(node => node.Kubelet).Concat(pods.Select(pod => pod.Release).OfType<KubeVersion>()).Max();
    }

    // On a control-plane node kubeadm does another thing than on a worker: the one must not be taken for the other.
    private static void MustFit(PhaseName phase, string? name, IReadOnlyList<ClusterNode> all)
    {
        if (phase is PhaseName.Preflight or PhaseName.Postflight)
        {
            return;
        }

        var wanted = phase is PhaseName.Master;
        if (all.FirstOrDefault(each => each.Name == name) is not { } node)
        {
            var known = all.Where(each => each.IsControlPlane == wanted).Select(each => each.Name);
            throw new UsageException($"TARGET_NODE (--node) is \"{name}\"; there is no such node. There are {string.Join(", ", known)}.");
        }

        if (node.IsControlPlane != wanted)
        {
            throw new UsageException(wanted
                ? $"TARGET_NODE (--node) is \"{name}\", which is a worker; it is upgraded by --phase worker."
                : $"TARGET_NODE (--node) is \"{name}\", which is a control-plane node; it is upgraded by --phase master.");
        }
    }
}

/// <summary>The image of stepper as the operator installed it: that of the detection CronJob.</summary>
internal sealed class OwnImage(KubeApi api, string ns)
{
    public const string CronJob = "k8s-version-check";

    /// <exception cref="UsageException">There is no such CronJob, or it has no container.</exception>
    public async Task<string> ReadAsync(CancellationToken ct)
    {
        var cronJob = await api.FindAsync(Resources.CronJobs, ns, CronJob, ct);
        var containers = cronJob?["spec"]?["jobTemplate"]?["spec"]?["template"]?["spec"]?["containers"]?.AsArray();
        return (string?)containers?.FirstOrDefault()?["image"]
            ?? throw new UsageException($"IMAGE (--image) is empty, and CronJob {ns}/{CronJob} does not say it either; give the image that the next Job is to run.");
    }
}
