using System.Text.Json.Nodes;
using Stepper.Simulation.Api;
using Stepper.Simulation.Controllers;

namespace Stepper.Simulation.Promises;

/// <summary>A step of a run has one Job: it is made again only if it came to nothing, and never beside a pod of it that still runs.</summary>
internal sealed class JobPromises(ControlPlane plane, ChainView chain, Action<string> violated)
{
    private readonly HashSet<string> _done = new(StringComparer.Ordinal);

    public void Look(StoreChange change)
    {
        if (change.Kind != Kinds.Job || !ChainView.IsChains(change.Object))
        {
            return;
        }

        var job = change.Object;
        var step = $"{job.Name()} of run {chain.RunOf(job)}";
        if (change.Type == ChangeType.Added)
        {
            Begins(job, step);
        }
        else if (job.HasCondition("Complete") && chain.OutcomeOf(job) is not ("refused" or "parked"))
        {
            _done.Add(step);
        }
    }

    private void Begins(JsonObject job, string step)
    {
        if (_done.Contains(step))
        {
            violated($"{step} was made again, though it was done");
        }

        var beside = plane.Pods.In(job.Namespace()).FirstOrDefault(pod =>
            pod.Text("metadata", "labels", "job-name") == job.Name() && pod.Text("status", "phase") == "Running" && IsAlive(pod));
        if (beside is not null)
        {
            violated($"{step} was made again, and {beside.Name()} still runs");
        }
    }

    // On a node that is away nobody can tell; what its step does on another node is told by the node scripts' own promises.
    private bool IsAlive(JsonObject pod) => plane.Store.Find(Kinds.Node, null, pod.NodeName())?.HasCondition("Ready") == true;
}
