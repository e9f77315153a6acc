using System.Text.Json.Nodes;
using Stepper.Simulation.Api;

namespace Stepper.Simulation.Controllers;

/// <summary>Keeps a StatefulSet's pods going, each under its own name: one is made again only when the one before it is gone, and in order.</summary>
internal sealed class StatefulSetController
{
    private readonly ControlPlane _plane;
    private readonly WorkQueue _queue;

    public StatefulSetController(ControlPlane plane)
    {
        _plane = plane;
        _queue = new WorkQueue(plane, TimeSpan.FromMilliseconds(30), Look);
        plane.Store.Changed += Follow;
    }

    private void Follow(StoreChange change)
    {
        if (change.Kind == Kinds.StatefulSet)
        {
            _queue.Add(change.Object.Key());
        }
        else if (change.Kind == Kinds.Pod && change.Object.Controller() is { } owner && owner.Text("kind") == "StatefulSet")
        {
            _queue.Add(new ObjectKey(change.Object.Namespace(), owner.Text("name")));
        }
    }

    private void Look(ObjectKey key)
    {
        if (_plane.Store.Find(Kinds.StatefulSet, key.Namespace, key.Name) is not { } set || set.IsBeingDeleted())
        {
            return;
        }

        var wanted = set.NumberOrNull("spec", "replicas") ?? 1;
        Make(set, wanted);
        foreach (var pod in _plane.Pods.OwnedBy(set.Uid()).Where(pod => Ordinal(pod) >= wanted && !pod.IsBeingDeleted()).ToList())
        {
            _plane.Delete(Kinds.Pod, pod);
        }

        Workload.WriteStatus(_plane, Kinds.StatefulSet, key, [.. _plane.Pods.OwnedBy(set.Uid()).Where(pod => !pod.IsFinished() && !pod.IsBeingDeleted())]);
    }

    private void Make(JsonObject set, int wanted)
    {
        for (var ordinal = 0; ordinal < wanted; ordinal++)
        {
            var name = $"{set.Name()}-{ordinal}";
            var pod = _plane.Store.Find(Kinds.Pod, set.Namespace(), name);
            if (pod is null)
            {
                pod = _plane.MakePod(Kinds.StatefulSet, set, name, made =>
                    made["metadata"]!.AsObject().Child("labels")["statefulset.kubernetes.io/pod-name"] = name);
            }

            if (!pod.IsReady() && set.Text("spec", "podManagementPolicy") != "Parallel")
            {
                return;
            }
        }
    }

    private static int Ordinal(JsonObject pod) => int.Parse(pod.Name()[(pod.Name().LastIndexOf('-') + 1)..]);
}
