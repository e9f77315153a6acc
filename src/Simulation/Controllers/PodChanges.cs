using System.Text.Json.Nodes;
using Stepper.Simulation.Api;

namespace Stepper.Simulation.Controllers;

/// <summary>Which changes of a pod are of interest to who counts pods: most are not, and there may be ten thousand pods.</summary>
internal static class PodChanges
{
    public static bool Counts(StoreChange change) =>
        change.Old is not { } old
        || change.Type == ChangeType.Deleted
        || old.IsReady() != change.Object.IsReady()
        || old.IsFinished() != change.Object.IsFinished()
        || old.IsBeingDeleted() != change.Object.IsBeingDeleted()
        || !JsonNode.DeepEquals(old.At("metadata", "labels"), change.Object.At("metadata", "labels"));
}
