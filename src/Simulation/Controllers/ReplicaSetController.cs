using System.Text.Json.Nodes;
using Stepper.Simulation.Api;

namespace Stepper.Simulation.Controllers;

/// <summary>Keeps as many pods of a ReplicaSet going as it says. A pod that is being ended counts no more, so its successor starts beside it.</summary>
internal sealed class ReplicaSetController
{
    private readonly ControlPlane _plane;
    private readonly WorkQueue _queue;

    public ReplicaSetController(ControlPlane plane)
    {
        _plane = plane;
        _queue = new WorkQueue(plane, TimeSpan.FromMilliseconds(30), Look);
        plane.Store.Changed += Follow;
    }

    private void Follow(StoreChange change)
    {
        if (change.Kind == Kinds.ReplicaSet)
        {
            _queue.Add(change.Object.Key());
        }
        else if (change.Kind == Kinds.Pod && change.Object.Controller() is { } owner && owner.Text("kind") == "ReplicaSet" && PodChanges.Counts(change))
        {
            _queue.Add(new ObjectKey(change.Object.Namespace(), owner.Text("name")));
        }
    }

    private void Look(ObjectKey key)
    {
        if (_plane.Store.Find(Kinds.ReplicaSet, key.Namespace, key.Name) is not { } set || set.IsBeingDeleted())
        {
            return;
        }

        var wanted = set.NumberOrNull("spec", "replicas") ?? 1;
        var going = Going(set);
        for (var missing = wanted - going.Count; missing > 0; missing--)
        {
            _plane.MakePod(Kinds.ReplicaSet, set, $"{set.Name()}-{_plane.NameSuffix()}");
        }

        // Those that are not ready first, as the real one chooses.
        foreach (var pod in going.OrderBy(pod => pod.NodeName().Length > 0).ThenBy(ObjectFields.IsReady).Take(Math.Max(0, going.Count - wanted)))
        {
            _plane.Delete(Kinds.Pod, pod);
        }

        Workload.WriteStatus(_plane, Kinds.ReplicaSet, key, Going(set));
    }

    private List<JsonObject> Going(JsonObject set) =>
        [.. _plane.Pods.OwnedBy(set.Uid()).Where(pod => !pod.IsFinished() && !pod.IsBeingDeleted())];
}
