using System.Text.Json.Nodes;
using Stepper.Simulation.Api;

namespace Stepper.Simulation.Controllers;

/// <summary>Gives a Deployment its one ReplicaSet and passes on how many replicas are wanted. Rolls nothing: no template changes in a simulated cluster.</summary>
internal sealed class DeploymentController
{
    private readonly ControlPlane _plane;
    private readonly WorkQueue _queue;

    public DeploymentController(ControlPlane plane)
    {
        _plane = plane;
        _queue = new WorkQueue(plane, TimeSpan.FromMilliseconds(30), Look);
        plane.Store.Changed += Follow;
    }

    private void Follow(StoreChange change)
    {
        if (change.Kind == Kinds.Deployment)
        {
            _queue.Add(change.Object.Key());
        }
        else if (change.Kind == Kinds.ReplicaSet && change.Object.Controller() is { } owner)
        {
            _queue.Add(new ObjectKey(change.Object.Namespace(), owner.Text("name")));
        }
    }

    private void Look(ObjectKey key)
    {
        if (_plane.Store.Find(Kinds.Deployment, key.Namespace, key.Name) is not { } deployment || deployment.IsBeingDeleted())
        {
            return;
        }

        var name = $"{key.Name}-{TemplateHash(deployment)}";
        if (_plane.Store.Find(Kinds.ReplicaSet, key.Namespace, name) is not { } set)
        {
            _plane.Registry.Create(Kinds.ReplicaSet, ReplicaSetOf(deployment, name));
            return;
        }

        var wanted = deployment.NumberOrNull("spec", "replicas") ?? 1;
        if (set.Number("spec", "replicas") != wanted)
        {
            _plane.Change(Kinds.ReplicaSet, set.Key(), changed => changed["spec"]!["replicas"] = wanted);
        }

        CopyStatus(key, set);
    }

    private void CopyStatus(ObjectKey key, JsonObject set) => _plane.Change(Kinds.Deployment, key, changed =>
    {
        var status = changed.Child("status");
        status["observedGeneration"] = (long?)changed["metadata"]!["generation"] ?? 1;
        foreach (var count in new[] { "replicas", "readyReplicas", "availableReplicas" })
        {
            status[count] = set.Number("status", count);
        }

        status["updatedReplicas"] = set.Number("status", "replicas");
        var enough = set.Number("status", "readyReplicas") >= (changed.NumberOrNull("spec", "replicas") ?? 1);
        changed.SetCondition("Available", enough ? "True" : "False", enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable", null, _plane.Now);
    });

    private static JsonObject ReplicaSetOf(JsonObject deployment, string name)
    {
        var template = deployment.At("spec", "template")!.DeepClone().AsObject();
        template.Child("metadata").Child("labels")["pod-template-hash"] = TemplateHash(deployment);
        return new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = deployment.Namespace(),
                ["labels"] = template["metadata"]!["labels"]!.DeepClone(),
                ["ownerReferences"] = new JsonArray(PodMaker.OwnerReference(Kinds.Deployment, deployment)),
            },
            ["spec"] = new JsonObject
            {
                ["replicas"] = deployment.NumberOrNull("spec", "replicas") ?? 1,
                ["selector"] = deployment.At("spec", "selector")?.DeepClone(),
                ["template"] = template,
            },
        };
    }

    // FNV-1a of the name: no template changes, so it need only tell Deployments apart, as a real one's does.
    private static string TemplateHash(JsonObject deployment) =>
        $"{deployment.Key().ToString().Aggregate(2166136261u, (hash, letter) => (hash ^ letter) * 16777619u):x8}";
}
