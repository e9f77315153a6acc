using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api;

/// <summary>Ends what is in a namespace that is being deleted, and then the namespace: the namespace controller.</summary>
internal sealed class NamespaceEnd
{
    private static readonly ResourceKind[] Contents = [.. Kinds.All.Where(kind => kind.Namespaced)];

    private readonly Registry _registry;
    private readonly VirtualTime _time;
    private readonly HashSet<string> _ending = new(StringComparer.Ordinal);

    public NamespaceEnd(Registry registry, VirtualTime time)
    {
        _registry = registry;
        _time = time;
        registry.Store.Changed += Look;
    }

    private void Look(StoreChange change)
    {
        if (change.Kind == Kinds.Namespace && change.Type == ChangeType.Modified && change.Object["metadata"]!["deletionTimestamp"] is not null)
        {
            _ending.Add(change.Stored.Name);
            _time.After(TimeSpan.Zero, () => Work(change.Stored.Name));
        }
        else if (change.Type == ChangeType.Deleted && _ending.Contains(change.Stored.Namespace))
        {
            _time.After(TimeSpan.Zero, () => Work(change.Stored.Namespace));
        }
    }

    private void Work(string ns)
    {
        if (_registry.Store.Find(Kinds.Namespace, null, ns) is not { } found || found["spec"]?["finalizers"] is not JsonArray { Count: > 0 })
        {
            return;
        }

        var inside = Contents.SelectMany(kind => _registry.Store.ListStored(kind, ns)).ToList();
        foreach (var stored in inside.Where(stored => stored.Body["metadata"]!["deletionTimestamp"] is null))
        {
            _registry.Delete(stored.Kind, ns, stored.Name);
        }

        if (inside.Count == 0)
        {
            _ending.Remove(ns);
            _registry.Change(Kinds.Namespace, null, ns, made => made["spec"]!.AsObject().Remove("finalizers"));
        }
    }
}
