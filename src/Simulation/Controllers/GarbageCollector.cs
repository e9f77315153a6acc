using System.Text.Json.Nodes;
using Stepper.Simulation.Api;

namespace Stepper.Simulation.Controllers;

/// <summary>Ends what belonged to an object that is gone; for an object deleted in the foreground, before it goes.</summary>
internal sealed class GarbageCollector
{
    private const string Foreground = "foregroundDeletion";
    private const string Orphan = "orphan";
    private readonly ControlPlane _plane;
    private readonly Dictionary<string, Dictionary<string, (ResourceKind Kind, ObjectKey Key)>> _dependents = new(StringComparer.Ordinal);
    private readonly HashSet<string> _there = new(StringComparer.Ordinal);

    public GarbageCollector(ControlPlane plane)
    {
        _plane = plane;
        plane.Store.Changed += Follow;
    }

    /// <summary>How long it takes to come to something; a busy one takes minutes.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(60);

    private void Follow(StoreChange change)
    {
        var uid = change.Object.Uid();
        if (change.Type == ChangeType.Deleted)
        {
            _there.Remove(uid);
            Forget(change.Object);
            if (_dependents.ContainsKey(uid))
            {
                Later(() => EndDependents(uid));
            }

            return;
        }

        if (change.Type == ChangeType.Added)
        {
            _there.Add(uid);
            Remember(change.Kind, change.Object);
        }

        if (change.Object.IsBeingDeleted() && change.Object.Words("metadata", "finalizers").Any(finalizer => finalizer is Foreground or Orphan))
        {
            Later(() => Finalize(change.Kind, change.Object.Key(), uid));
        }
    }

    private void Later(Action action) => _plane.Time.After(Delay, () => _plane.WhenUp(action));

    private void Remember(ResourceKind kind, JsonObject body)
    {
        foreach (var owner in body.Items("metadata", "ownerReferences").Select(owner => owner.Text("uid")))
        {
            if (!_dependents.TryGetValue(owner, out var dependents))
            {
                _dependents[owner] = dependents = new(StringComparer.Ordinal);
            }

            dependents[body.Uid()] = (kind, body.Key());
            if (!_there.Contains(owner))
            {
                Later(() => EndDependents(owner));
            }
        }
    }

    private void Forget(JsonObject body)
    {
        foreach (var owner in body.Items("metadata", "ownerReferences").Select(owner => owner.Text("uid")))
        {
            if (!_dependents.TryGetValue(owner, out var dependents))
            {
                continue;
            }

            dependents.Remove(body.Uid());
            if (dependents.Count == 0)
            {
                _dependents.Remove(owner);
            }
        }
    }

    private void EndDependents(string owner)
    {
        foreach (var dependent in Dependents(owner))
        {
            if (_plane.Store.Find(dependent.Kind, dependent.Key.Namespace, dependent.Key.Name) is { } body && !body.IsBeingDeleted())
            {
                _plane.Delete(dependent.Kind, body);
            }
        }
    }

    private void Finalize(ResourceKind kind, ObjectKey key, string uid)
    {
        if (_plane.Store.Find(kind, key.Namespace, key.Name) is not { } body || body.Uid() != uid)
        {
            return;
        }

        var finalizers = body.Words("metadata", "finalizers").ToList();
        if (finalizers.Contains(Orphan))
        {
            Orphanize(uid);
        }
        else
        {
            EndDependents(uid);
            if (Dependents(uid).Count > 0)
            {
                Later(() => Finalize(kind, key, uid));
                return;
            }
        }

        _plane.Change(kind, key, changed => changed["metadata"]!["finalizers"] =
            new JsonArray([.. finalizers.Where(finalizer => finalizer is not Foreground and not Orphan).Select(finalizer => JsonValue.Create(finalizer))]));
    }

    private void Orphanize(string owner)
    {
        foreach (var (kind, key) in Dependents(owner))
        {
            _plane.Change(kind, key, changed =>
            {
                var references = changed["metadata"]!["ownerReferences"]!.AsArray();
                references.RemoveAll(reference => reference.Text("uid") == owner);
            });
        }

        _dependents.Remove(owner);
    }

    private List<(ResourceKind Kind, ObjectKey Key)> Dependents(string owner) =>
        _dependents.TryGetValue(owner, out var dependents) ? [.. dependents.Values] : [];
}
