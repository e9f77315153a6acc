using System.Text.Json.Nodes;
using Stepper.Simulation.Api;
using Stepper.Simulation.Controllers;

namespace Stepper.Simulation.Promises;

/// <summary>Nothing is cordoned before all is prepared, and never more nodes are away than may be.</summary>
internal sealed class CordonPromises(ControlPlane plane, ChainView chain, Invariants settings, Action<string> violated)
{
    // One that has only just gone can't have been known.
    private static readonly TimeSpan KnownAfter = TimeSpan.FromSeconds(10);

    public void Look(StoreChange change)
    {
        if (change.Kind != Kinds.Node || change.Type != ChangeType.Modified || !chain.Holds(change.Object) || chain.Holds(change.Old!))
        {
            return;
        }

        var name = change.Object.Name();
        if (chain.NotPrepared() is { } missing)
        {
            violated($"{name} was cordoned by the chain, and {missing}");
        }

        var away = plane.Store.List(Kinds.Node).Where(node => node.Name() == name || chain.Holds(node) || IsKnownToBeDown(node)).Select(ObjectFields.Name).ToList();
        if (away.Count > settings.MaxUnavailable)
        {
            violated($"{name} was cordoned by the chain, so that {away.Count} nodes are away ({string.Join(", ", away)}); {settings.MaxUnavailable} may be");
        }
    }

    private bool IsKnownToBeDown(JsonObject node) =>
        !node.HasCondition("Ready") && node.Condition("Ready").Time("lastTransitionTime") < plane.Now - KnownAfter;
}
