namespace Stepper.Simulation.Api;

/// <summary>The objects of one kind, in the order of namespace and name; also by the node that they are on, which is how a node's pods are found.</summary>
internal sealed class ObjectShelf
{
    private readonly SortedDictionary<string, SortedDictionary<string, StoredObject>> _byNamespace = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<StoredObject>> _byNode = new(StringComparer.Ordinal);

    public StoredObject? Find(string ns, string name) => _byNamespace.GetValueOrDefault(ns)?.GetValueOrDefault(name);

    public IEnumerable<StoredObject> List(string? ns) =>
        ns is null ? _byNamespace.Values.SelectMany(named => named.Values)
        : _byNamespace.TryGetValue(ns, out var there) ? there.Values
        : [];

    public IEnumerable<StoredObject> OnNode(string node) => _byNode.TryGetValue(node, out var there) ? there : [];

    public void Put(StoredObject stored, StoredObject? old)
    {
        if (old is not null)
        {
            Forget(old);
        }

        if (!_byNamespace.TryGetValue(stored.Namespace, out var named))
        {
            _byNamespace[stored.Namespace] = named = new(StringComparer.Ordinal);
        }

        named[stored.Name] = stored;
        if (NodeOf(stored) is { } node)
        {
            if (!_byNode.TryGetValue(node, out var there))
            {
                _byNode[node] = there = new(KeyOrder.Instance);
            }

            there.Add(stored);
        }
    }

    public void Take(StoredObject stored)
    {
        Forget(stored);
        var named = _byNamespace[stored.Namespace];
        named.Remove(stored.Name);
        if (named.Count == 0)
        {
            _byNamespace.Remove(stored.Namespace);
        }
    }

    private void Forget(StoredObject stored)
    {
        if (NodeOf(stored) is { } node)
        {
            _byNode[node].Remove(stored);
        }
    }

    private static string? NodeOf(StoredObject stored) => stored.Kind == Kinds.Pod ? (string?)stored.Body["spec"]?["nodeName"] ?? "" : null;

    private sealed class KeyOrder : IComparer<StoredObject>
    {
        public static KeyOrder Instance { get; } = new();

        public int Compare(StoredObject? x, StoredObject? y)
        {
            var order = string.CompareOrdinal(x!.Namespace, y!.Namespace);
            return order != 0 ? order : string.CompareOrdinal(x.Name, y.Name);
        }
    }
}
