using System.Text.Json.Nodes;
using Stepper.Simulation.Api;

namespace Stepper.Simulation.Controllers;

/// <summary>What the controllers of replicated workloads have in common: the status that they write.</summary>
internal static class Workload
{
    public static void WriteStatus(ControlPlane plane, ResourceKind kind, ObjectKey key, IReadOnlyCollection<JsonObject> pods)
    {
        var ready = pods.Count(pod => pod.IsReady());
        plane.Change(kind, key, changed =>
        {
            var status = changed.Child("status");
            status["observedGeneration"] = (long?)changed["metadata"]!["generation"] ?? 1;
            status["replicas"] = pods.Count;
            status["readyReplicas"] = ready;
            status["availableReplicas"] = ready;
        });
    }
}
