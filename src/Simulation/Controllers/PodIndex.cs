using System.Text.Json.Nodes;
using Stepper.Simulation.Api;

namespace Stepper.Simulation.Controllers;

/// <summary>Finds pods by node, by controller and by namespace without looking at all of them. Lists are in the order of namespace and name.</summary>
internal sealed class PodIndex
{
    private readonly Dictionary<string, SortedDictionary<string, JsonObject>> _byNode = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<string, JsonObject>> _byController = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<string, JsonObject>> _byNamespace = new(StringComparer.Ordinal);

    public PodIndex(ObjectStore store) => store.Changed += Follow;

    public IReadOnlyCollection<JsonObject> OnNode(string node) => Of(_byNode, node);

    public IReadOnlyCollection<JsonObject> OwnedBy(string uid) => Of(_byController, uid);

    public IReadOnlyCollection<JsonObject> In(string ns) => Of(_byNamespace, ns);

    private static IReadOnlyCollection<JsonObject> Of(Dictionary<string, SortedDictionary<string, JsonObject>> index, string key) =>
        index.TryGetValue(key, out var pods) ? pods.Values : [];

    private void Follow(StoreChange change)
    {
        if (change.Kind != Kinds.Pod)
        {
            return;
        }

        if (change.Old is { } old)
        {
            Take(_byNode, old.NodeName(), old);
            Take(_byController, old.Controller().Text("uid"), old);
            Take(_byNamespace, old.Namespace(), old);
        }

        if (change.Type != ChangeType.Deleted)
        {
            Put(_byNode, change.Object.NodeName(), change.Object);
            Put(_byController, change.Object.Controller().Text("uid"), change.Object);
            Put(_byNamespace, change.Object.Namespace(), change.Object);
        }
    }

    private static void Put(Dictionary<string, SortedDictionary<string, JsonObject>> index, string key, JsonObject pod)
    {
        if (!index.TryGetValue(key, out var pods))
        {
            index[key] = pods = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        }

        pods[pod.Key().ToString()] = pod;
    }

    private static void Take(Dictionary<string, SortedDictionary<string, JsonObject>> index, string key, JsonObject pod)
    {
        if (index.TryGetValue(key, out var pods))
        {
            pods.Remove(pod.Key().ToString());
        }
    }
}
