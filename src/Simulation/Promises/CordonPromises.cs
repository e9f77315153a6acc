using System.Text.Json.Nodes;
using Stepper.Simulation.Api;
using Stepper.Simulation.Controllers;

namespace Stepper.Simulation.Promises;

/// <summary>Nothing is cordoned before all is prepared, and never more nodes are away than may be: none is cordoned beside those that are known to be, and no more are drained.</summary>
internal sealed class CordonPromises(ControlPlane plane, ChainView chain, Invariants settings, Action<string> violated)
{
    // One that has only just gone, or was only just cordoned by another step, can't have been known.
    private static readonly TimeSpan KnownAfter = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, DateTimeOffset> _heldSince = new(StringComparer.Ordinal);
    private readonly HashSet<string> _drained = new(StringComparer.Ordinal);
    // No other can be known to be down: there may be a thousand nodes.
    private readonly HashSet<string> _notReady = plane.Store.List(Kinds.Node).Where(node => !node.HasCondition("Ready")).Select(ObjectFields.Name).ToHashSet(StringComparer.Ordinal);

    public void Look(StoreChange change)
    {
        if (change.Kind == Kinds.Node)
        {
            FollowReady(change.Stored.Name);
        }

        if (change.Kind != Kinds.Node || change.Type != ChangeType.Modified || chain.IsWorkedOn(change.Object) == chain.IsWorkedOn(change.Old!))
        {
            return;
        }

        var name = change.Object.Name();
        if (!chain.IsWorkedOn(change.Object))
        {
            _heldSince.Remove(name);
            _drained.Remove(name);
            return;
        }

        if (chain.NotPrepared() is { } missing)
        {
            violated($"{name} was cordoned by the chain, and {missing}");
        }

        MayBeAway(name, $"{name} was cordoned by the chain", _heldSince.Where(held => plane.Now - held.Value > KnownAfter).Select(held => held.Key));
        _heldSince[name] = plane.Now;
    }

    /// <summary>The first pod that is evicted from a node begins its drain.</summary>
    public void Look(ApiCall call)
    {
        if (call is { Verb: "create", Resource: "pods", Subresource: "eviction", Code: 201 }
            && plane.Store.Find(Kinds.Pod, call.Namespace, call.Name) is { } pod && pod.IsBeingDeleted()
            && _heldSince.ContainsKey(pod.NodeName()) && _drained.Add(pod.NodeName()))
        {
            MayBeAway(pod.NodeName(), $"{pod.NodeName()} is drained", _drained);
        }
    }

    private void FollowReady(string name)
    {
        if (plane.Store.Find(Kinds.Node, null, name)?.HasCondition("Ready") is false)
        {
            _notReady.Add(name);
        }
        else
        {
            _notReady.Remove(name);
        }
    }

    private void MayBeAway(string name, string what, IEnumerable<string> others)
    {
        var all = others.Append(name).ToHashSet(StringComparer.Ordinal);
        var away = all.Union(_notReady, StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Where(each => plane.Store.Find(Kinds.Node, null, each) is { } node && (all.Contains(each) || IsKnownToBeDown(node))).ToList();
        if (away.Count > settings.MaxUnavailable)
        {
            violated($"{what}, so that {away.Count} nodes are away ({string.Join(", ", away)}); {settings.MaxUnavailable} may be");
        }
    }

    private bool IsKnownToBeDown(JsonObject node) =>
        !node.HasCondition("Ready") && node.Condition("Ready").Time("lastTransitionTime") < plane.Now - KnownAfter;
}
